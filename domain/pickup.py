"""Pick-up: a mail that waits, sealed, for a recipient who has no key. Pure; ``now`` is an argument.

A :class:`PickupGrant` says who may open it, whom it is about, and until when. It is no permission: whether it may still
be opened is asked of the register and the policy on every request, so that what is withdrawn is withdrawn now
(promise 5). A link alone opens nothing; a code, which comes another way, does, and few of them may be tried.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.decision import Action, Decision
from domain.model import Address, Category
from domain.permission import Circle
from domain.rules import Condition, Rules
from domain.sharing import Sharing
from domain.tags import Concern

About = frozenset[tuple[str, Category]]
"""What somebody learns: register references of people, and kinds of document about them."""


class Ending(StrEnum):
    """Why a grant opens nothing any more."""

    EXPIRED = "its time is over"
    REVOKED = "it was revoked"
    REPLACED = "it was sent anew, and the newer link counts"
    NOT_PERMITTED = "it may not be shared with them any more"


@dataclass(frozen=True, slots=True)
class PickupGrant:
    """One mail for one recipient. ``ended`` is what somebody did to it; ``concern`` that of an urgent release."""

    recipient: Address
    about: About
    until: datetime
    ended: Ending | None = None
    concern: Concern | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a grant may be opened now. ``rules`` are the policy's, where they close it."""

    ending: Ending | None = None
    rules: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """It may."""
        return self.ending is None


def about(decision: Decision) -> About:
    """What the recipient of a decision learns, as its reasons say. Nothing confidential: nothing."""
    return frozenset((r.person, r.category) for r in decision.reasons if r.person and r.category)


def concern(decision: Decision, asked: Concern | None, rules: Rules) -> Concern | None:
    """The concern on which the decision rests, if it was an urgent release."""
    released = rules.conditions[Condition.URGENT_RELEASE].rule
    return asked if any(r.rule == released for r in decision.reasons) else None


def standing(grant: PickupGrant, circle: Circle, rules: Rules, now: datetime) -> Standing:
    """Asked anew on every request. ``circle`` is what the register says of its people and its recipient now."""
    if grant.ended is not None:
        return Standing(grant.ended)
    if now >= grant.until:
        return Standing(Ending.EXPIRED)
    if grant.recipient in circle.stopped:
        return Standing(Ending.NOT_PERMITTED, (rules.conditions[Condition.RECIPIENT_STOPPED].rule,))
    urgent = grant.concern if grant.concern in rules.urgency.bases else None  # the policy may have changed since
    reasons = Sharing(grant.recipient, circle, rules, urgent).again(grant.about)
    against = tuple(dict.fromkeys(r.rule for r in reasons if r.action > Action.ENCRYPT))
    return Standing(Ending.NOT_PERMITTED, against) if against else Standing()


CODE_DIGITS = 6
CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5
VISIT_LASTS = timedelta(minutes=60)
"""How long somebody who gave the code may look, before another is asked for."""


def code_stands(made_at: datetime, tries: int, now: datetime, *, used: bool) -> bool:
    """Whether a code may be tried once more. ``tries`` are those before."""
    return not used and tries < MOST_TRIES and made_at <= now < made_at + CODE_LASTS


class Doing(StrEnum):
    """What is counted."""

    SENT = "a code was sent"
    TRIED = "a code or a passphrase was tried"
    ANSWERED = "an answer was sent"
    UPLOADED = "a piece of a file was sent"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One of them. ``peer`` is the network address, or the network, from which it came."""

    doing: Doing
    at: datetime
    grant: str
    recipient: str
    peer: str

    def same(self, other: Attempt, by: str) -> bool:
        """Whether both are the same doing, of one grant, recipient or peer."""
        return self.doing is other.doing and bool(getattr(self, by) == getattr(other, by))


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many within a time, counted by ``grant``, ``recipient`` or ``peer``."""

    doing: Doing
    by: str
    most: int
    within: timedelta


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
LIMITS = (
    Limit(Doing.SENT, "grant", 4, _HOUR),
    Limit(Doing.SENT, "grant", 10, _DAY),
    Limit(Doing.SENT, "recipient", 20, _DAY),
    Limit(Doing.SENT, "peer", 60, _HOUR),
    Limit(Doing.TRIED, "grant", 20, _DAY),  # of a million codes: in thirty days less than one in a thousand is hit
    Limit(Doing.TRIED, "recipient", 40, _DAY),
    Limit(Doing.TRIED, "peer", 60, _HOUR),
    Limit(Doing.ANSWERED, "grant", 20, _DAY),
    Limit(Doing.ANSWERED, "recipient", 40, _DAY),
    Limit(Doing.UPLOADED, "grant", 2000, _DAY),
)
LONGEST = max(limit.within for limit in LIMITS)
"""After this time an attempt counts no more, and may be forgotten."""


def allowed(asked: Attempt, before: Collection[Attempt], limits: Iterable[Limit] = LIMITS) -> bool:
    """Whether this one may go on. ``before`` are the earlier ones that went on; those that did not are not counted."""
    return all(_within(limit, asked, before) for limit in limits if limit.doing is asked.doing)


def _within(limit: Limit, asked: Attempt, before: Collection[Attempt]) -> bool:
    recent = (a for a in before if a.same(asked, limit.by) and asked.at - a.at < limit.within)
    return sum(1 for _ in recent) < limit.most
