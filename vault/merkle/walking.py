"""Every event against the tree: its content against its leaf, its place, and the tree's hashes against each other.

One pass in the order of the places, a few tiles of events in memory at a time. What is expected comes from the tiles,
which ``heads.py`` proves against the signed checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vault import audit
from vault.merkle import tree
from vault.merkle.findings import Finding, Tampering
from vault.merkle.tiles import WIDTH, Tiles
from vault.models import AuditCheckpoint, AuditEvent, AuditLeaf

Progress = Callable[[int, int], None]

BACKDATED = timedelta(hours=1)
"""An event that says it is so much older than the checkpoint before it was put in afterwards, or a clock was wrong."""

_AT_ONCE = 8 * WIDTH
_SHIFT = 8


@dataclass(frozen=True, slots=True)
class _Place:
    """One leaf as the database has it now. ``hash`` is of the event's content; None where there is no event."""

    index: int
    expected: bytes | None
    sequence: int | None = None
    event: AuditEvent | None = None
    hash: bytes | None = None

    @property
    def good(self) -> bool:
        return self.hash is not None and self.hash == self.expected and self._leaf == self.hash

    @property
    def _leaf(self) -> bytes | None:
        try:
            return bytes.fromhex(self.event.leaf) if self.event else None
        except ValueError:
            return None

    @property
    def leaf_is_expected(self) -> bool:
        """The row still carries the leaf that was logged."""
        return self._leaf is not None and self._leaf == self.expected


class Walk:
    """From ``start`` (a multiple of a tile's width) to ``size``. Raises what the database raises."""

    def __init__(self, start: int, size: int, origin: str) -> None:
        self._start, self._size = start, size
        self._tiles = Tiles()
        self._heads = _Times(origin)
        self._levels: list[list[bytes]] = []
        for level in range(1, 8):
            count = start // WIDTH**level
            self._levels.append(list(self._tiles.entries(level, count // WIDTH))[: count % WIDTH])

    def findings(self, progress: Progress) -> Iterator[Finding]:
        """In the order of the places. Where all that follows is out of step, the first is told, and the walk ends."""
        for begin in range(self._start, self._size, _AT_ONCE):
            end = min(begin + _AT_ONCE, self._size)
            places = self._places(begin, end)
            for place in places:
                if not place.good:
                    finding, goes_on = self._explain(place, places)
                    yield finding
                    if not goes_on:
                        return
                elif place.event is not None:
                    yield from self._backdated(place.index, place.event)
            yield from self._check_tiles(begin, end)
            progress(end, self._size)

    def _places(self, begin: int, end: int) -> list[_Place]:
        numbers = dict(AuditLeaf.objects.filter(index__gte=begin, index__lt=end).values_list("index", "sequence"))
        events = AuditEvent.objects.in_bulk(list(numbers.values()))
        found = []
        for index in range(begin, end):
            leaves = self._tiles.leaves(index // WIDTH)
            expected = leaves[index % WIDTH] if index % WIDTH < len(leaves) else None
            sequence = numbers.get(index)
            event = events.get(sequence) if sequence is not None else None
            digest = bytes.fromhex(audit.leaf_hash(audit.of_row(event))) if event else None
            found.append(_Place(index, expected, sequence, event, digest))
        return found

    def _explain(self, place: _Place, near: Sequence[_Place]) -> tuple[Finding, bool]:
        """What is wrong at a place, and whether the places after it can still be compared."""
        if place.sequence is None:
            return self._no_place(place)
        if place.expected is None:
            says = (
                f"The tree has no hash for place {place.index} (event {place.sequence}), though it says it is larger."
            )
            return Finding(Tampering.TREE_DAMAGED, says, place.index, place.sequence), False
        if place.event is None:
            return self._no_event(place, place.sequence)
        if place.hash == place.expected or place.leaf_is_expected:
            says = f"Event {place.sequence} was edited after it was logged."
            return Finding(Tampering.EDITED, says, place.index, place.sequence), True
        after = self._places(place.index, min(place.index + _SHIFT + 1, self._size))
        return _other_event(place.sequence, after, near)

    def _no_place(self, place: _Place) -> tuple[Finding, bool]:
        if AuditLeaf.objects.filter(index__gt=place.index).exists():
            says = f"The event at place {place.index} was deleted from the log's index."
            return Finding(Tampering.DELETED, says, place.index), True
        says = f"The log was cut off: events from place {place.index} on are gone, {self._size} were logged."
        return Finding(Tampering.TRUNCATED, says, place.index), False

    def _no_event(self, place: _Place, sequence: int) -> tuple[Finding, bool]:
        if not AuditEvent.objects.filter(sequence__gt=sequence).exists():
            says = f"The trail was cut off: event {sequence} and all after it are gone, {self._size} were logged."
            return Finding(Tampering.TRUNCATED, says, place.index, sequence), False
        if place.expected is not None:
            other = AuditEvent.objects.filter(leaf=place.expected.hex()).first()
            if other and not AuditLeaf.objects.filter(sequence=other.sequence).exists():
                says = f"Event {sequence} was edited: its number was changed to {other.sequence}."
                return Finding(Tampering.EDITED, says, place.index, sequence), True
        says = f"Event {sequence} was deleted."
        return Finding(Tampering.DELETED, says, place.index, sequence), True

    def _backdated(self, index: int, event: AuditEvent) -> Iterator[Finding]:
        before = self._heads.before(index)
        if before is not None and event.at < before - BACKDATED:
            says = (
                f"Event {event.sequence} says that it is of {event.at:%Y-%m-%d %H:%M}, but it was written after "
                f"{before:%Y-%m-%d %H:%M}: it was inserted later, or a clock was wrong."
            )
            yield Finding(Tampering.INSERTED, says, index, event.sequence)

    def _check_tiles(self, begin: int, end: int) -> Iterator[Finding]:
        """The tiles above those leaves: full ones when they are full, the last ones at the end."""
        for tile in range(begin // WIDTH, -(-end // WIDTH)):
            hashes = list(self._tiles.leaves(tile))
            if len(hashes) < WIDTH:
                continue
            yield from self._push(0, tree.folded(hashes), (tile + 1) * WIDTH)
        if end == self._size:
            for level, hashes in enumerate(self._levels, 1):
                yield from self._compare(level, (self._size // WIDTH**level) // WIDTH, hashes, self._size)

    def _push(self, level: int, digest: bytes, upto: int) -> Iterator[Finding]:
        row = self._levels[level]
        row.append(digest)
        if len(row) == WIDTH:
            yield from self._compare(level + 1, (upto // WIDTH ** (level + 1) - 1) // WIDTH, row, upto)
            self._levels[level] = []
            yield from self._push(level + 1, tree.folded(row), upto)

    def _compare(self, level: int, index: int, hashes: Sequence[bytes], upto: int) -> Iterator[Finding]:
        stored = self._tiles.entries(level, index)
        if list(stored[: len(hashes)]) != list(hashes):
            says = f"The tree's own hashes over the events before place {upto} were changed (tile {level}/{index})."
            yield Finding(Tampering.TREE_DAMAGED, says, max(0, upto - WIDTH ** (level + 1)))


def _other_event(sequence: int, after: Sequence[_Place], near: Sequence[_Place]) -> tuple[Finding, bool]:
    """Another whole event stands here: moved, put in between, or in the place of one that was taken out."""
    place, now, logged = after[0], [p.hash for p in after], [p.expected for p in after]
    if _same(now[1:], logged):
        says = f"Event {sequence} was inserted: it was never logged, and all after it were moved up by one."
        return Finding(Tampering.INSERTED, says, place.index, sequence), False
    if _same(now, logged[1:]):
        says = f"The event before event {sequence} was deleted, and all after it were moved down by one."
        return Finding(Tampering.DELETED, says, place.index, sequence), False
    if place.hash in [p.expected for p in near] and place.expected in [p.hash for p in near]:
        says = f"Events were reordered: event {sequence} does not stand where it was logged."
        return Finding(Tampering.REORDERED, says, place.index, sequence), True
    says = f"Event {sequence} was edited, its own leaf hash with it: it is not the event that was logged."
    return Finding(Tampering.EDITED, says, place.index, sequence), True


def _same(now: Sequence[bytes | None], logged: Sequence[bytes | None]) -> bool:
    """Whether the next few agree."""
    some = list(zip(now[:_SHIFT], logged[:_SHIFT], strict=False))
    return bool(some) and all(a is not None and a == b for a, b in some)


class _Times:
    """When the last checkpoint before a place was signed; asked for places in their order."""

    def __init__(self, origin: str) -> None:
        rows = AuditCheckpoint.objects.filter(origin=origin).order_by("size").values_list("size", "at")
        self._rows = iter(rows.iterator(chunk_size=2000))
        self._next = next(self._rows, None)
        self._at: datetime | None = None

    def before(self, index: int) -> datetime | None:
        while self._next is not None and self._next[0] <= index:
            self._at = self._next[1]
            self._next = next(self._rows, None)
        return self._at
