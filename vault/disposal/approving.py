"""Seen and approved by two people, or refused. Who approves says what they saw, by the code that was shown with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.disposal import (
    Approval,
    Line,
    LineState,
    Obstacle,
    obstacle_to_approve,
    obstacle_to_refuse,
    obstacles_to_begin,
    seen_code,
)
from vault import audit
from vault.disposal.proposing import mark_refused, name
from vault.disposal.standing import Seen, Viewer
from vault.holds.setting import NotAllowed
from vault.models import DisposalApproval, DisposalBatch, DisposalLine
from vault.paging import in_pieces
from vault.turns import taking_turns

_AT_ONCE = 200
STANDS_IN_THE_WAY = frozenset({Obstacle.HELD, Obstacle.NOT_DUE, Obstacle.UNDECIDED, Obstacle.ASKED_FOR})
"""What makes an approval pointless now. A lock runs out by itself."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One line as it is now. ``obstacles`` are empty if it could be begun at once."""

    row: DisposalLine
    facts: Mapping[str, object]
    digest: str
    approvers: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """A whole proposal as it is now; ``code`` stands for all of its open lines."""

    batch: DisposalBatch
    lines: tuple[Shown, ...]
    code: str


def look(batch: str, viewer: Viewer, now: datetime) -> Sight:
    """What is shown before somebody approves. Raises :class:`NotAllowed` for a proposal that is none."""
    found = _existing(batch)
    rows = list(found.lines.prefetch_related("approvals"))
    lines = [shown for piece in in_pieces(rows, _AT_ONCE) for shown in _shown(piece, viewer, now)]
    is_open = [f"{x.row.pk} {x.digest}" for x in lines if x.row.state == LineState.OPEN]
    return Sight(found, tuple(lines), seen_code(is_open))


def approve(batch: str, seen: str, viewer: Viewer, actor: str, now: datetime, lasts: timedelta) -> int:
    """One person's approval of every open line that can go; how many. It runs out after ``lasts``.

    Raises :class:`NotAllowed`, also where anything is not as it was seen.
    """
    with taking_turns():
        sight = look(batch, viewer, now)
        if sight.code != seen.strip().lower():
            _stop(Obstacle.OTHER_THAN_SEEN)
        lines = [x for x in sight.lines if x.row.state == LineState.OPEN]
        obstacles = {x.row.pk: obstacle_to_approve(line_of(x.row), actor, x.digest, now) for x in lines}
        free = [x for x in lines if not obstacles[x.row.pk] and not STANDS_IN_THE_WAY & set(x.obstacles)]
        if not free:
            _stop(next((o for o in obstacles.values() if o), None) or _of_all(lines))
        for shown in free:
            _approve(shown, actor, now, now + lasts)
        audit.append(
            audit.Event(now, actor, "disposal approved", x.row.record_id or "", "seen and approved", _details(x))
            for x in free
        )
    return len(free)


def refuse(batch: str, record: str, why: str, keep_until: date, actor: str, now: datetime) -> None:
    """A record (or a key, ``person/generation``) stays until somebody looks at it again. Raises :class:`NotAllowed`."""
    with taking_turns():
        rows = [x for x in _existing(batch).lines.select_for_update() if name(x) == record]
        if not rows:
            raise NotAllowed("no such line", public=f"{record} is not in the proposal {batch}.")
        obstacle = obstacle_to_refuse(line_of(rows[0]), why, keep_until, now.date())
        if obstacle:
            _stop(obstacle)
        mark_refused(rows[0], why.strip(), keep_until, actor, now)


def line_of(row: DisposalLine) -> Line:
    """As the rules know it; approvals that were made void do not count."""
    approvals = sorted((a for a in row.approvals.all() if not a.void), key=lambda a: a.pk)
    return Line(
        LineState(row.state),
        row.proposed_by,
        tuple(Approval(a.by, a.digest, a.expires_at) for a in approvals),
    )


def make_void(row: DisposalLine, why: str) -> None:
    """All approvals of a line; within the caller's transaction."""
    DisposalApproval.objects.filter(line=row, void="").update(void=why)


def _shown(rows: Sequence[DisposalLine], viewer: Viewer, now: datetime) -> list[Shown]:
    seen = viewer.of_lines([r for r in rows if r.state == LineState.OPEN], now)
    return [_one(row, seen.get(row.pk), now) for row in rows]


def _one(row: DisposalLine, seen: Seen | None, now: datetime) -> Shown:
    """What is not open any more is shown as it was approved."""
    if seen is None:
        return Shown(row, row.facts, row.digest, tuple(filter(None, (row.first_approver, row.second_approver))), ())
    line, standing = line_of(row), seen.standing
    approvers = tuple(a.by for a in line.approvals if a.digest == standing.digest and now < a.expires_at)
    return Shown(row, seen.facts, standing.digest, approvers, obstacles_to_begin(line, standing, now))


def _approve(shown: Shown, actor: str, now: datetime, expires_at: datetime) -> None:
    """Earlier approvals of another state of things are void by now, and so is what has run out."""
    row = shown.row
    for old in row.approvals.all():
        if not old.void and (old.digest != shown.digest or old.expires_at <= now):
            old.void = Obstacle.CHANGED if old.digest != shown.digest else Obstacle.EXPIRED
            old.save(update_fields=["void"])
    if row.digest != shown.digest:
        row.facts, row.digest = dict(shown.facts), shown.digest
        row.save(update_fields=["facts", "digest"])
    DisposalApproval.objects.create(
        line=row, proposed_by=row.proposed_by, by=actor, at=now, expires_at=expires_at, digest=shown.digest
    )


def _of_all(lines: Sequence[Shown]) -> Obstacle:
    """Why none of them can go."""
    found = [o for x in lines for o in x.obstacles if o in STANDS_IN_THE_WAY]
    return found[0] if found else Obstacle.NOT_OPEN


def _details(shown: Shown) -> dict[str, object]:
    return {"batch": shown.row.batch_id, "digest": shown.digest, "line": shown.row.pk}


def _existing(batch: str) -> DisposalBatch:
    row = DisposalBatch.objects.filter(id=batch).first()
    if row is None:
        raise NotAllowed("no such proposal", public=f"There is no proposal {batch}; see `sallyport disposal list`.")
    return row


def _stop(obstacle: Obstacle) -> None:
    raise NotAllowed(obstacle.name, public=f"Not done: {obstacle}.")
