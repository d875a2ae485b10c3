"""When a placement ends or a carer leaves the scheme: what has to come back, and what has to be deleted. Pure.

The policy ("What to do with paperwork when a placement ends or a carer retires"): all paper is returned to the officer;
what a carer has to keep, for tax for instance, is discussed with the officer and agreed with the Management Team; of
what is stored digitally the officer is told. The policy sets no days: :data:`SIGNED_WITHIN`, :data:`LOOKS_BACK` and
:data:`REMINDED_AFTER` are this software's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

SIGNED_WITHIN = timedelta(days=28)
"""After the last day, the carer's statement is overdue."""
LOOKS_BACK = timedelta(days=90)
"""What ended longer ago is history: a register that is read in for the first time brings years of it."""


REMINDED_AFTER, MOST_REMINDERS = timedelta(days=7), 3
"""The carer gets the notice again while they have not signed."""


class Why(StrEnum):
    """What ended it."""

    PLACEMENT = "the placement ended"
    LEFT = "the carer left the scheme"


class Papers(StrEnum):
    """What a carer says of paper."""

    RETURNED = "all papers are given back"
    NONE = "there never were any papers"
    SOME = "there still are papers"


class Copies(StrEnum):
    """What a carer says of copies on telephones, on computers and in mailboxes."""

    DELETED = "all copies are deleted"
    NONE = "there never were any copies"
    SOME = "there still are copies"


class How(StrEnum):
    """How something reached a carer, as far as it is known: whether a copy may be with them."""

    MAIL = "sent to the mailbox"
    SAVED = "a copy was saved"
    SHOWN = "shown on the page"
    UNREAD = "never opened"


@dataclass(frozen=True, slots=True)
class Stay:
    """A carer had somebody in their care, from and to (both days included; open where None).

    ``left``: it ended because the carer's approval did.
    """

    carer: str
    person: str
    starts: date | None
    ends: date | None
    left: bool = False


@dataclass(frozen=True, slots=True)
class Leaving:
    """A carer (their id) has not got this person (a reference) in their care any more, since the day after ``ended``.

    ``began`` is when the last stay began.
    """

    carer: str
    person: str
    why: Why
    ended: date
    began: date | None = None


def leavings(stays: Iterable[Stay], today: date) -> list[Leaving]:
    """Everybody who has left or lost somebody lately, and has not got them back by now."""
    together: Mapping[tuple[str, str], list[Stay]] = _together(stays, today)
    return [
        Leaving(carer, person, Why.LEFT if last.left else Why.PLACEMENT, last.ends, last.starts)
        for (carer, person), theirs in sorted(together.items())
        if (last := max(theirs, key=_last_day)).ends is not None and today - LOOKS_BACK <= last.ends < today
    ]


def _together(stays: Iterable[Stay], today: date) -> dict[tuple[str, str], list[Stay]]:
    """Those that have begun, by carer and person."""
    found = defaultdict(list)
    for stay in stays:
        if stay.starts is None or stay.starts <= today:
            found[stay.carer, stay.person].append(stay)
    return found


def _last_day(stay: Stay) -> date:
    return stay.ends or date.max


@dataclass(frozen=True, slots=True)
class Shared:
    """One mail about the person that reached the carer. ``kinds`` are those of its documents, as categories' values."""

    on: date
    kinds: tuple[str, ...]
    how: How


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page that a carer signs. ``keeps`` is what they may keep, ``agreed_by`` who of the Management Team agreed.

    ``closed`` counts links that opened something about the person once.
    """

    name: str = field(repr=False)
    council_id: str
    carer: str = field(repr=False)
    why: Why
    ended: date
    shared: tuple[Shared, ...] = field(repr=False)
    closed: int = 0
    keeps: str = field(default="", repr=False)
    agreed_by: str = field(default="", repr=False)


def is_reminded(sent: Sequence[datetime], now: datetime) -> bool:
    """Whether the carer gets the notice once more. ``sent`` is when they got it before, in any order."""
    return 0 < len(sent) <= MOST_REMINDERS and now - max(sent) >= REMINDED_AFTER


def is_all_gone(papers: Papers, copies: Copies) -> bool:
    """Whether nothing has to come back any more, as the carer says."""
    return papers is not Papers.SOME and copies is not Copies.SOME
