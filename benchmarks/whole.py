"""Whole mails, from the client to the next hop: five kinds in four sizes, through the relay and through others.

Everybody is up for the whole run, and they take turns, so that a drifting machine hits all alike. For each there is the
rate, and the processor time a mail of all their processes, which says more where a machine has other work too. The
relay in two processes goes beside a hand-tuned aiosmtpd forwarder in as many (``benchmarks/forwarder.py``); without
classification or vault, or with its readers on one core, it is ``benchmarks/partial_relay.py``. What did not become of
a mail what should ends the run.

``python -m benchmarks.whole PICTURE`` draws the table as well.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from benchmarks import encryption, family, load, report, whole_picture
from benchmarks.report import Row
from benchmarks.rivals import FORWARDER, SINK, Taker, all_of_them, next_hop
from benchmarks.specimens import KB, KINDS, MB, SMALL, Kind, mails
from tests.support.house import CARER, House, free_port
from tests.support.pickups import picking_up

_ROUNDS, _SESSIONS = 3, 8
_SIZES = {SMALL: 200, 244 * KB: 120, 7 * MB: 3, 25 * MB: 1}
"""And how many mails a round: enough that a reader which is replaced does not decide it."""
_NAMES = {SMALL: "5 KB", 244 * KB: "244 KB", 7 * MB: "7 MB", 25 * MB: "25 MB"}
_MIDDLE = 244 * KB
PLAIN, OPENPGP = KINDS[0], KINDS[1]
TWO, ONE, ONE_CORE = "Sallyport, 2 processes", "Sallyport, 1 process", "Sallyport, 1 process on one core"
_PARTIAL = {
    ONE_CORE: "",
    "Sallyport without classification": "classifiers",
    "Sallyport without vault": "vault",
    "Sallyport without both": "classifiers,vault",
}
_A_CORE = str(min(os.sched_getaffinity(0)))


class Speed(NamedTuple):
    """Mails a second; milliseconds of processor a mail."""

    rate: float
    spent: float

    def __str__(self) -> str:
        return f"{self.rate:.{0 if self.rate > 20 else 1}f} /s, {self.spent:.{0 if self.spent > 100 else 1}f} ms"


Results = Mapping[tuple[int, str, str], Speed]
"""By size, kind and who."""


def measure(folder: Path) -> Iterator[Row]:
    """The table."""
    yield from rows(results(folder), encryption.alone(_MIDDLE))


def results(folder: Path) -> Results:
    """All of it, the middle ones of the rounds."""
    hop, found = free_port(), {}
    with next_hop(hop), ExitStack() as stack:
        houses = {name: House(_made(folder / str(n)), hop) for n, name in enumerate((TWO, ONE, *_PARTIAL))}
        ours = {name: _relay(stack, name, house) for name, house in houses.items()}
        key = (houses[TWO].folder / f"{CARER}.pub").read_bytes()
        rivals = stack.enter_context(all_of_them(hop, folder, key))
        for size, number in _SIZES.items():
            for kind in KINDS:
                takers = [ours[name] for name in _who(kind, size)] + (
                    rivals[:: 1 if size <= _MIDDLE else 2] if kind is PLAIN else []
                )
                print(f"  {_NAMES[size]}, {kind.name} ...", file=sys.stderr)
                for name, speed in _in_turn(takers, kind, size, number).items():
                    found[size, kind.name, name] = speed
        for house in houses.values():
            _check_fates(house)
    return found


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _relay(stack: ExitStack, name: str, house: House) -> Taker:
    picking_up(house.set_up(), free_port())
    house.extra |= {"SALLYPORT_SERVICE__PHONE": "01962 555 0100", "SALLYPORT_JOURNAL__LEASE_SECONDS": "600"}
    house.extra |= {"SALLYPORT_SERVICE__NOTICES_AN_HOUR": "100000", "SALLYPORT_SANDBOX__WORKERS": "2"}
    module = ["benchmarks.partial_relay"] if name in _PARTIAL else []
    processes = "1" if name in {ONE, ONE_CORE} else "2"
    more = {"WITHOUT": _PARTIAL.get(name, ""), "CORE": _A_CORE if name == ONE_CORE else ""}
    more["SALLYPORT_RELAY__PROCESSES"] = processes
    process = stack.enter_context(house.relay(*module, **more))
    while processes == "2" and house.log().count("relay process is up") < 2:
        time.sleep(0.1)
    return Taker(name, house.port, family.Spending(process.pid).total)


def _who(kind: Kind, size: int) -> Sequence[str]:
    """Everything of the relay's where it tells something: for the small and the middle size, plain and OpenPGP."""
    return (TWO, ONE, *_PARTIAL) if size <= _MIDDLE and kind in {PLAIN, OPENPGP} else (TWO,)


def _in_turn(takers: Sequence[Taker], kind: Kind, size: int, number: int) -> dict[str, Speed]:
    """In each round anew. What a reader loads when it meets the first document, it has met at the middle size."""
    if size <= _MIDDLE:
        for taker in takers:
            load.run(taker.port, mails(kind, size, 4), kind.recipient, 4)
    rounds = [{t.name: _speed(t, kind, size, number) for t in takers} for _ in range(_ROUNDS)]
    return {t.name: Speed(*map(statistics.median, zip(*(r[t.name] for r in rounds), strict=True))) for t in takers}


def _speed(taker: Taker, kind: Kind, size: int, number: int) -> Speed:
    these, before, begun = mails(kind, size, number), taker.spent(), time.perf_counter()
    load.run(taker.port, these, kind.recipient, min(_SESSIONS, number))
    taker.ended()
    return Speed(number / (time.perf_counter() - begun), (taker.spent() - before) / number * 1000)


def _check_fates(house: House) -> None:
    found = set(house.rows("SELECT DISTINCT recipient, fate FROM vault_journalentry"))
    wanted = {(kind.recipient, kind.fate) for kind in KINDS}
    if not found <= wanted:
        raise RuntimeError(f"not what should have become of these mails: {found - wanted}")


def rows(found: Results, alone: float) -> Iterator[Row]:
    """``alone``: milliseconds of processor that protecting the middle mail by OpenPGP takes by itself."""
    for (size, kind, name), speed in found.items():
        other = found[size, PLAIN.name, FORWARDER]
        what = f"{_NAMES[size]} {kind}: {name}" if name.startswith("Sallyport") else f"{_NAMES[size]}: {name}"
        yield Row(what, str(speed), f"forwarder {other}", speed.rate / other.rate)
    yield from _targets(found, alone)


def _targets(found: Results, alone: float) -> Iterator[Row]:
    """Those of the issue, each from the rows above."""
    small, middle = found[SMALL, PLAIN.name, TWO], found[_MIDDLE, OPENPGP.name, TWO]
    sink, forwarder = found[SMALL, PLAIN.name, SINK], found[SMALL, PLAIN.name, FORWARDER]
    one = found[SMALL, PLAIN.name, ONE_CORE]
    yield Row("5 KB plain, of the bare sink", str(small), str(sink), small.rate / sink.rate, 0.3)
    yield Row("5 KB plain, of the forwarder", str(small), str(forwarder), small.rate / forwarder.rate, 0.5)
    yield Row("5 KB plain, of 500 a second", str(small), "500 /s", small.rate / 500, 1)
    yield Row("244 KB classified, encrypted, filed, of 40 a second", str(middle), "40 /s", middle.rate / 40, 1)
    yield Row("the same, over protecting alone", str(middle), f"{alone:.1f} ms", middle.spent / alone, -3)
    yield Row(
        "5 KB plain, two processes on two cores over one on one", str(small), str(one), small.rate / one.rate, 1.8
    )


def main(picture: Path) -> None:
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as folder:
        os.environ["SALLYPORT_HOME"] = made  # where tests/support/house.py makes the service that it copies
        found, alone = results(Path(folder)), encryption.alone(_MIDDLE)
    report.show(list(rows(found, alone)))
    groups = {
        name: [(_label(k, who), speed) for (z, k, who), speed in found.items() if z == size]
        for size, name in _NAMES.items()
        if size in _SIZES
    }
    picture.write_text(whole_picture.draw(groups), encoding="utf-8")


def _label(kind: str, who: str) -> tuple[str, bool]:
    """Its words, and whether it is ours."""
    ours = who.startswith("Sallyport")
    return (f"{kind}: {who}" if ours else who), ours


if __name__ == "__main__":
    main(Path(sys.argv[1]))
