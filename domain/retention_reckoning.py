"""When may the disposal of a record first be proposed, by which rule and which event, or: not yet, care goes on.

Pure and total. Each record class counts for each person concerned; what is kept longest wins, and what has no end yet
beats every day. Nothing that is added (a class, a person, a placement, a later contact, another use) makes the day
earlier; what may is a day entered wrong and put right, a case closed, or a death where the schedule has a rule for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from domain.retention import (
    AFTER_DEATH,
    CORRESPONDENCE,
    RetentionPeriod,
    Schedule,
    Trigger,
    end_of_financial_year,
    kept_until,
)


class Event(StrEnum):
    """What a period counts from; or, from ``CARE_GOES_ON`` on, why it does not count yet."""

    END_OF_CARE = "end of care"
    END_OF_PLACEMENT = "end of placement"
    LAST_CONTACT = "last contact"
    CLOSURE = "closure"
    FINANCIAL_YEAR = "end of financial year"
    FILING = "filing"
    DEATH = "death"
    NOBODY_KNOWN = "filing, about nobody known"
    CARE_GOES_ON = "care goes on"
    PLACEMENT_GOES_ON = "the placement goes on"
    LEFT_BUT_PLACED = "the person has left, but a placement was not ended"
    NEVER_PLACED = "neither a placement nor an end of care is recorded"
    NOT_CLOSED = "not closed yet"
    NOT_IN_THE_REGISTER = "the register does not know the person"
    NO_RULE = "the schedule has no such rule"


@dataclass(frozen=True, slots=True)
class Stay:
    """A placement, from and to (both days included); ``ends`` is None while it goes on."""

    starts: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class Life:
    """What the register and the vault know of one person: placements, the day they left the service, the day of death,
    and the day of the newest record about them. Without the register knowing them, ``known`` is False.
    """  # noqa: D205 - one sentence that needs two lines

    stays: tuple[Stay, ...] = ()
    left_on: date | None = None
    died_on: date | None = None
    contact_on: date | None = None
    known: bool = True

    @property
    def placed(self) -> bool:
        """Whether a placement goes on: one that began later than the person left brings them back."""
        return self.died_on is None and any(stay.ends is None for stay in self.stays)

    def going_on(self, usual: Event) -> Event:
        """Why nothing has ended yet: the usual, or what the register should be asked about."""
        if not self.placed:
            return Event.NEVER_PLACED
        came_back = any(stay.ends is None and stay.starts > (self.left_on or date.min) for stay in self.stays)
        return usual if came_back else Event.LEFT_BUT_PLACED

    def ended(self) -> date | None:
        """The end of care: the latest of leaving, of the placements' ends, of death; None while care goes on."""
        return None if self.placed else self._latest(self.left_on, self.died_on)

    def placement_ended(self) -> date | None:
        """The end of the last placement; of somebody who had none, the end of care."""
        return None if self.placed else self._latest(*(() if self.stays else (self.left_on, self.died_on)))

    def together(self, others: Iterable[Life]) -> Life:
        """With what is known of the same person under other references: care that goes on there goes on, and what
        ended later there ended later. Never shorter than alone, for the two may be two after all.
        """  # noqa: D205 - one sentence that needs two lines
        others = tuple(others)
        running = tuple(stay for other in others if other.placed for stay in other.stays if stay.ends is None)
        if running:
            return replace(self, stays=(*self.stays, *running), died_on=None)
        ends = [day for other in others if (day := other.ended()) is not None]
        if self.ended() is None or not ends:
            return self
        return replace(self, left_on=max([*ends, self.left_on or date.min]))

    def _latest(self, *days: date | None) -> date | None:
        """Death ends a placement that went on."""
        ends = [stay.ends or self.died_on for stay in self.stays]
        return max((day for day in (*ends, *days) if day is not None), default=None)


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What is recorded by hand of one class of a record: which variant it is, and when its case was closed."""

    variant: str = ""
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """One record. ``used_on`` is its filing, or the last time that the same mail was filed again. ``people`` are
    references; of each there is a :class:`Life` when it is reckoned.
    """  # noqa: D205 - one sentence that needs two lines

    classes: Mapping[str, ClassFacts]
    used_on: date
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Kept:
    """What one class asks for, because of one person (none where it does not depend on people).

    ``until`` is the first day on which disposal may be proposed, None while nobody can know it. ``day`` is the day
    of the event that the ``years`` count from.
    """

    record_class: str
    event: Event
    until: date | None = None
    day: date | None = None
    variant: str = ""
    years: int = 0
    source: str = ""
    person: str = ""

    def run_out(self, today: date) -> bool:
        """Whether disposal may be proposed that day."""
        return self.until is not None and self.until <= today


def reckon(record: RecordFacts, lives: Mapping[str, Life], schedule: Schedule) -> tuple[Kept, ...]:
    """What every class asks for, the longest first. Never empty. ``lives`` may lack people: they are not known."""
    classes = record.classes or {CORRESPONDENCE: ClassFacts()}
    found = [kept for name, facts in classes.items() for kept in _of_class(name, facts, record, lives, schedule)]
    return tuple(sorted(found, key=_longest_first))


def _longest_first(kept: Kept) -> tuple[bool, int, str, str]:
    return kept.until is not None, -(kept.until or date.min).toordinal(), kept.record_class, kept.person


def _of_class(
    name: str, facts: ClassFacts, record: RecordFacts, lives: Mapping[str, Life], schedule: Schedule
) -> Iterator[Kept]:
    period = schedule.get(name)
    if period is None or (facts.variant and facts.variant not in period.marks):
        yield Kept(name, Event.NO_RULE, variant=facts.variant)
        return
    own = _BY_RECORD.get(period.trigger)
    if own is not None:
        yield _kept(period, facts.variant, "", *own(facts, record))
        return
    for ref in sorted(record.people):
        yield _for_person(period, facts, record, ref, lives.get(ref, Life(known=False)))
    if not record.people:
        yield _kept(period, facts.variant, "", Event.NOBODY_KNOWN, record.used_on)


def _for_person(period: RetentionPeriod, facts: ClassFacts, record: RecordFacts, ref: str, life: Life) -> Kept:
    if not life.known:
        return _kept(period, facts.variant, ref, Event.NOT_IN_THE_REGISTER, None)
    if life.died_on is not None and period.after_death is not None and not facts.variant:
        return _kept(period, AFTER_DEATH, ref, *_later(record, life, (Event.DEATH, life.ended()), contact=True))
    return _kept(period, facts.variant, ref, *_BY_PERSON[period.trigger](record, life))


def _kept(period: RetentionPeriod, variant: str, person: str, event: Event, day: date | None) -> Kept:
    rule = period.variants[variant] if variant else period
    until = None if day is None else kept_until(day, rule.years)
    return Kept(period.record_class, event, until, day, variant, rule.years, rule.source, person)


def _closure(facts: ClassFacts, record: RecordFacts) -> tuple[Event, date | None]:
    if facts.closed_on is None:
        return Event.NOT_CLOSED, None
    return max((facts.closed_on, Event.CLOSURE), (record.used_on, Event.FILING))[::-1]


def _financial_year(_: ClassFacts, record: RecordFacts) -> tuple[Event, date | None]:
    return Event.FINANCIAL_YEAR, end_of_financial_year(record.used_on)


def _filing(_: ClassFacts, record: RecordFacts) -> tuple[Event, date | None]:
    return Event.FILING, record.used_on


_BY_RECORD = {Trigger.CLOSURE: _closure, Trigger.FINANCIAL_YEAR: _financial_year, Trigger.FILING: _filing}


def _end_of_care(record: RecordFacts, life: Life) -> tuple[Event, date | None]:
    """8 years "from end of care or last seen": a later contact counts in its place."""
    ended = life.ended()
    if ended is None:
        return life.going_on(Event.CARE_GOES_ON), None
    return _later(record, life, (Event.END_OF_CARE, ended), contact=True)


def _end_of_placement(record: RecordFacts, life: Life) -> tuple[Event, date | None]:
    """A contract's claims do not begin anew because somebody wrote."""
    ended = life.placement_ended()
    if ended is None:
        return life.going_on(Event.PLACEMENT_GOES_ON), None
    return _later(record, life, (Event.END_OF_PLACEMENT, ended), contact=False)


def _last_contact(record: RecordFacts, life: Life) -> tuple[Event, date | None]:
    """Where somebody is placed, the last contact is still to come; it is never before the end of care."""
    if life.placed:
        return life.going_on(Event.CARE_GOES_ON), None
    return _later(record, life, (Event.END_OF_CARE, life.ended()), contact=True)


_BY_PERSON = {
    Trigger.END_OF_CARE: _end_of_care,
    Trigger.END_OF_PLACEMENT: _end_of_placement,
    Trigger.LAST_CONTACT: _last_contact,
}


def _later(
    record: RecordFacts, life: Life, event: tuple[Event, date | None], *, contact: bool
) -> tuple[Event, date | None]:
    """The event, or a contact or a use of the record itself that came after it."""
    latest, day = event
    if day is None:
        latest, day = Event.FILING, record.used_on
    if contact and life.contact_on is not None and life.contact_on > day:
        latest, day = Event.LAST_CONTACT, life.contact_on
    return (Event.FILING, record.used_on) if record.used_on > day else (latest, day)
