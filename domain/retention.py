"""The retention schedule: how long each class of record is kept, from which event, by whose rule.

A period is a minimum. It counts whole days, and the day of the event is not one of them (as the Limitation Act 1980
counts, from the day after the cause): what is kept for six years from 31 March may be proposed for disposal from
1 April six years later. Which event counts for a record is said by ``domain/retention_reckoning.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from domain.errors import ConfigurationError
from domain.here import HERE
from domain.model import Category

CORRESPONDENCE = "correspondence"
"""The record class of mail in which nothing confidential was found."""

AFTER_DEATH = "after-death"
"""The variant that takes a class's place once somebody whom the record is about has died."""

LONGEST = 150
"""Years. More than that is a slip of the pen."""

_DAY = timedelta(days=1)
_MARCH = 3


class Trigger(StrEnum):
    """What starts the clock."""

    END_OF_CARE = "end of care"
    END_OF_PLACEMENT = "end of placement"
    LAST_CONTACT = "last contact"
    CLOSURE = "closure"
    FINANCIAL_YEAR = "end of financial year"
    FILING = "filing"


@dataclass(frozen=True, slots=True)
class Variant:
    """Another period of a class, for records that are marked so (a deed), or after a death. ``shorter`` allows less."""

    name: str
    years: int
    source: str
    shorter: bool = False


@dataclass(frozen=True, slots=True)
class RetentionPeriod:
    """``years`` from ``trigger``; ``source`` is the rule it comes from."""

    record_class: str
    years: int
    trigger: Trigger
    source: str
    variants: Mapping[str, Variant] = field(default_factory=dict)

    @property
    def after_death(self) -> Variant | None:
        """What counts instead once the person has died, if the rule says so."""
        return self.variants.get(AFTER_DEATH)

    @property
    def marks(self) -> tuple[str, ...]:
        """The variants that a record may be marked as."""
        return tuple(sorted(self.variants.keys() - {AFTER_DEATH}))


Schedule = Mapping[str, RetentionPeriod]
"""By record class: every :class:`Category`, ``correspondence``, and classes that are given by hand."""


def check(schedule: Schedule) -> Schedule:
    """The same schedule, or ``ConfigurationError`` with one sentence on the first gap or impossibility."""
    for name in [*Category, CORRESPONDENCE]:
        if name not in schedule:
            _refuse(f"The retention schedule has no period for '{name}'.")
    for period in schedule.values():
        _check_years(period.record_class, period.years, period.source)
        for variant in period.variants.values():
            name = f"{period.record_class}.{variant.name}"
            _check_years(name, variant.years, variant.source)
            if variant.years < period.years and not variant.shorter and variant.name != AFTER_DEATH:
                _refuse(
                    f"In the retention schedule '{name}' is shorter than '{period.record_class}';"
                    " write shorter = true if its rule says so."
                )
    return schedule


def _check_years(name: str, years: int, source: str) -> None:
    if not 1 <= years <= LONGEST:
        _refuse(f"In the retention schedule the years of '{name}' must be 1 to {LONGEST}.")
    if not source.strip():
        _refuse(f"In the retention schedule '{name}' has no source; write which rule its years come from.")


def _refuse(public: str) -> None:
    raise ConfigurationError("retention", public=public)


def first_guess(classes: Collection[str], filed_on: date, schedule: Schedule) -> tuple[RetentionPeriod, date]:
    """The class that would be kept longest if nothing more happened, and the first day after its period."""
    periods = [schedule[c] for c in sorted(classes)] or [schedule[CORRESPONDENCE]]
    ends = [(period, kept_until(_begin(period.trigger, filed_on), period.years)) for period in periods]
    return max(ends, key=lambda end: end[1])


def retain_until(categories: Collection[Category], filed_at: datetime, schedule: Schedule) -> datetime:
    """Before this time disposal is not proposed, as far as can be known on filing, where the clock has to count from
    filing itself: housekeeping reckons it anew from the events of each person concerned.
    """  # noqa: D205 - one sentence that needs two lines
    return begins(first_guess(categories, day_of(filed_at), schedule)[1])


def _begin(trigger: Trigger, filed_on: date) -> date:
    return end_of_financial_year(filed_on) if trigger is Trigger.FINANCIAL_YEAR else filed_on


def day_of(at: datetime) -> date:
    """The day here on which something happened."""
    return at.astimezone(HERE).date()


def begins(day: date) -> datetime:
    """The first moment of a day here, in UTC."""
    return datetime.combine(day, time.min, HERE).astimezone(UTC)


def end_of_financial_year(day: date) -> date:
    """31 March: the council's own year (Local Audit and Accountability Act 2014 s.3). The tax year's 5 April is for
    the carers' own papers, which they keep themselves; and of the two, the years that meet in the first days of April
    keep such a record a year longer this way.
    """  # noqa: D205 - one sentence that needs two lines
    return date(day.year + (day.month > _MARCH), _MARCH, 31)


def kept_until(day: date, years: int) -> date:
    """The first day after ``years`` from an event on ``day``. 29 February's anniversary in other years is 1 March."""
    if day.year + years >= date.max.year:
        return date.max
    try:
        anniversary = day.replace(year=day.year + years)
    except ValueError:
        anniversary = date(day.year + years, _MARCH, 1)
    return anniversary + _DAY
