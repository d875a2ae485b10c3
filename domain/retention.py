"""How long a record is kept, as far as it can be known on filing.

The end of care is not known when a mail is filed, so the period counts from filing for
now and the object gets a short lock, which housekeeping extends (``uk-rules``). Events
that move the clock, holds and disposal come with the issue "The vault".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import ConfigurationError
from domain.model import Category

CORRESPONDENCE = "correspondence"
"""The record class of mail in which nothing confidential was found."""


@dataclass(frozen=True, slots=True)
class RetentionPeriod:
    """``years`` from ``trigger``; ``source`` is the rule it comes from."""

    record_class: str
    years: int
    trigger: str
    source: str


Schedule = Mapping[str, RetentionPeriod]
"""By record class: every :class:`Category`, and ``correspondence``."""


def check(schedule: Schedule) -> Schedule:
    """The same schedule, or ``ConfigurationError`` naming a class without a period."""
    for name in [*Category, CORRESPONDENCE]:
        if name not in schedule or schedule[name].years < 1:
            raise ConfigurationError("retention", public=f"The retention schedule has no period for '{name}'.")
    return schedule


def governing(categories: Collection[Category], schedule: Schedule) -> RetentionPeriod:
    """The longest period among the categories of a record."""
    periods = [schedule[c] for c in sorted(categories)] or [schedule[CORRESPONDENCE]]
    return max(periods, key=lambda p: p.years)


def retain_until(categories: Collection[Category], filed_at: datetime, schedule: Schedule) -> datetime:
    """The earliest time at which disposal may be proposed, if nothing more happens. Leap days count as 1 March."""
    years = governing(categories, schedule).years
    try:
        return filed_at.replace(year=filed_at.year + years)
    except ValueError:
        return (filed_at + timedelta(days=1)).replace(year=filed_at.year + years)
