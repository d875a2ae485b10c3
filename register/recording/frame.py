"""What every recording has in common: one transaction, one error with a sentence, rows held while they change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from domain.errors import SallyportError
from domain.here import HERE
from domain.permission import Capacity
from register import models as m
from register.acting import acting, actor
from register.models.recorded import Recorded

_Row = TypeVar("_Row", bound=Recorded)


class Impossible(SallyportError):
    """What was to be recorded cannot be. ``public`` says why, and what to do instead; it holds no name."""

    def __init__(self, public: str) -> None:
        super().__init__("impossible", public=public)


@contextmanager
def recording(why: str, now: datetime) -> Iterator[None]:
    """All of it or nothing, known from ``now``, in the name of who acts. Raises :class:`Impossible`."""
    whoever = actor()
    try:
        with acting(whoever.who, whoever.why or why, now), transaction.atomic():
            yield
    except ValidationError as error:
        raise Impossible(_sentence(error)) from error
    except IntegrityError as error:
        raise Impossible("Somebody else has just recorded the same; look at it, and try again.") from error


def _sentence(error: ValidationError) -> str:
    said = "; ".join(dict.fromkeys(m.rstrip(".") for m in error.messages))
    return f"{said[:1].upper()}{said[1:]}."


def locked(model: type[_Row], what: str, **keys: Any) -> _Row:
    """The row, held until the transaction ends, so that no stale copy of it is ever stored."""
    found: _Row | None = model.objects.select_for_update().filter(**keys).first()
    if found is None:
        raise Impossible(f"There is no {what} with that id.")
    return found


def person_of(council_id: str) -> m.Person:
    """The service user; a council ID counts in any case."""
    return locked(m.Person, "person", council_id__iexact=council_id.strip())


def today(now: datetime) -> date:
    """The day on which people here live at that instant: forms and reviews are dated by it."""
    return now.astimezone(HERE).date()


def not_ahead(day: date, now: datetime, what: str) -> None:
    """Nothing is recorded before it has happened."""
    if day > today(now):
        raise Impossible(f"The {what} lies in the future.")


def said(text: str, what: str) -> str:
    """The text, stripped. Raises :class:`Impossible` if nothing is left."""
    if not text.strip():
        raise Impossible(f"It must say {what}.")
    return text.strip()


def capacity_on(person: m.Person, day: date) -> Capacity:
    """As assessed by then; presumed without any assessment (Mental Capacity Act 2005 s.1)."""
    last = assessment_on(person, day)
    return Capacity(last.capacity) if last else Capacity.HAS


def assessment_on(person: m.Person, day: date) -> m.CapacityAssessment | None:
    """The last one by then."""
    known = m.CapacityAssessment.objects.filter(Q(starts__isnull=True) | Q(starts__lte=day), person=person)
    return known.order_by(F("starts").desc(nulls_last=True)).first()


def party_or_organisation(code: str) -> dict[str, m.Party | m.Organisation | None]:
    """Whom a line of a form names, as the fields of a grant."""
    party = m.Party.objects.filter(code=code).first()
    organisation = None if party else m.Organisation.objects.filter(code=code).first()
    if not party and not organisation:
        raise Impossible(f"There is no party and no organisation with the id '{code}'.")
    return {"party": party, "organisation": organisation}


def same(row: Recorded, values: dict[str, Any]) -> bool:
    """Whether the row says this already."""
    return all(getattr(row, name) == value for name, value in values.items())


def changed(row: _Row, values: dict[str, Any]) -> _Row:
    """The row, stored with these values."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row
