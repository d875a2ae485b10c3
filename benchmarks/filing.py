"""Filing a mail in a real S3 server, beside raw PUTs by minio-py of as many files of the same sizes. Target: 60 %.

Both with a COMPLIANCE lock and tags, over as many threads, in turn, on one Ceph RGW. Ours also seals, reads back every
octet and the lock, and writes the rows and the index (SQLite).
"""

from __future__ import annotations

import io
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from benchmarks.report import Row

_THREADS, _ROUNDS, _LOCK = 4, 5, timedelta(minutes=10)
_KINDS = {
    "5 KB, nothing confidential, one file": (5_000, False, 60),
    "244 KB about one person, three files": (244_000, True, 20),
}


def measure(folder: Path) -> Iterator[Row]:
    """One row a kind of mail."""
    url = f"sqlite:///{folder}/filing.sqlite3"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.filing"],
        env=os.environ | {"SALLYPORT_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.django"},
        check=True,
        stdout=subprocess.PIPE,
    )
    for name, ours, raw, ratio in json.loads(done.stdout.splitlines()[-1]):
        yield Row(f"filing in Ceph RGW: {name}", f"{ours:.0f} mails/s", f"raw PUTs {raw:.0f} /s", ratio, 0.6)


def _measure() -> list[tuple[str, float, float, float]]:
    """Name, mails a second by us and by raw PUTs (medians), and the median of the rounds' ratios."""
    from django.core.management import call_command  # noqa: PLC0415 - after the environment is set

    from tests.support import ceph  # noqa: PLC0415 - the same

    call_command("migrate", verbosity=0)
    with ceph.running() as server, tempfile.TemporaryDirectory() as folder:
        return [_compared(name, server, Path(folder) / str(n), kind) for n, (name, kind) in enumerate(_KINDS.items())]


def _compared(name: str, server: object, folder: Path, kind: tuple[int, bool, int]) -> tuple[str, float, float, float]:
    from tests.support.vaults import House  # noqa: PLC0415 - Django first

    size, confidential, mails = kind
    folder.mkdir()
    house = House(folder)
    house.store = store = server.store(f"b-{random.getrandbits(40):x}")  # type: ignore[attr-defined]
    filer = house.filer()
    now = house.clock.now()

    def ours(number: int) -> tuple[str, ...]:
        keys: tuple[str, ...] = filer.file(_filing(number, size, confidential=confidential), now).objects
        return keys

    raw = _raw(store, [store.stat(key).size for key in ours(-1)])
    rounds = [(_rate(ours, range(r * mails, (r + 1) * mails)), _rate(raw, range(mails))) for r in range(_ROUNDS)]
    mine, theirs = zip(*rounds, strict=True)
    return name, statistics.median(mine), statistics.median(theirs), statistics.median(a / b for a, b in rounds)


def _rate(work: Callable[[int], object], numbers: Sequence[int]) -> float:
    """A second."""
    with ThreadPoolExecutor(_THREADS) as pool:
        begun = time.perf_counter()
        list(pool.map(work, numbers))
        return len(numbers) / (time.perf_counter() - begun)


def _raw(store: object, sizes: Sequence[int]) -> Callable[[int], None]:
    """Puts files of these sizes, and nothing else, by the same client over the same kept connections."""
    from minio.commonconfig import COMPLIANCE, Tags  # noqa: PLC0415 - only where it is measured
    from minio.retention import Retention  # noqa: PLC0415 - the same

    from gateway.clock import SystemClock  # noqa: PLC0415 - the same

    client, bucket = store._client, store._bucket  # type: ignore[attr-defined]  # noqa: SLF001 - the very same client
    retention = Retention(COMPLIANCE, (SystemClock().now() + _LOCK).replace(microsecond=0))
    tags = Tags.new_object_tags()
    tags.update({"class": "medical", "subject": "p-1", "retain-until": "2034-01-01", "decision": "ENCRYPT"})
    contents = [os.urandom(size) for size in sizes]

    def put(_: int) -> None:
        for content in contents:
            key = f"raw/{random.getrandbits(80):x}"
            client.put_object(bucket, key, io.BytesIO(content), len(content), tags=tags, retention=retention)

    return put


def _filing(number: int, size: int, *, confidential: bool) -> object:
    from tests.support import vaults  # noqa: PLC0415 - Django first

    rng = random.Random(number)
    words = " ".join(rng.choices(["garden", "tuesday", "gloves", "flask", "bus", "tea", "visit", "ring"], k=size // 6))
    head = f"Subject: {number}\r\nMessage-ID: <{number}@council.example>\r\n\r\n"
    if not confidential:
        return vaults.plain((head + words).encode())
    from domain.model import Category  # noqa: PLC0415 - beside its use
    from domain.ports import FiledPart  # noqa: PLC0415 - the same
    from tests.build import ANN  # noqa: PLC0415 - the same

    part = FiledPart(vaults.part(words.encode()[: size // 2]), frozenset([ANN]), frozenset([Category.MEDICAL]))
    return vaults.filing(part, raw=(head + words[: size // 2]).encode())


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(_measure()))
