"""How well labelled documents are told apart: recall, false alarms, per class figures, confusion, reliability.

Purpose: the same figures for the model card and the benchmark. Trust: ours. Failure: none; shares of nothing are 0.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.model import Category

Kinds = frozenset[Category]
FIRES = 0.5
_Z = 1.959964
"""The normal distribution's quantile for 95 %."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A document's true kinds, and what was said: a likelihood a category."""

    source: str
    name: str
    kinds: Kinds
    said: Mapping[Category, float]

    @property
    def likelihood(self) -> float:
        """Of being confidential at all: the most of any category."""
        return max(self.said.values(), default=0.0)

    @property
    def fired(self) -> Kinds:
        """The categories that count."""
        return frozenset(kind for kind, likelihood in self.said.items() if likelihood >= FIRES)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        """Between 0 and 1."""
        return self.part / self.whole if self.whole else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Between which two shares the true one lies with 95 % confidence (Wilson 1927)."""
        if not self.whole:
            return 0.0, 1.0
        spread = _Z**2 / self.whole
        middle = self.value + spread / 2
        half = _Z * math.sqrt((self.value * (1 - self.value) + spread / 4) / self.whole)
        return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))

    def __str__(self) -> str:
        return f"{self.value:.1%} ({self.part} of {self.whole})"


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One category's: ``right`` found and truly so, ``wrong`` found and not so, ``missed``."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Of what was called so, how much is so."""
        return Share(self.right, self.right + self.wrong).value

    @property
    def recall(self) -> float:
        """Of what is so, how much was called so."""
        return Share(self.right, self.right + self.missed).value

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return Share(2 * self.right, 2 * self.right + self.wrong + self.missed).value


def recall(judged: Iterable[Judged], threshold: float = FIRES) -> Share:
    """Of the confidential ones, how many were called confidential, of whatever kind."""
    found = [one.likelihood >= threshold for one in judged if one.kinds]
    return Share(sum(found), len(found))


def false_alarms(judged: Iterable[Judged], threshold: float = FIRES) -> Share:
    """Of the others, how many were called confidential."""
    found = [one.likelihood >= threshold for one in judged if not one.kinds]
    return Share(sum(found), len(found))


def by_class(judged: Sequence[Judged]) -> dict[Category, ClassFigures]:
    """Figures of every category that any of these documents is."""
    counts: dict[Category, Counter[str]] = {kind: Counter() for kind in Category}
    for one in judged:
        for kind in one.kinds | one.fired:
            what = "right" if kind in one.kinds & one.fired else "missed" if kind in one.kinds else "wrong"
            counts[kind][what] += 1
    present = {kind for one in judged for kind in one.kinds}
    return {k: ClassFigures(c["right"], c["wrong"], c["missed"]) for k, c in counts.items() if k in present}


def macro_f1(judged: Sequence[Judged]) -> float:
    """The mean of the categories' F1, each counted alike."""
    figures = by_class(judged)
    return sum(f.f1 for f in figures.values()) / len(figures) if figures else 0.0


def confusion(judged: Iterable[Judged]) -> dict[tuple[Category | None, Category | None], int]:
    """How often the likeliest kind that was said (None: nothing counted) met each true kind (None: not confidential).

    A document of two kinds counts as right where either was said.
    """
    counted: Counter[tuple[Category | None, Category | None]] = Counter()
    for one in judged:
        best = max(one.said, key=lambda k: one.said[k], default=None) if one.fired else None
        true = best if best in one.kinds else min(one.kinds, default=None)
        counted[true, best] += 1
    return dict(counted)


@dataclass(frozen=True, slots=True)
class Bin:
    """Documents of about one likelihood: how many, their mean likelihood, and the share that is confidential."""

    count: int
    mean: float
    share: float


def reliability(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> list[Bin]:
    """Equal-width bins of likelihood; empty ones are left out."""
    found: dict[int, list[tuple[float, bool]]] = {}
    for likelihood, true in pairs:
        found.setdefault(min(int(likelihood * bins), bins - 1), []).append((likelihood, true))
    return [
        Bin(len(each), sum(p for p, _ in each) / len(each), sum(t for _, t in each) / len(each))
        for _, each in sorted(found.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: by how much likelihood and share differ, weighted by documents (Naeini 2015)."""
    total = sum(b.count for b in bins)
    return sum(b.count * abs(b.mean - b.share) for b in bins) / total if total else 0.0
