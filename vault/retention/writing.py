"""What was reckoned, into rows: the state of each record, the date in the record's own row, and the audit trail.

Only what differs is written, so a second time changes nothing. The first reckoning of a record is its state; each move
after that is an audit event with what was and what is, so the history is whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.retention import begins
from domain.retention_reckoning import Kept
from vault import audit, sql
from vault.models import RetentionState
from vault.retention.facts import Read

OPEN = datetime(9999, 12, 31, tzinfo=UTC)
"""``VaultRecord.retain_until`` of what has no day yet."""
OPEN_TAG = "open"

_FIELDS = ("until", "record_class", "variant", "event", "day", "person")
_LATER = "UPDATE vault_vaultrecord SET retain_until = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Move:
    """A record whose state is new or another. ``before`` is None for a first reckoning."""

    record: str
    before: RetentionState | None
    after: Kept


def retain_until(kept: Kept) -> datetime:
    """As the record's row has it."""
    return OPEN if kept.until is None else begins(kept.until)


def tag(state: RetentionState) -> str:
    """``retain-until`` as the tags of the record's objects have it."""
    return state.until.isoformat() if state.until else OPEN_TAG


def moves(reckoned: Iterable[tuple[Read, Kept]], before: Mapping[str, RetentionState]) -> list[Move]:
    """Those that differ from their rows."""
    found = []
    for row, kept in reckoned:
        state = before.get(row.id)
        if state is None or _differs(state, kept) or row.retain_until != retain_until(kept):
            found.append(Move(row.id, state, kept))
    return found


def states(ids: Sequence[str], *, lock: bool = False) -> dict[str, RetentionState]:
    """By record; locked for the transaction that writes them, in one order: two sweeps cannot block each other."""
    rows = RetentionState.objects.filter(record_id__in=ids).order_by("record_id")
    return {row.record_id: row for row in (rows.select_for_update() if lock else rows)}


def write(found: Sequence[Move], now: datetime, actor: str, why: str = "", *, said_at: datetime | None = None) -> None:
    """Within the caller's transaction, in which the states were read."""
    rows = [_state(move, now) for move in found]
    RetentionState.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["record"], update_fields=[*_FIELDS, "reckoned_at", "tags_behind"]
    )
    sql.update_many(_LATER, [(retain_until(move.after), move.record) for move in found])
    at = said_at or now
    audit.append(_event(move, at, actor, why) for move in found if move.before and _differs(move.before, move.after))


def _differs(state: RetentionState, kept: Kept) -> bool:
    return any(getattr(state, name) != getattr(kept, name) for name in _FIELDS)


def _state(move: Move, now: datetime) -> RetentionState:
    values = {name: getattr(move.after, name) for name in _FIELDS}
    row = RetentionState(record_id=move.record, reckoned_at=now, tags_behind=True, **values)
    if move.before is not None and tag(move.before) == tag(row):
        row.tags_behind = move.before.tags_behind
    return row


def _event(move: Move, now: datetime, actor: str, why: str) -> audit.Event:
    before = {name: _plain(getattr(move.before, name)) for name in _FIELDS}
    after = {name: _plain(getattr(move.after, name)) for name in _FIELDS}
    details = {"before": before, "after": after}
    return audit.Event(now, actor, "retention moved", move.record, why or str(move.after.event), details)


def _plain(value: object) -> str | None:
    return None if value is None else str(value)
