"""Filing a mail in a real S3 server, beside raw PUTs of as many files of the same sizes by minio-py. Target: 60 %.

Both with a COMPLIANCE lock and tags, from as many threads, in turn, on one Ceph RGW. The raw PUTs are by minio-py as
its manual says, on its own connections; how many there would be over ours (``vault/objects/line.py``) stands beside.
Filing also seals, reads back every octet and the lock, and writes the rows and the search's index row (SQLite). The
processor's time, the server's too, says more than the rates do where other work has the machine.
"""

from __future__ import annotations

import gc
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
from typing import Any

from benchmarks import family
from benchmarks.report import Row

_THREADS, _ROUNDS, _LOCK = 4, 5, timedelta(minutes=10)
_KINDS = {
    "5 KB, nothing confidential, one file": (5_000, False, 200),
    "244 KB about one person, three files": (244_000, True, 60),
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
    for name, ours, raw, lean, ratio in json.loads(done.stdout.splitlines()[-1]):
        yield Row(
            f"filing in Ceph RGW: {name}",
            f"{ours[0]:.0f} mails/s, {ours[1]:.1f} ms of processor",
            f"raw PUTs by minio-py {raw[0]:.0f} /s, {raw[1]:.1f} ms (over our line {lean[0]:.0f} /s, {lean[1]:.1f} ms)",
            ratio,
            0.6,
        )


_Speed = tuple[float, float]
"""Mails a second; milliseconds of processor a mail."""


def _measure() -> list[tuple[str, _Speed, _Speed, _Speed, float]]:
    """Name; how quick we are, raw PUTs, raw PUTs over our line (medians); the median of the rounds' ratios."""
    from django.core.management import call_command  # noqa: PLC0415 - after the environment is set

    from tests.support import ceph  # noqa: PLC0415 - the same

    call_command("migrate", verbosity=0)
    with ceph.running() as server, tempfile.TemporaryDirectory() as folder:
        return [_compared(name, server, Path(folder) / str(n), kind) for n, (name, kind) in enumerate(_KINDS.items())]


def _compared(
    name: str, server: Any, folder: Path, kind: tuple[int, bool, int]
) -> tuple[str, _Speed, _Speed, _Speed, float]:
    from minio import Minio  # noqa: PLC0415 - only where it is measured

    from tests.support.vaults import House  # noqa: PLC0415 - Django first
    from vault.search.tokens import Keyed  # noqa: PLC0415 - the same

    size, confidential, mails = kind
    folder.mkdir()
    house, bucket = House(folder), f"b-{random.getrandbits(40):x}"
    house.store = store = server.store(bucket)
    filer = house.filer(keyed=Keyed(os.urandom(32)))
    now = house.clock.now()
    made = [_filing(number, size, confidential=confidential) for number in range(-1, _ROUNDS * mails)]
    sizes = [store.stat(key).size for key in filer.file(made.pop(0), now).objects]
    plain = Minio(server.endpoint, server.access_key, server.secret_key, secure=False, region="us-east-1")
    raw, lean = _raw(plain, bucket, sizes), _raw(store._client, bucket, sizes)  # noqa: SLF001 - over the very same line
    gc.freeze()  # as the relay does
    rounds = [
        (
            _speed(lambda filing: filer.file(filing, now), made[r * mails : (r + 1) * mails], server),
            _speed(raw, range(mails), server),
            _speed(lean, range(mails), server),
        )
        for r in range(_ROUNDS)
    ]
    mine, theirs, leaner = (
        (statistics.median(r for r, _ in way), statistics.median(p for _, p in way))
        for way in zip(*rounds, strict=True)
    )
    return name, mine, theirs, leaner, statistics.median(a[0] / b[0] for a, b, _ in rounds)


def _speed(work: Callable[[Any], object], these: Sequence[Any], server: Any) -> _Speed:
    """The processor's time is ours and the server's: on one machine the rate is made of both."""
    before = _spent(server)
    with ThreadPoolExecutor(_THREADS) as pool:
        begun = time.perf_counter()
        list(pool.map(work, these))
        taken = time.perf_counter() - begun
    return len(these) / taken, (_spent(server) - before) / len(these) * 1000


def _spent(server: Any) -> float:
    return time.process_time() + sum(map(family.spent, server.processes()))


def _raw(client: Any, bucket: str, sizes: Sequence[int]) -> Callable[[int], None]:
    """Puts files of these sizes, and nothing else."""
    from minio.commonconfig import COMPLIANCE, Tags  # noqa: PLC0415 - only where it is measured
    from minio.retention import Retention  # noqa: PLC0415 - the same

    from gateway.clock import SystemClock  # noqa: PLC0415 - the same

    retention = Retention(COMPLIANCE, (SystemClock().now() + _LOCK).replace(microsecond=0))
    tags = Tags.new_object_tags()
    tags.update({"class": "medical", "subject": "p-1", "retain-until": "2034-01-01", "decision": "ENCRYPT"})
    contents = [os.urandom(size) for size in sizes]

    def put(_: int) -> None:
        for content in contents:
            key = f"raw/{random.getrandbits(80):x}"
            client.put_object(bucket, key, io.BytesIO(content), len(content), tags=tags, retention=retention)

    return put


def _filing(number: int, size: int, *, confidential: bool) -> Any:
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
