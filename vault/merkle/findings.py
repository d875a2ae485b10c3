"""What ``sallyport audit verify`` can find, in words for whoever has to act on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Tampering(StrEnum):
    """What it looks like."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "cut off at the end"
    ROLLED_BACK = "rolled back"
    REWRITTEN = "rewritten"
    FORGED = "forged"
    SPLIT = "two histories"
    CHECKPOINT_GONE = "a checkpoint is gone"
    TREE_DAMAGED = "the tree's own hashes were changed"
    NOT_LOGGED = "not logged"
    NOT_WITNESSED = "not countersigned"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``index`` is the place in the log where it begins, ``sequence`` the event's number."""

    kind: Tampering
    says: str
    index: int | None = None
    sequence: int | None = None


@dataclass(slots=True)
class Report:
    """What was looked at, and the findings, the first ones in full: ``more`` counts those beyond."""

    events: int = 0
    checkpoints: int = 0
    others: int = 0
    witnessed: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    _most: int = 50

    def add(self, found: Iterable[Finding]) -> None:
        """Keep them, the first fifty."""
        for finding in found:
            if len(self.findings) < self._most:
                self.findings.append(finding)
            else:
                self.more += 1

    @property
    def good(self) -> bool:
        """Nothing was found."""
        return not self.findings

    def first(self) -> Finding | None:
        """The one that begins first in the log; without a place, the first that was found."""
        placed: Iterator[Finding] = (f for f in self.findings if f.index is not None)
        return min(placed, key=lambda f: f.index or 0, default=self.findings[0] if self.findings else None)
