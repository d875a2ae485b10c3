"""What the clock proposes: records whose retention has run out, and keys that nothing is left for.

Nothing is proposed that is on hold, waits for a decision, was asked for by whom it is about, or was refused until a
later day. A line whose record came to be kept longer meanwhile is closed by itself. Broken off in the middle, the next
proposal takes the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from domain.disposal import LineState
from vault import audit
from vault.disposal.requests import is_asked_for
from vault.disposal.standing import Seen, Viewer
from vault.holds import coverage
from vault.ids import new_id
from vault.models import (
    DisposalBatch,
    DisposalLine,
    HeldMail,
    HeldState,
    RecordState,
    SealingKey,
    VaultRecord,
    VaultSubject,
)
from vault.paging import in_pieces, pages
from vault.turns import taking_turns

_AT_ONCE = 200
_WHY_KEPT = "its retention runs again"
_OPEN_END = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Proposed:
    """The batch's id, empty if nothing is due; how much is in it, and how many are due and kept back by a hold."""

    batch: str = ""
    records: int = 0
    keys: int = 0
    on_hold: int = 0
    closed: int = 0


@dataclass
class _Work:
    actor: str
    now: datetime
    batch: DisposalBatch | None = field(default=None)

    def open_batch(self) -> DisposalBatch:
        """Made with its first line, in the same transaction."""
        if self.batch is None:
            ident = new_id(self.now)
            self.batch = DisposalBatch.objects.create(id=ident, proposed_by=self.actor, proposed_at=self.now)
        return self.batch


MOST = 500
"""Records of one proposal, if nobody says otherwise: as many as two people can look at."""


def propose(viewer: Viewer, actor: str, now: datetime, limit: int, record_class: str = "") -> Proposed:
    """A new proposal of at most ``limit`` records, those that are due longest first. Raises ``VaultUnavailable``."""
    closed = _close_what_is_kept(viewer, actor, now)
    work = _Work(actor, now)
    records = 0
    rows = free_records(now).order_by("retain_until", "id").values_list("id", "classes")
    ids = [ident for ident, classes in rows if not record_class or record_class in classes]
    for piece in in_pieces(ids, _AT_ONCE):
        records += _propose_records(piece, viewer, work, limit - records)
        if records == limit:
            break
    keys = sum(_propose_key(key, viewer, work) for key in _free_keys(now.date()))
    held = VaultRecord.objects.filter(coverage.is_held(), state=RecordState.FILED, retain_until__lte=now).count()
    return Proposed(work.batch.id if work.batch else "", records, keys, held, closed)


def free_records(now: datetime) -> QuerySet[VaultRecord]:
    """Those that may be due: by their rows, which retention's sweep keeps. Each is reckoned afresh before."""
    waits = HeldMail.objects.filter(record=OuterRef("pk"), state=HeldState.HELD)
    return VaultRecord.objects.filter(
        ~Exists(_taken(now.date()).filter(record=OuterRef("pk"))),
        ~Exists(waits),
        ~coverage.is_held(),
        ~is_asked_for(),
        state=RecordState.FILED,
        retain_until__lte=now,
    )


def _taken(today: date) -> QuerySet[DisposalLine]:
    """Proposed or gone already, or refused until later."""
    return DisposalLine.objects.filter(~Q(state=LineState.REFUSED) | Q(keep_until__gt=today))


def _propose_records(ids: Sequence[str], viewer: Viewer, work: _Work, most: int) -> int:
    with taking_turns():
        found = viewer.of_records(free_records(work.now).filter(pk__in=ids), work.now)
        due = [(found[ident], {"record_id": ident}) for ident in ids if ident in found and found[ident].standing.due]
        return _add(work, due[:most])


def _free_keys(today: date) -> list[SealingKey]:
    """Of people of whose records something was disposed of and nothing is kept."""
    of_person = VaultSubject.objects.filter(person=OuterRef("person"))
    return list(
        SealingKey.objects.filter(
            ~Exists(_taken(today).filter(key=OuterRef("pk"))),
            ~Exists(of_person.exclude(record__state=RecordState.DISPOSED)),
            Exists(of_person),
            destroyed_at=None,
        ).order_by("pk")
    )


def _propose_key(key: SealingKey, viewer: Viewer, work: _Work) -> int:
    with taking_turns():
        seen = viewer.of_key(key)
        taken = _taken(work.now.date()).filter(key=key).exists()
        kept = taken or not seen.standing.due or seen.standing.held or seen.standing.asked_for
        return 0 if kept else _add(work, [(seen, {"key_id": key.pk})])


def _add(work: _Work, found: Sequence[tuple[Seen, Mapping[str, object]]]) -> int:
    if not found:
        return 0
    batch = work.open_batch()
    DisposalLine.objects.bulk_create(
        DisposalLine(
            batch=batch, proposed_by=work.actor, facts=seen.facts, digest=seen.standing.digest, **about
        )
        for seen, about in found
    )  # fmt: skip
    audit.append(_event(work, batch, seen, about) for seen, about in found)
    return len(found)


def _event(work: _Work, batch: DisposalBatch, seen: Seen, about: Mapping[str, object]) -> audit.Event:
    details = {"batch": batch.id, "digest": seen.standing.digest}
    if "key_id" in about:
        details |= {"key": f"{seen.facts['person']}/{seen.facts['generation']}"}
    record = str(about.get("record_id", ""))
    return audit.Event(work.now, work.actor, "disposal proposed", record, "its retention has run out", details)


def _close_what_is_kept(viewer: Viewer, actor: str, now: datetime) -> int:
    """Open lines whose record is not due any more: an event has moved its clock."""
    lines = DisposalLine.objects.filter(state=LineState.OPEN, record__isnull=False)
    closed = 0
    for page in pages(lines, _AT_ONCE):
        with taking_turns():
            still = list(lines.filter(pk__in=[line.pk for line in page]))
            seen = viewer.of_lines(still, now)
            kept = [line for line in still if not seen[line.pk].standing.due]
            for line in kept:
                mark_refused(line, _WHY_KEPT, _not_before(seen[line.pk].until, now), actor, now)
            closed += len(kept)
    return closed


def _not_before(until: date | None, now: datetime) -> date:
    """When to look again at what nobody can say the end of."""
    return max(until or now.date() + _OPEN_END, now.date() + timedelta(days=1))


def mark_refused(row: DisposalLine, why: str, keep_until: date, actor: str, now: datetime) -> None:
    """Within the caller's transaction."""
    row.state, row.refusal, row.keep_until = LineState.REFUSED, why, keep_until
    row.refused_by, row.refused_at, row.problem = actor, now, ""
    row.save()
    details = {"batch": row.batch_id, "keep_until": f"{keep_until}", "line": row.pk}
    audit.append([audit.Event(now, actor, "disposal refused", row.record_id or "", why, details)])


def name(line: DisposalLine) -> str:
    """A record's id, or ``person/generation`` of a key."""
    return line.record_id or f"{line.facts['person']}/{line.facts['generation']}"
