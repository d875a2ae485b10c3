"""Who may let a record go, and when. The rules alone: no rows, no store, no clock.

A line of a proposal goes one way:

    open ──▶ begun ──▶ erased ──▶ disposed        open ──▶ refused (kept longer)
      ▲        │
      └────────┘ stopped: a hold came, or the store keeps the object

``begun``: the intent is in the audit trail, and objects may be going. ``erased``: the store's own listing shows nothing
left. ``disposed``: the row is a stub. It is begun only with two valid approvals by two people, neither of whom proposed
it, of exactly what is there now. UK GDPR Art. 5(1)(e) and (f); ISO 15489-1 section 9.9 (disposition is authorised).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

NEEDED = 2
"""How many people approve."""

_PEOPLE = ("cli:", "console:")
_CODE = 12


class LineState(StrEnum):
    """Where a line is on its way."""

    OPEN = "open"
    REFUSED = "refused"
    BEGUN = "begun"
    ERASED = "erased"
    DISPOSED = "disposed"


UNDER_WAY = frozenset({LineState.BEGUN, LineState.ERASED})


class Obstacle(StrEnum):
    """Why something may not be done. The value is the sentence that people read."""

    NOT_A_PERSON = "only a person can approve, not a program"
    OWN_PROPOSAL = "who proposed it cannot approve it"
    APPROVED_BEFORE = "you have approved it already; the second approval is another person's"
    OTHER_DOOR = (
        "one of you came by the command line and the other by the console, and nobody can tell whether that is one "
        "person twice; do both the same way"
    )
    ENOUGH = "two people have approved it already"
    NOT_OPEN = "it is not open any more"
    OTHER_THAN_SEEN = "it is not what you saw; look at it again"
    NO_REASON = "a reason is needed"
    NOT_LATER = "the new review date must be later than today"
    TOO_FEW = "it needs the approval of two people"
    EXPIRED = "an approval has run out"
    CHANGED = "something about it changed after it was approved"
    NOT_DUE = "its retention has not run out"
    HELD = "a legal hold is on it"
    LOCKED = "the store keeps a copy, by its lock or its own legal hold"
    NOT_THERE = "the store has none of its files; an operator has to compare it with the records"
    UNDECIDED = "a mail of it is held and waits for a decision"
    ASKED_FOR = "somebody whom it is about has asked for what is held about them, and has no answer yet"
    SAME_PERSON = "it takes a second person: not the one who asked for it"
    NOT_ASKED = "nobody has asked for it yet"
    LIFTED = "the hold has been lifted already"


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's: of the state of things that has this digest, until it runs out."""

    by: str
    digest: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """What is proposed, and who approved it so far."""

    state: LineState
    proposer: str
    approvals: tuple[Approval, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the record (or key) stands now. ``due``: its retention, and that of all that it opens, has run out."""

    digest: str
    due: bool
    held: bool
    locked: bool = False
    undecided: bool = False
    asked_for: bool = False


def digest_of(facts: Mapping[str, object]) -> str:
    """SHA-256 of what was shown to those who approve; hexadecimal. Whatever changes in it makes approvals void."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def seen_code(digests: Iterable[str]) -> str:
    """What stands for a whole proposal as it was seen: short enough to be typed."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()[:_CODE]


def is_person(actor: str) -> bool:
    """Whether it is somebody's own account. Programs propose; they approve nothing."""
    return any(actor.startswith(prefix) and len(actor) > len(prefix) for prefix in _PEOPLE)


def who(actor: str) -> str:
    """The person behind an account: of an address in the console the part before the @, folded."""
    return actor.partition(":")[2].partition("@")[0].casefold() if is_person(actor) else actor


def may_be_one(actor: str, other: str) -> bool:
    """Whether two accounts may be one person's: by their names, or because each came by another door.

    The machine's accounts and the console's are given by different people, and nothing says which belong together.
    """
    return who(actor) == who(other) or _by_different_doors(actor, other)


def _by_different_doors(actor: str, other: str) -> bool:
    return is_person(actor) and is_person(other) and actor.partition(":")[0] != other.partition(":")[0]


def valid(line: Line, digest: str, now: datetime) -> tuple[Approval, ...]:
    """The approvals that count: of what is there now, not run out, by people, one each, none of them the proposer."""
    counted: list[Approval] = []
    for approval in line.approvals:
        counts = approval.digest == digest and now < approval.expires_at and is_person(approval.by)
        if counts and not any(may_be_one(approval.by, other) for other in [line.proposer, *(c.by for c in counted)]):
            counted.append(approval)
    return tuple(counted)


def obstacle_to_approve(line: Line, actor: str, digest: str, now: datetime) -> Obstacle | None:
    """What stands against this person's approval."""
    if not is_person(actor):
        return Obstacle.NOT_A_PERSON
    if line.state is not LineState.OPEN:
        return Obstacle.NOT_OPEN
    if who(actor) == who(line.proposer):
        return Obstacle.OWN_PROPOSAL
    counted = [a.by for a in valid(line, digest, now)]
    if who(actor) in {who(by) for by in counted}:
        return Obstacle.APPROVED_BEFORE
    if len(counted) >= NEEDED:
        return Obstacle.ENOUGH
    others = [line.proposer, *counted]
    return Obstacle.OTHER_DOOR if any(_by_different_doors(actor, other) for other in others) else None


def obstacle_to_refuse(line: Line, why: str, keep_until: date, today: date) -> Obstacle | None:
    """Anybody may refuse, with a reason and a later day on which it is looked at again, until it is begun."""
    if line.state is not LineState.OPEN:
        return Obstacle.NOT_OPEN
    if not why.strip():
        return Obstacle.NO_REASON
    return Obstacle.NOT_LATER if keep_until <= today else None


def obstacles_to_begin(line: Line, standing: Standing, now: datetime) -> tuple[Obstacle, ...]:
    """All that stands against destroying it; empty means that it may begin."""
    if line.state is not LineState.OPEN:
        return (Obstacle.NOT_OPEN,)
    return (*obstacles_of_the_record(standing), *_of_the_approvals(line, standing, now))


def obstacle_to_erase(line: Line, *, held: bool) -> Obstacle | None:
    """The last look before anything goes."""
    if line.state is not LineState.BEGUN:
        return Obstacle.NOT_OPEN
    return Obstacle.HELD if held else None


def obstacles_of_the_record(standing: Standing) -> Iterator[Obstacle]:
    """What stands against it whoever approved."""
    if standing.held:
        yield Obstacle.HELD
    if not standing.due:
        yield Obstacle.NOT_DUE
    if standing.locked:
        yield Obstacle.LOCKED
    if standing.undecided:
        yield Obstacle.UNDECIDED
    if standing.asked_for:
        yield Obstacle.ASKED_FOR


def _of_the_approvals(line: Line, standing: Standing, now: datetime) -> Iterator[Obstacle]:
    if len(valid(line, standing.digest, now)) >= NEEDED:
        return
    if any(a.digest != standing.digest for a in line.approvals):
        yield Obstacle.CHANGED
    elif any(now >= a.expires_at for a in line.approvals):
        yield Obstacle.EXPIRED
    else:
        yield Obstacle.TOO_FEW


def obstacle_to_ask_for_lifting(*, lifted: bool, actor: str, why: str) -> Obstacle | None:
    """A hold comes off in two steps: somebody asks, with the reason."""
    if lifted:
        return Obstacle.LIFTED
    if not is_person(actor):
        return Obstacle.NOT_A_PERSON
    return None if why.strip() else Obstacle.NO_REASON


def obstacle_to_lifting(*, lifted: bool, asked_by: str, actor: str) -> Obstacle | None:
    """And a second person does it."""
    if lifted:
        return Obstacle.LIFTED
    if not is_person(actor):
        return Obstacle.NOT_A_PERSON
    if not asked_by:
        return Obstacle.NOT_ASKED
    if who(actor) == who(asked_by):
        return Obstacle.SAME_PERSON
    return Obstacle.OTHER_DOOR if _by_different_doors(actor, asked_by) else None
