"""What can be found, how grave it is, and what people are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Weight(StrEnum):
    """``GRAVE`` needs a person now, ``--repair`` puts right what is ``BEHIND``, a ``NOTICE`` harms nobody."""

    GRAVE = "grave"
    BEHIND = "behind"
    NOTICE = "notice"


class _Meaning(NamedTuple):
    weight: Weight
    means: str


class Kind(StrEnum):
    """The differences between what is stored and what is written down."""

    MISSING = "object missing"
    SIZE = "other size"
    BYTES = "other bytes"
    NO_OBJECTS = "record without objects"
    UNLISTED = "object no row names"
    DISPOSED = "disposed but there"
    HIDDEN = "hidden by a delete marker"
    LOST = "rows lost"
    WHOLE_ORPHAN = "whole orphan"
    KEY_MISSING = "key not in escrow"
    KEY_LEFT = "destroyed key in escrow"
    NOT_INDEXED = "not indexed"
    LOCK_SHORT = "lock too short"
    TAGS = "other tags"
    HOLD_OFF = "hold not on"
    LOCK_LONG = "lock longer"
    HOLD_ON = "hold left on"
    ORPHAN = "orphan"
    YOUNG = "young orphan"
    VERSION = "second version"
    REMAINS = "remains of a write"
    KEY_ORPHAN = "key without row"
    FOREIGN = "not ours"

    @property
    def weight(self) -> Weight:
        """How grave it is."""
        return _MEANINGS[self].weight

    @property
    def means(self) -> str:
        """A sentence: what it is, how it comes about, what to do."""
        return _MEANINGS[self].means


_MEANINGS = {
    Kind.MISSING: _Meaning(
        Weight.GRAVE, "a record names a sealed file that the store does not have: restore it from the store's backup"
    ),
    Kind.SIZE: _Meaning(Weight.GRAVE, "the sealed file is not as long as it was filed: restore it"),
    Kind.BYTES: _Meaning(Weight.GRAVE, "the sealed file is not the one that was filed: restore it"),
    Kind.NO_OBJECTS: _Meaning(Weight.GRAVE, "a record has no sealed file at all, and was not disposed of"),
    Kind.UNLISTED: _Meaning(
        Weight.GRAVE,
        "the store has a file of a record that its rows do not name: rows were lost, or somebody put it there",
    ),
    Kind.DISPOSED: _Meaning(Weight.GRAVE, "a file of a record that was disposed of is still there"),
    Kind.HIDDEN: _Meaning(Weight.GRAVE, "somebody has hidden a file with a delete marker, past this software"),
    Kind.LOST: _Meaning(
        Weight.GRAVE, "the audit trail says that this record was filed, and its rows are gone: restore the database"
    ),
    Kind.WHOLE_ORPHAN: _Meaning(
        Weight.GRAVE,
        "a whole mail that no row names: its filing broke off at the last moment, and it was filed anew; or the "
        "database lost rows, and this is the only copy. The audit log does not prove which (`sallyport audit verify`)",
    ),
    Kind.KEY_MISSING: _Meaning(
        Weight.GRAVE, "a person's sealed key is in the database alone; its copy is not in escrow"
    ),
    Kind.KEY_LEFT: _Meaning(Weight.GRAVE, "a person's key was destroyed, but a copy of it is still in escrow"),
    Kind.NOT_INDEXED: _Meaning(Weight.GRAVE, "no search finds this record; its index row has to be made"),
    Kind.LOCK_SHORT: _Meaning(Weight.BEHIND, "the store's lock ends before the one that the row says"),
    Kind.TAGS: _Meaning(Weight.BEHIND, "the store's tags are not what the rows say"),
    Kind.HOLD_OFF: _Meaning(Weight.BEHIND, "a legal hold covers the record, and the store does not know of it"),
    Kind.LOCK_LONG: _Meaning(
        Weight.NOTICE, "the store's lock ends later than the row says: housekeeping was broken off"
    ),
    Kind.HOLD_ON: _Meaning(
        Weight.NOTICE, "the store still has a hold on that no row asks for: the next sweep takes it off"
    ),
    Kind.ORPHAN: _Meaning(
        Weight.NOTICE,
        "left by a filing that did not come to its end, and was never said to be done: the sweep removes it",
    ),
    Kind.YOUNG: _Meaning(Weight.NOTICE, "no row names it, but a mail may just be on its way"),
    Kind.VERSION: _Meaning(
        Weight.NOTICE, "an answer of the store was lost and the file was sent twice; the other one counts"
    ),
    Kind.REMAINS: _Meaning(
        Weight.NOTICE, "half of a file that was being written when the machine stopped: the sweep removes it"
    ),
    Kind.KEY_ORPHAN: _Meaning(
        Weight.NOTICE, "a key that was being made when the machine stopped; nothing is sealed to it"
    ),
    Kind.FOREIGN: _Meaning(Weight.NOTICE, "not a name that this software gives"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference. ``said`` names the two sides, in ids, sizes, dates; ``repaired`` where it was put right."""

    kind: Kind
    record: str
    key: str
    said: str = ""
    repaired: bool = False

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.kind.weight is not Weight.NOTICE and not self.repaired

    def __str__(self) -> str:
        done = "; repaired" if self.repaired else ""
        return f"{self.kind}: {self.key or self.record}{f' ({self.said})' if self.said else ''}{done}"
