"""Identifiers beside Microsoft Presidio, same texts, same run: ``python -m benchmarks.classify.identifiers``.

Precision and recall by kind over texts with one identifier planted each, and texts with numbers that only look alike.
Presidio answers as by default, whatever the score. A date of birth is any date to it, which its precision there shows.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.classify.numbered_texts import Planted, texts
from benchmarks.classify.presidio import KNOWS, Presidio, available
from benchmarks.report import Row, show
from classifiers.identifiers import Identifiers
from domain.model import IdentifierKind as Kind
from domain.model import PageText, Place

_Find = Callable[[str], set[tuple[Kind, str]]]


@dataclass(slots=True)
class Score:
    """How often each kind was planted, found where planted, and found in all; CPU milliseconds a text."""

    planted: Counter[Kind] = field(default_factory=Counter)
    hit: Counter[Kind] = field(default_factory=Counter)
    found: Counter[Kind] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)

    def recall(self, kind: Kind) -> float:
        return self.hit[kind] / self.planted[kind]

    def precision(self, kind: Kind) -> float:
        return self.hit[kind] / self.found[kind] if self.found[kind] else 1.0


def score(find: _Find, planted: list[Planted]) -> Score:
    """One finder over all the texts."""
    result = Score()
    for one in planted:
        begun = time.process_time_ns()
        found = find(one.text)
        result.milliseconds.append((time.process_time_ns() - begun) / 1e6)
        result.planted.update(kind for kind, _ in one.values)
        result.found.update(kind for kind, _ in found)
        result.hit.update(kind for kind, value in one.values if (kind, value) in found)
    return result


def ours(text: str) -> set[tuple[Kind, str]]:
    """Sallyport's."""
    return {(i.kind, i.value) for i in _FINDER.find(PageText("1", Place.BODY, 1, text))}


_FINDER = Identifiers()


def _presidio() -> tuple[_Find, str]:
    engine = Presidio()
    return engine.find, f"Presidio with {engine.model or 'no spaCy model, its patterns alone'}"


def table() -> Table:
    """Both, by kind."""
    planted = list(texts())
    mine = score(ours, planted)
    find, name = _presidio() if available() else (None, "Presidio is not installed")
    other = score(_days(find), planted) if find else None
    result = Table("kind", "texts", "precision", "recall", "Presidio precision", "Presidio recall", title=name)
    for kind in mine.planted:
        theirs = ("", "") if other is None else ("-", "-") if kind not in KNOWS else _shares(other, kind)
        result.add_row(kind, str(mine.planted[kind]), *_shares(mine, kind), *theirs)
    slow = f"{statistics.median(other.milliseconds):.2f} ms" if other else ""
    result.add_row(
        "CPU a text, median", str(len(planted)), f"{statistics.median(mine.milliseconds):.2f} ms", "", slow, ""
    )
    return result


def _shares(score_: Score, kind: Kind) -> tuple[str, str]:
    return f"{score_.precision(kind):.1%}", f"{score_.recall(kind):.1%}"


def _days(find: _Find) -> _Find:
    """Presidio's dates, read as ours: by their numbers, or by the month's name."""

    def found(text: str) -> set[tuple[Kind, str]]:
        return {(kind, _iso(value) if kind is Kind.DATE_OF_BIRTH else value) for kind, value in find(text)}

    return found


def _iso(written: str) -> str:
    read = _FINDER.find(PageText("1", Place.BODY, 1, f"date of birth {written}"))
    return next((i.value for i in read if i.kind is Kind.DATE_OF_BIRTH), written)


def measure(_folder: Path) -> Iterator[Row]:
    """The rows of ``benchmarks/report.py``: all kinds together, and the time beside Presidio's."""
    planted = list(texts())
    mine = score(ours, planted)
    recall, precision = mine.hit.total() / mine.planted.total(), mine.hit.total() / mine.found.total()
    other = score(_presidio()[0], planted) if available() else None
    yield Row("identifiers found, all kinds", f"{recall:.1%}", "planted", recall)
    yield Row("identifiers that are ones, all kinds", f"{precision:.1%}", "found", precision)
    if other:
        ratio = statistics.median(other.milliseconds) / statistics.median(mine.milliseconds)
        speed = f"{statistics.median(mine.milliseconds):.2f} ms"
        yield Row(
            "identifiers in a text, beside Presidio", speed, f"{statistics.median(other.milliseconds):.2f} ms", ratio
        )


def main() -> int:
    """Prints the table and the rows."""
    Console().print(table())
    show(list(measure(Path())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
