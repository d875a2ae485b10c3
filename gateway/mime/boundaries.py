"""Cutting a multipart body at its delimiter lines (RFC 2046 section 5.1.1), by offsets.

A line that begins like a delimiter and goes on with something else is not one here, but would be
to a program that compares only the beginning, as the RFC allows: that is reported as doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TAIL = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\Z)")


@dataclass(slots=True)
class Cuts:
    """``parts`` are (start, end) offsets in order; ``outside`` those of preamble and epilogue, where not empty."""

    parts: list[tuple[int, int]] = field(default_factory=list)
    outside: list[tuple[int, int]] = field(default_factory=list)
    doubtful: bool = False
    too_many: bool = False


def cut(raw: bytes, start: int, end: int, boundary: bytes, limit: int) -> Cuts:
    """The parts between the delimiters; at most ``limit`` of them. A missing last delimiter is common and tolerated."""
    cuts = Cuts(doubtful=_after_cr_alone(raw, start, end, b"--" + boundary))
    begun, inside, closed = start, False, False
    for line_start, line_end, closing in _delimiters(raw, start, end, b"--" + boundary, cuts):
        (cuts.parts if inside else cuts.outside).append((begun, max(begun, line_start)))
        cuts.doubtful = cuts.doubtful or closed
        begun, inside, closed = line_end, not closing, closed or closing
        if len(cuts.parts) >= limit:
            cuts.too_many = True
            return cuts
    (cuts.parts if inside else cuts.outside).append((begun, end))
    cuts.outside = [(a, b) for a, b in cuts.outside if raw[a:b].strip()]
    return cuts


def _after_cr_alone(raw: bytes, start: int, end: int, dashes: bytes) -> bool:
    """Whether there is a delimiter for those for whom CR alone ends a line."""
    return raw.find(b"\r" + dashes, start, end) >= 0


def _delimiters(raw: bytes, start: int, end: int, dashes: bytes, cuts: Cuts) -> Iterator[tuple[int, int, bool]]:
    """(where the content before it ends, where the content after it starts, whether it closes)."""
    if raw.startswith(dashes, start, end):
        found = _TAIL.match(raw, start + len(dashes), end)
        if found:
            yield start, found.end(), bool(found[1])
    needle, position = b"\n" + dashes, start
    while (hit := raw.find(needle, position, end)) >= 0:
        found = _TAIL.match(raw, hit + len(needle), end)
        if found is None:
            cuts.doubtful = True
            position = hit + len(needle)
            continue
        yield hit - (hit > start and raw[hit - 1 : hit] == b"\r"), found.end(), bool(found[1])
        # The line end of this delimiter may be the one that the next begins with.
        position = max(hit + len(needle), found.end() - 1)
