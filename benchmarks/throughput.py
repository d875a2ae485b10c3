"""5 KB plain mails a second through the whole pipeline, beside a bare aiosmtpd sink. Target: 30 %."""

from __future__ import annotations

import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks import load
from benchmarks.report import Row
from tests.support.house import House, free_port

_MAILS, _ROUNDS, _SIZE = 600, 3, 5 * 1024


@contextmanager
def sink(port: int) -> Iterator[None]:
    """The baseline, as its own process."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.sink", str(port)])
    try:
        for _ in range(200):
            with suppress(OSError), smtplib.SMTP("127.0.0.1", port):
                break
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


def measure(folder: Path) -> Iterator[Row]:
    """Baseline and relay in turn, so that a drifting machine hits both."""
    hop = free_port()
    with sink(hop):
        house = House(folder, hop).set_up()
        with house.relay(SALLYPORT_SANDBOX__WORKERS="2"):
            bare, ours = [], []
            load.run(house.port, [load.plain(n, _SIZE) for n in range(50)], "friend@else.example", 4)
            for _ in range(_ROUNDS):
                mails = [load.plain(n, _SIZE) for n in range(_MAILS)]
                bare.append(load.run(hop, mails, "friend@else.example", 8))
                ours.append(load.run(house.port, mails, "friend@else.example", 8))
    ratio = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
    yield Row(
        "5 KB plain mail, relayed, filed, recorded",
        f"{statistics.median(ours):.0f} /s",
        f"bare aiosmtpd sink {statistics.median(bare):.0f} /s",
        ratio,
        0.30,
    )
