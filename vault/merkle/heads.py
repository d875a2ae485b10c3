"""Every checkpoint against the tree: who signed it, whether the tree still has its root, and whether one is gone.

The store's checkpoints are streamed in the order of their days and sizes, beside the table's rows in the same order.
Each that agrees with the tree is consistent with every other that does. What does not agree is kept, and judged last.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from vault.merkle.checkpoint import Checkpoint
from vault.merkle.findings import Finding, Report, Tampering
from vault.merkle.note import BadNote, Note, Verifier
from vault.merkle.publishing import StoredNote
from vault.merkle.tiles import Tiles
from vault.models import AuditCheckpoint

_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signatures count. Each witness must have signed what is older than ``grace``, or something later."""

    origin: str
    log: Collection[Verifier]
    witnesses: Collection[Verifier] = ()
    grace: timedelta = timedelta()


@dataclass(slots=True)
class Heads:
    """Looks at checkpoints one by one; ``size`` is the tree's."""

    trust: Trust
    size: int
    now: datetime
    report: Report
    tiles: Tiles = field(default_factory=lambda: Tiles(256))
    wrong: dict[int, set[bytes]] = field(default_factory=dict)
    beyond: dict[int, Checkpoint] = field(default_factory=dict)
    last_good: int = 0
    _old: int = 0
    _last: Checkpoint | None = None
    _sizes: list[int] = field(default_factory=lambda: [0])

    def look(self, stored: StoredNote) -> Checkpoint | None:
        """One object of the store; the checkpoint, if it is this log's and truly signed."""
        head, why = _believed(stored.note, self.trust)
        if head is None:
            if why:
                self.report.add([Finding(Tampering.FORGED, f"{stored.key}, version {stored.version}: {why}")])
            else:
                self.report.others += 1
            return None
        self.report.checkpoints += head != self._last  # and not each version of it that a witness has signed
        self._last = head
        self._compare(head)
        if stored.note is not None:
            self._note_witnesses(head, stored)
        return head

    def _compare(self, head: Checkpoint) -> None:
        if head.size > self.size:
            self.beyond[head.size] = head
        elif self._root(head.size) == head.root:
            self.last_good = max(self.last_good, head.size)
        else:
            self.wrong.setdefault(head.size, set()).add(head.root)
        if head.at is not None and head.at < self.now - self.trust.grace:
            self._old = max(self._old, head.size)

    def again(self, head: Checkpoint) -> None:
        """One that was beyond a tree which has grown since."""
        self.tiles = Tiles(256)
        self._compare(head)

    def _root(self, size: int) -> bytes | None:
        try:
            return self.tiles.root(size)
        except LookupError:
            return None

    def _note_witnesses(self, head: Checkpoint, stored: StoredNote) -> None:
        for witness in self.trust.witnesses:
            try:
                signed = stored.note is not None and stored.note.signed_by(witness) is not None
            except BadNote:
                says = f"{stored.key}, version {stored.version}: the signature of the witness {witness.name} is false."
                self.report.add([Finding(Tampering.FORGED, says)])
                continue
            if signed and head.size not in self.wrong:
                self.report.witnessed[witness.name] = max(head.size, self.report.witnessed.get(witness.name, 0))

    def chain(self, head: Checkpoint, *, first: bool) -> Iterator[Finding]:
        """Whether the checkpoint before this one was seen: each names the size of the one before."""
        if head.previous is not None and head.previous not in self._sizes and not first:
            says = (
                f"The checkpoint of {head.previous} events, which the one of {head.size} names as the one before it, "
                "is gone from the store."
            )
            yield Finding(Tampering.CHECKPOINT_GONE, says, head.previous)
        self._sizes = [*self._sizes[-_REMEMBERED:], head.size]

    def judge(self, again: Callable[[], Iterable[StoredNote]], *, cut: bool) -> Iterator[Finding]:
        """What disagreements come to, when all have been seen. ``again`` lists the store's checkpoints once more."""
        if self.beyond:
            yield self._behind(cut=cut)
        if self.wrong:
            yield from self._disagreement(again)
        for witness in self.trust.witnesses:
            signed = self.report.witnessed.get(witness.name, 0)
            if signed < self._old:
                says = (
                    f"The witness {witness.name} has not countersigned what it should have: "
                    f"{f'only the first {signed} events' if signed else 'nothing'}, of {self._old}."
                )
                yield Finding(Tampering.NOT_WITNESSED, says, signed)

    def _behind(self, *, cut: bool) -> Finding:
        head = self.beyond[max(self.beyond)]
        signed = f"a checkpoint of {head.size} events" + (f" was signed on {head.at:%Y-%m-%d %H:%M}" if head.at else "")
        if cut or AuditCheckpoint.objects.filter(origin=self.trust.origin, size__gt=self.size).exists():
            says = f"The log was cut off: {signed}, but the database has {self.size}."
            return Finding(Tampering.TRUNCATED, says, self.size)
        says = (
            f"The database was rolled back to an earlier state: {signed}, but the database has {self.size} "
            "and knows nothing of it. Was a backup put back on purpose? Then docs/audit.md says what to do "
            "('Putting back a backup')."
        )
        return Finding(Tampering.ROLLED_BACK, says, self.size)

    def _disagreement(self, again: Callable[[], Iterable[StoredNote]]) -> Iterator[Finding]:
        for stored in again():  # all roots that were signed for the sizes in question
            head, _ = _believed(stored.note, self.trust)
            if head is not None and head.size in self.wrong:
                self.wrong[head.size].add(head.root)
        split = sorted(size for size, roots in self.wrong.items() if len(roots) > 1 or size < self.last_good)
        for size in split[:3]:
            says = (
                f"Two histories were signed: a checkpoint of {size} events has a root that another of the log's "
                "checkpoints contradicts. Somebody was shown another log, or has its key."
            )
            yield Finding(Tampering.SPLIT, says, size)
        alone = sorted(self.wrong.keys() - set(split))
        if alone:
            before = self.last_good
            says = (
                f"The log was rewritten together with its hashes: the root of the first {alone[0]} events is not what "
                f"was signed; the first {before} are as they were signed."
            )
            if not AuditCheckpoint.objects.filter(origin=self.trust.origin, size=alone[0]).exists():
                says += " Or a backup was put back, and written to since: docs/audit.md, 'Putting back a backup'."
            yield Finding(Tampering.REWRITTEN, says, before)


def compare_table(
    stored: Iterable[StoredNote], origin: str, first_key: str
) -> Iterator[tuple[StoredNote, Sequence[Finding]]]:
    """Each stored checkpoint, with what the table's rows up to it have that the store has not, or has otherwise."""
    rows = iter(
        AuditCheckpoint.objects.filter(origin=origin, key__gte=first_key).order_by("key").iterator(chunk_size=2000)
    )
    row = next(rows, None)
    for key, group in groupby(stored, key=lambda s: s.key):
        gone = []
        while row is not None and row.key < key:
            gone.append(_gone(row))
            row = next(rows, None)
        versions = list(group)
        while row is not None and row.key == key:
            gone += _differs(row, versions)
            row = next(rows, None)
        for version in versions:
            yield version, gone
            gone = []
    while row is not None:
        yield StoredNote("", "", None), [_gone(row)]
        row = next(rows, None)


def _gone(row: AuditCheckpoint) -> Finding:
    says = f"The checkpoint of {row.size} events ({row.at:%Y-%m-%d %H:%M}) is gone from the store: {row.key}."
    return Finding(Tampering.CHECKPOINT_GONE, says, row.size)


def _differs(row: AuditCheckpoint, versions: Sequence[StoredNote]) -> list[Finding]:
    texts = {v.note.text for v in versions if v.note is not None}
    if row.version not in {v.version for v in versions}:
        return [_gone(row)]
    try:
        note = Note.of(row.note)
        head = Checkpoint.of(note.text)
    except BadNote:
        note, head = None, None
    if note is None or head is None or note.text not in texts or (head.size, head.root.hex()) != (row.size, row.root):
        says = f"The table's row of the checkpoint of {row.size} events was changed: it is not what is stored."
        return [Finding(Tampering.FORGED, says, row.size)]
    return []


def _believed(note: Note | None, trust: Trust) -> tuple[Checkpoint | None, str]:
    """The checkpoint; or why it is not to be believed; or neither, for another log's."""
    if note is None:
        return None, "this is no signed checkpoint."
    try:
        head = Checkpoint.of(note.text)
        if head.origin != trust.origin:
            return None, ""
        if not any([note.signed_by(key) is not None for key in trust.log]):  # noqa: C419 - each, so that a false one is seen
            return None, f"the checkpoint of {head.size} events is not signed by the log's key."
    except BadNote:
        return None, "the signature on this checkpoint is false, or it is none."
    return head, ""
