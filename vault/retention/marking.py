"""What people say of a record: that its case is closed, that it is a deed, of what priority, of what further class.

Each is a new row, with who and why, and an audit event; the newest of a record and class stands. So what was entered
wrong is put right by saying it again, and what was said before stays to be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.errors import SallyportError, VaultUnavailable
from domain.retention import Trigger, day_of
from domain.retention_reckoning import Kept
from vault import audit
from vault.models import RecordState, RetentionMark
from vault.retention.facts import KnownLives, Read, marks_of, read
from vault.retention.reckoning import Retention
from vault.retention.writing import moves, states, write
from vault.rows import writing


class CannotBeMarked(SallyportError):
    """What was said cannot be; ``public`` says why. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a mark holds."""

    counts: bool = True
    variant: str = ""
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Saying:
    """Who says it, why, and when."""

    actor: str
    why: str
    now: datetime


def close(
    retention: Retention, records: Collection[str], day: date | None, saying: Saying, record_class: str = ""
) -> dict[str, Kept]:
    """The cases were closed that day (None: they are open again). What counts for each record from now on.

    Without ``record_class`` every class of a record that waits for its closure. Raises :class:`CannotBeMarked`.
    """
    if day is not None and day > day_of(saying.now):
        raise CannotBeMarked("day", public=f"{day:%d %B %Y} is still to come; a case is closed when it is closed.")

    def change(row: Read) -> dict[str, Callable[[_Said], _Said]]:
        wanted = [c for c in row.facts.classes if c == record_class or not record_class]
        names = [c for c in wanted if c in retention.schedule and retention.schedule[c].trigger is Trigger.CLOSURE]
        if not names:
            what = f"is no '{record_class}' that waits" if record_class else "has no class that waits"
            raise CannotBeMarked("class", public=f"The record {row.id} {what} for a closure.")
        return dict.fromkeys(names, lambda said: replace(said, closed_on=day))

    return _say(retention, records, change, saying)


def mark(
    retention: Retention, records: Collection[str], record_class: str, variant: str, saying: Saying
) -> dict[str, Kept]:
    """The records are of this class, as this variant of it ('' for none); what counts for each from now on."""
    period = retention.schedule.get(record_class)
    if period is None:
        known = ", ".join(sorted(retention.schedule))
        raise CannotBeMarked("class", public=f"The schedule has no class '{record_class}'; it has {known}.")
    if variant and variant not in period.marks:
        has = f"it has {', '.join(period.marks)}" if period.marks else "it has none"
        raise CannotBeMarked("variant", public=f"The schedule has no '{variant}' of '{record_class}'; {has}.")
    change = {record_class: lambda said: replace(said, counts=True, variant=variant)}
    return _say(retention, records, lambda _: change, saying)


def unmark(retention: Retention, records: Collection[str], record_class: str, saying: Saying) -> dict[str, Kept]:
    """A class that was given by hand is taken back. Those of the filing stay: they are what the mail was filed as."""

    def change(row: Read) -> dict[str, Callable[[_Said], _Said]]:
        if record_class in row.own:
            public = f"The record {row.id} was filed as '{record_class}'; that cannot be taken back."
            raise CannotBeMarked("own class", public=public)
        return {record_class: lambda said: replace(said, counts=False)}

    return _say(retention, records, change, saying)


def _say(
    retention: Retention,
    records: Collection[str],
    change: Callable[[Read], dict[str, Callable[[_Said], _Said]]],
    saying: Saying,
) -> dict[str, Kept]:
    """All or nothing, and the records reckoned anew in the same transaction."""
    if not saying.why.strip():
        raise CannotBeMarked("no reason", public="A reason is needed; it goes to the audit trail with your name.")
    ids = sorted(set(records))
    with writing(VaultUnavailable):
        before = states(ids, lock=True)
        _mark(_found(ids), change, saying)
        reckoned = [(row, kept[0]) for row, kept in retention.verdicts(read(ids), KnownLives(retention.lives))]
        write(moves(reckoned, before), saying.now, saying.actor, saying.why)
    return {row.id: kept for row, kept in reckoned}


def _found(ids: Sequence[str]) -> list[Read]:
    rows = {row.id: row for row in read(ids)}
    for ident in ids:
        if ident not in rows:
            raise CannotBeMarked("no record", public=f"There is no record {ident}.")
        if rows[ident].state != RecordState.FILED:
            raise CannotBeMarked("disposed", public=f"The record {ident} has been disposed of.")
    return list(rows.values())


def _mark(rows: Sequence[Read], change: Callable[[Read], dict[str, Callable[[_Said], _Said]]], saying: Saying) -> None:
    standing = marks_of([row.id for row in rows])
    made, events = [], []
    for row in rows:
        for name, apply in change(row).items():
            old = standing[row.id].get(name)
            before = _Said(old.counts, old.variant, old.closed_on) if old else _Said()
            said = apply(before)
            values = {"counts": said.counts, "variant": said.variant, "closed_on": said.closed_on}
            made.append(
                RetentionMark(
                    record_id=row.id, record_class=name, at=saying.now, actor=saying.actor, why=saying.why, **values
                )
            )
            plain = values | {"closed_on": said.closed_on and said.closed_on.isoformat()}
            details = {"class": name, **plain}
            events.append(audit.Event(saying.now, saying.actor, "retention marked", row.id, saying.why, details))
    RetentionMark.objects.bulk_create(made)
    audit.append(events)
