"""How long a mail waits for its answer, by how many come a second: ``make bench ARGS=load``, drawn as a picture.

Mails of 5 KB come at even times whether or not those before were answered, as the world's do: so a relay that falls
behind is not spared, and each wait counts from the moment at which the mail should have been sent. Half of them are
confidential and are encrypted. Beyond what the relay can do it must say 451 or 421, and stay within the ten minutes of
RFC 5321. ``LOAD_RATES`` (mails a second) and ``LOAD_SECONDS`` change what is tried.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import curves, load
from benchmarks.lines import Lines
from benchmarks.report import Row
from benchmarks.throughput import sink, until_all_are_up
from tests.support.house import CARER, ROOT, House, free_port, letter

PICTURE = ROOT / "docs" / "pictures" / "latency-against-load.svg"
_RATES, _SECONDS = "10,25,50,75,100,125,150,200,300", 20.0
_PLAIN_TO = "friend@else.example"
_PATIENCE = 30.0
"""Seconds after which a client that finds no place gets 451 (``gateway/smtp/house.py``)."""


@dataclass
class Step:
    """One rate: ``offered`` a second, seconds that each answer took, and the answers by their code."""

    offered: float
    waited: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    took: float = 0.0

    def at(self, share: float) -> float:
        """A percentile, in seconds, of those who were served."""
        return sorted(self.waited)[round(share * (len(self.waited) - 1))] if self.waited else 0.0

    @property
    def served(self) -> float:
        """A second."""
        return self.answers["250"] / self.took


async def _offer(port: int, rate: float, seconds: float) -> Step:
    """Mails at even times, each by a task of its own."""
    step, lines, work = Step(rate), Lines(port), []
    begun = time.perf_counter()
    for number in range(round(rate * seconds)):
        due = begun + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        work.append(asyncio.create_task(_one(lines, step, number, due)))
    await asyncio.gather(*work)
    step.took = time.perf_counter() - begun
    lines.close()
    return step


async def _one(lines: Lines, step: Step, number: int, due: float) -> None:
    confidential = number % 2
    name = f"<{number}.{time.time_ns()}@council.example>"
    mail = letter(Message_ID=name) if confidential else load.plain(number, 5 * 1024)
    code = await lines.send(mail, CARER if confidential else _PLAIN_TO)
    step.answers[code] += 1
    if code == "250":
        step.waited.append(time.perf_counter() - due)


def measure(folder: Path) -> Iterator[Row]:
    """A row a rate; the picture besides."""
    rates = [float(word) for word in os.environ.get("LOAD_RATES", _RATES).split(",")]
    seconds = float(os.environ.get("LOAD_SECONDS", _SECONDS))
    hop, steps = free_port(), []
    with sink(hop):
        house = House(folder, hop).set_up()
        with house.relay(
            SALLYPORT_SANDBOX__WORKERS="2", SALLYPORT_RELAY__PROCESSES="0", SALLYPORT_JOURNAL__LEASE_SECONDS="60"
        ):
            until_all_are_up(house)
            asyncio.run(_offer(house.port, 20, 5))  # readers warm
            for rate in rates:
                steps.append(asyncio.run(_offer(house.port, rate, seconds)))
                yield _row(steps[-1])
    PICTURE.write_text(picture(steps), encoding="utf-8")


def _row(step: Step) -> Row:
    others = {code: count for code, count in sorted(step.answers.items()) if code != "250"}
    waited = f"{step.at(0.5):.2f} s, 95 %: {step.at(0.95):.2f} s, most {step.at(1):.2f} s"
    ours = f"{step.served:.0f} /s served; waited {waited}"
    told = f"; {others}" if others else ""
    return Row(f"{step.offered:g} mails a second", ours + told, f"{_PATIENCE:g} s", step.at(1) / _PATIENCE, -2)


def picture(steps: Sequence[Step]) -> str:
    """Waits, and what was served, by what was offered."""
    said = "; ".join(
        f"{s.offered:g} /s offered: {s.served:.0f} /s served, median {s.at(0.5):.2f} s, 95 % within {s.at(0.95):.2f} s"
        for s in steps
    )
    shares = (("half of the mails", 0.5), ("95 of 100", 0.95), ("the slowest", 1.0))
    waits = [curves.Curve(words, [(s.offered, s.at(share)) for s in steps]) for words, share in shares]
    turned = [(s.offered, (sum(s.answers.values()) - s.answers["250"]) / s.took) for s in steps]
    rates = [
        curves.Curve("served (250)", [(s.offered, s.served) for s in steps]),
        curves.Curve("told to come back (451, 421)", turned),
    ]
    across = "mails offered a second, half of them to be encrypted"
    limit = (_PATIENCE, "patience: who has waited so long for a place gets 451")
    panels = [
        curves.Panel("Seconds until the answer", across, waits, limit if waits[-1].points[-1][1] > 5 else None),
        curves.Panel("Mails a second", across, rates),
    ]
    return curves.draw("What a mail waits for its answer, by the load", panels, said)
