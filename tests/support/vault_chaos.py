"""A relay that files while its store fails at random and while it is killed at random; then what must hold is proven.

``python -m tests.support.vault_chaos --seed 7 --minutes 10``. The same seed gives the same faults in the same order;
which mail meets which is up to the machine. Real relay, real Ceph RGW, real SQLite, a proxy between.

What must hold: whoever was told 250 has a record whose every file is in the store, whole and locked; whatever else
lies there, the comparison explains, and there is no more of it than tries that failed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from tests.support import ceph
from tests.support.flaky import FlakyProxy
from tests.support.house import CARER, COLLEAGUE, OFFICER, House, letter
from tests.support.sink import Sink

BUCKET = "sallyport-vault"
_CLIENTS = 3
_EXPLAINED = {"orphan", "whole orphan", "second version"}


@dataclass
class Weather:
    """Which faults come when: one generator, seeded, asked in turn."""

    seed: int
    rng: random.Random = field(init=False)
    met: Counter[str] = field(default_factory=Counter)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    def dice(self) -> str:
        """The next request's fault; mostly none."""
        with self._turn:
            faults = ["request", "reply", "cut", "503", "507", "hang"]
            fault = self.rng.choices(["", *faults], [88, 2, 3, 2, 2, 2, 1])[0]
        self.met[fault or "none"] += 1
        return fault

    def change(self, proxy: FlakyProxy) -> str:
        """A spell of weather: fair, faults, slow, or nobody there at all."""
        with self._turn:
            spell = self.rng.choices(["fair", "faults", "slow", "down"], [1, 6, 1, 1])[0]
        proxy.down, proxy.rate = spell == "down", 200_000 if spell == "slow" else 0
        proxy.dice = self.dice if spell == "faults" else None
        self.met[f"spell {spell}"] += 1
        return spell


@dataclass
class Outcome:
    """What the clients were told."""

    accepted: dict[str, str] = field(default_factory=dict)  # digest: subject
    failed: int = 0
    kills: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def mail(number: int) -> tuple[bytes, str]:
    """Every other one is confidential: several sealed files; the others are one."""
    if number % 2:
        return letter(Message_ID=f"<chaos-{number}@council.example>"), CARER
    plain = EmailMessage(policy=SMTP)
    plain["From"], plain["To"], plain["Subject"] = OFFICER, COLLEAGUE, f"Rota {number}"
    plain["Date"], plain["Message-ID"] = "Mon, 23 Nov 2026 09:00:00 +0000", f"<chaos-{number}@council.example>"
    plain.set_content(f"The rota of week {number}.\n")
    return plain.as_bytes(), COLLEAGUE


def run(seed: int, seconds: float, folder: Path) -> dict[str, object]:
    """The chaos, and the proof; figures of it. Raises ``AssertionError`` where something does not hold."""
    weather, outcome, over = Weather(seed), Outcome(), threading.Event()
    with ceph.running() as s3, FlakyProxy(s3.endpoint) as proxy, Sink() as sink:
        extra = {
            "SALLYPORT_VAULT__STORE": "s3",
            "SALLYPORT_VAULT__ENDPOINT": proxy.endpoint,
            "SALLYPORT_VAULT__SECURE": "false",
            "SALLYPORT_VAULT__BUCKET": BUCKET,
            "SALLYPORT_VAULT__ACCESS_KEY": s3.access_key,
            "SALLYPORT_VAULT__SECRET_KEY": s3.secret_key,
        }
        house = House(folder, sink.port, extra=extra).set_up()
        clients = [
            threading.Thread(target=_send, args=(house, outcome, over, n), daemon=True) for n in range(1, _CLIENTS + 1)
        ]
        for client in clients:
            client.start()
        _weather(house, weather, outcome, proxy, time.monotonic() + seconds)
        proxy.down, proxy.rate, proxy.dice = False, 0, None
        with house.relay():
            over.set()
            for client in clients:
                client.join(120)
                assert not client.is_alive(), "a mail was never taken, though all is well again"
        return _prove(house, outcome, s3) | {"seed": seed, "weather": dict(sorted(weather.met.items()))}


def _weather(house: House, weather: Weather, outcome: Outcome, proxy: FlakyProxy, until: float) -> None:
    """One relay after the other, each killed after a while."""
    while time.monotonic() < until:
        with house.relay("tests.support.hasty_relay") as relay:
            for _ in range(weather.rng.randint(1, 4)):
                weather.change(proxy)
                time.sleep(weather.rng.uniform(0.2, 2))
            relay.kill()
            relay.wait()
            outcome.kills += 1


def _send(house: House, outcome: Outcome, over: threading.Event, number: int) -> None:
    """As a mail server: again until it is taken, then the next one. At the end the last one is still got rid of."""
    while True:
        content, recipient = mail(number)
        while not (answer := _submitted(house, content, recipient)).startswith("250"):
            with outcome.lock:
                outcome.failed += "ConnectionRefused" not in answer  # those never came to a relay
            time.sleep(0.2)
        with outcome.lock:
            outcome.accepted[hashlib.sha256(content).hexdigest()] = recipient
        if over.is_set():
            return
        number += _CLIENTS


def _submitted(house: House, content: bytes, recipient: str) -> str:
    try:
        return house.submit(content, (recipient,))
    except OSError as error:  # nobody listens just now
        return f"000 {type(error).__name__}"


def _prove(house: House, outcome: Outcome, s3: ceph.Ceph) -> dict[str, object]:
    """Past proxy and relay: rows by SQL, files from the store itself, then the product's own comparison."""
    store = s3.store(BUCKET)
    with sqlite3.connect(house.home / "var" / "sallyport.sqlite3") as database:
        records = dict(database.execute("SELECT digest, id FROM vault_vaultrecord").fetchall())
        files = database.execute("SELECT record_id, key, version, sealed_sha256 FROM vault_vaultobject").fetchall()
    lost = [digest for digest in outcome.accepted if digest not in records]
    assert not lost, f"{len(lost)} acknowledged mails have no record"
    assert {record for record, *_ in files} == set(records.values()), "a record without files"
    for record, key, version, digest in files:
        assert hashlib.sha256(b"".join(store.get(key, version))).hexdigest() == digest, f"{record}: other bytes"
        assert store.stat(key, version).locked_until, f"{record}: no lock"
    house.extra["SALLYPORT_VAULT__ENDPOINT"] = s3.endpoint
    done = house.command("vault", "reconcile", "--bytes", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.findall(r"^([a-z -]+): ", done.stdout, re.MULTILINE)
    assert set(told) <= {"young orphan", "second version"}, done.stdout
    later = _explained(house)
    strays = {record for kind, record in later if kind != "second version"}
    assert {kind for kind, _ in later} <= _EXPLAINED, later
    assert not strays & set(records.values())
    assert len(strays) <= outcome.failed, "more strays than tries that failed"
    return {
        "acknowledged": len(outcome.accepted),
        "files": len(files),
        "failed tries": outcome.failed,
        "kills": outcome.kills,
        "left behind": dict(Counter(kind for kind, _ in later)),
    }


def _explained(house: House) -> list[tuple[str, str]]:
    """What the comparison would say of the strays when they are not young any more: kind and record."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.vault_chaos", "--explain"],
        env=house.environment(), cwd=house.folder, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    return [(kind, record) for kind, record in json.loads(done.stdout)]


def _explain() -> None:
    from cli.frame import framed

    settings = framed()
    from gateway.bootstrap import build_store
    from gateway.clock import SystemClock
    from vault.reconcile.listing import Listing

    listing, cursor, found = Listing(build_store(settings), SystemClock().now() + timedelta(days=2)), "", []
    while (page := listing.page(cursor)).cursor is not None:
        found += [(f.kind, f.record) for f in page.findings]
        cursor = page.cursor
    sys.stdout.write(json.dumps(found))


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--explain", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.explain:
        _explain()
        return
    sys.stdout.write(f"seed {chosen.seed}\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(json.dumps(run(chosen.seed, chosen.minutes * 60, Path(folder)), indent=2) + "\n")


if __name__ == "__main__":
    main()
