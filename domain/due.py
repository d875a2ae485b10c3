"""What is due when: reviews, training, keys. Pure; whoever reads the register or the keys brings the dates.

The policy asks for a review "at least on a yearly basis" and for yearly training. Nothing here holds personal data
beyond council IDs: what is due is written into mails.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum

from domain.here import HERE
from domain.permission import Grant, PersonFacts, ReviewIntervals, counting


class Matter(StrEnum):
    """What has to be done, in the order of its weight."""

    RELEASE = "urgent release"
    ACCESS = "subject access request"
    REQUEST = "request for a review"
    PERMISSION = "permission to share"
    BASIS = "other ground for sharing"
    LEAVING = "papers and copies after a parting"
    TRAINING = "data-protection training"
    APPRAISAL = "yearly appraisal"
    KEY = "key or certificate"


class Stage(IntEnum):
    """How pressing it is; the most pressing first."""

    OVERDUE = 0
    WAITING = 1
    WEEK = 2
    MONTH = 3
    TWO_MONTHS = 4

    @property
    def label(self) -> str:
        """As a heading."""
        return ("Overdue", "Waiting", "Within 7 days", "Within 30 days", "Within 60 days")[self]


_DAYS = {Stage.WEEK: 7, Stage.MONTH: 30, Stage.TWO_MONTHS: 60}
NONE_RECORDED = "none is recorded"
_LOOK_AHEAD = dict.fromkeys(Matter, Stage.MONTH) | {Matter.KEY: Stage.TWO_MONTHS}


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do. ``about`` is a council ID, a carer's id, or one of our own keys; ``ref`` finds it again.

    It is overdue from ``until`` on; None is for what waits without a date. ``officers`` are the folded addresses of
    those whose people it concerns. ``detail`` (a mailbox, a ground) is for the office's screen, never for mail.
    """

    matter: Matter
    about: str
    ref: str
    until: datetime | None
    officers: tuple[str, ...] = ()
    note: str = ""
    detail: str = ""

    def stage(self, now: datetime) -> Stage | None:
        """None while it is far off."""
        if self.until is None:
            return Stage.WAITING
        if self.until <= now:
            return Stage.OVERDUE
        left = (self.last_day(self.until) - now.astimezone(UTC).date()).days
        near = next((stage for stage, days in _DAYS.items() if left <= days), None)
        return near if near is not None and near <= _LOOK_AHEAD[self.matter] else None

    @property
    def dated(self) -> bool:
        """Whether there was a day to keep."""
        return self.until is not None and self.note != NONE_RECORDED

    @property
    def until_day(self) -> date | None:
        """The last day on which it is in time, if there is one."""
        return self.last_day(self.until) if self.until is not None and self.dated else None

    @staticmethod
    def last_day(until: datetime) -> date:
        """The last day (UTC, as permissions are judged) on which it is in time."""
        return (until - timedelta(microseconds=1)).astimezone(UTC).date()


def after(day: date) -> datetime:
    """The first moment at which something that was to be done by that day (included) is overdue."""
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


def permission_due(
    person: PersonFacts, council_id: str, at: datetime, reviews: ReviewIntervals, officers: tuple[str, ...] = ()
) -> Due | None:
    """The review of the permission that counts now; None where nothing is permitted that could be reviewed."""
    form = counting(person, at)
    died = person.died_on is not None and person.died_on <= at.date()
    if form is None or died or _gone(form.withdrawn_at, at) or not any(_live(g, at) for g in form.grants):
        return None
    return Due(Matter.PERMISSION, council_id, form.ref, after(reviews.due(form, person.capacity)), officers)


def training_due(
    carer: str, trained_on: date | None, lasts: timedelta, now: datetime, officers: tuple[str, ...] = ()
) -> Due:
    """A carer's next data-protection training; at once where none is recorded."""
    if trained_on is None:
        return Due(Matter.TRAINING, carer, carer, now, officers, NONE_RECORDED)
    return Due(Matter.TRAINING, carer, carer, after(trained_on + lasts), officers)


def appraisal_due(carer: str, held_on: date, lasts: timedelta, officers: tuple[str, ...] = ()) -> Due:
    """A carer's next appraisal, in which the officer looks at how information is kept there."""
    return Due(Matter.APPRAISAL, carer, carer, after(held_on + lasts), officers)


def in_order(dues: Iterable[Due], now: datetime) -> list[tuple[Stage, Due]]:
    """What is near, the most pressing first."""
    staged = [(stage, due) for due in dues if (stage := due.stage(now)) is not None]
    return sorted(staged, key=lambda pair: (pair[0], pair[1].until or now, pair[1].about, pair[1].ref))


def digests(
    dues: Iterable[Due], now: datetime, office: str, management: Sequence[str]
) -> Mapping[str, list[tuple[Stage, Due]]]:
    """Who is told what: a person's officers; the management team of urgent releases.

    The office is told of what has nobody else, and of all that is overdue, so that no absence hides anything.
    """
    told: dict[str, list[tuple[Stage, Due]]] = defaultdict(list)
    for stage, due in in_order(dues, now):
        for recipient in dict.fromkeys(_told(stage, due, office, management)):
            told[recipient].append((stage, due))
    return told


def week_of(now: datetime) -> str:
    """The ISO 8601 week here: ``2026-W48``."""
    year, week, _ = now.astimezone(HERE).isocalendar()
    return f"{year}-W{week:02}"


def _told(stage: Stage, due: Due, office: str, management: Sequence[str]) -> Iterator[str]:
    mine = tuple(management) if due.matter is Matter.RELEASE else due.officers
    yield from mine
    if not mine or stage is Stage.OVERDUE:
        yield office


def _live(grant: Grant, at: datetime) -> bool:
    return not _gone(grant.withdrawn_at, at)


def _gone(when: datetime | None, at: datetime) -> bool:
    return when is not None and when <= at
