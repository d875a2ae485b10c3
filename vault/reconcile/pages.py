"""Long lists in pieces, each of which is written down before the next is begun."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from vault.objects.port import Version
from vault.reconcile.findings import Finding

PAGE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """What one piece gave. ``cursor`` is where the next begins, None at the end; ``looked`` how many files or rows."""

    cursor: str | None
    looked: int = 0
    findings: tuple[Finding, ...] = ()


def whole_keys(versions: Iterable[Version], size: int = PAGE) -> Iterator[list[Version]]:
    """Pieces of at least ``size`` that do not part the versions of one key: the next piece begins behind a key."""
    piece: list[Version] = []
    for _, of_one in groupby(versions, key=lambda v: v.key):
        piece += of_one
        if len(piece) >= size:
            yield piece
            piece = []
    if piece:
        yield piece
