"""``sallyport audit verify``: the database against what was signed for it and lies, locked, in the object store.

First every event against the tree (``walking.py``), then every checkpoint against the tree (``heads.py``). If both
hold, then each event is what was signed, in its place, and none is missing up to the newest checkpoint. What is
younger than that (a minute) nobody can prove yet; what was deleted before it was logged (seconds), nobody ever will.

Memory does not grow with the log. A worker may go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.errors import VaultUnavailable
from vault import sql
from vault.merkle.findings import Finding, Report, Tampering
from vault.merkle.heads import Heads, Trust, compare_table
from vault.merkle.note import BadNote, Note
from vault.merkle.publishing import PREFIX, StoredNote, since
from vault.merkle.sequencing import the_tree
from vault.merkle.tiles import WIDTH
from vault.merkle.walking import BACKDATED, Progress, Walk
from vault.models import AuditCheckpoint, AuditEvent, AuditLeaf
from vault.objects.port import ObjectStore
from vault.rows import reading

_MOST_WAITING = 20
_WAITING = """SELECT e.sequence FROM vault_auditevent e
WHERE NOT EXISTS (SELECT 1 FROM vault_auditleaf l WHERE l.sequence = e.sequence) ORDER BY e.sequence LIMIT %s"""


@dataclass(frozen=True, slots=True)
class Verification:
    """What to verify, and against what. Without a ``store`` the table's copies of the checkpoints have to do."""

    trust: Trust
    store: ObjectStore | None
    now: datetime
    late: timedelta
    after: datetime | None = None

    def run(self, events: Progress, checkpoints: Progress) -> Report:
        """Look at everything, or at what came ``after``. Raises ``VaultUnavailable``."""
        report = Report()
        with reading(VaultUnavailable):
            size = the_tree().size
            start = self._start(size)
            report.events = size - start
            report.add(Walk(start, size, self.trust.origin).findings(events))
            report.add(self._not_logged())
            cut = any(f.kind is Tampering.TRUNCATED for f in report.findings)
            report.add(self._heads(report, size, checkpoints, cut=cut))
        return report

    def _start(self, size: int) -> int:
        """The last whole tile before the last checkpoint that was before ``after``."""
        if self.after is None:
            return 0
        rows = AuditCheckpoint.objects.filter(origin=self.trust.origin, at__lt=self.after, size__lte=size)
        last = rows.order_by("-size").values_list("size", flat=True).first() or 0
        return int(last) // WIDTH * WIDTH

    def _not_logged(self) -> Iterator[Finding]:
        """Events without a place, though they are old: nobody runs the worker, or they were put in past it."""
        highest = AuditLeaf.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
        newest = AuditCheckpoint.objects.filter(origin=self.trust.origin).order_by("-size").first()
        for (sequence,) in sql.select(_WAITING, [_MOST_WAITING]):
            event = AuditEvent.objects.filter(sequence=sequence).first()
            if event is None or event.at >= self.now - self.late:
                continue
            if sequence < highest or (newest is not None and event.at < newest.at - BACKDATED):
                says = f"Event {sequence} was inserted: it stands among events that are logged, and was not logged."
                yield Finding(Tampering.INSERTED, says, None, sequence)
            else:
                since_when = f"{event.at:%Y-%m-%d %H:%M}"
                says = f"Event {sequence} waits since {since_when} to be logged; is `sallyport worker` running?"
                yield Finding(Tampering.NOT_LOGGED, says, None, sequence)

    def _heads(self, report: Report, size: int, progress: Progress, *, cut: bool) -> Iterator[Finding]:
        heads = Heads(self.trust, size, self.now, report)
        rows = AuditCheckpoint.objects.filter(origin=self.trust.origin)
        expected, first = rows.count(), True
        for n, (stored, gone) in enumerate(self._beside_the_table()):
            yield from gone
            head = heads.look(stored) if stored.key else None
            if head is not None:
                yield from heads.chain(head, first=first and self.after is not None)
                first = False
            progress(n + 1, max(expected, n + 1))
        self._catch_up(heads)
        yield from heads.judge(self._notes, cut=cut)

    def _catch_up(self, heads: Heads) -> None:
        """A worker may have gone on while we looked."""
        size = the_tree().size
        if size <= heads.size:
            return
        later, heads.beyond = heads.beyond, {}
        heads.size = size
        for head in later.values():
            heads.again(head)

    def _beside_the_table(self) -> Iterable[tuple[StoredNote, list[Finding]]]:
        if self.store is None:
            return ((note, []) for note in self._notes())
        first = f"{PREFIX}{self.after.astimezone(UTC):%Y/%m/%d}/" if self.after else ""
        return ((note, list(gone)) for note, gone in compare_table(self._notes(), self.trust.origin, first))

    def _notes(self) -> Iterator[StoredNote]:
        if self.store is not None:
            yield from since(self.store, self.after, self.now)
            return
        rows = AuditCheckpoint.objects.filter(origin=self.trust.origin).order_by("size")
        for row in (rows.filter(at__gte=self.after) if self.after else rows).iterator(chunk_size=2000):
            yield StoredNote(row.key, row.version, _note(row.note))


def _note(text: str) -> Note | None:
    try:
        return Note.of(text)
    except BadNote:
        return None
