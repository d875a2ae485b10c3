"""Who had whom in their care, from when to when; and what a leaver's page needs of carer, person and officer.

Present rows only. Raises ``RegisterUnavailable``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.leaving import Leaving, Stay, leavings
from domain.permission import PartyKind
from register.lookup import reading
from register.models import EarlierHousehold, EarlierMailbox, Party, Person, PersonName, Placement, Support
from register.models.recorded import valid_on

_DAY = timedelta(days=1)
Span = tuple[date | None, date | None]
"""From and to, both included, either of them open."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is concerned. ``addresses`` are all that the carer ever had; ``officer`` is a mailbox, or empty."""

    carer: str = field(repr=False)
    email: str = field(repr=False)
    addresses: frozenset[str] = field(repr=False)
    person: str = field(repr=False)
    council_id: str
    officer: str


def ended(today: date) -> list[Leaving]:
    """Every carer and person who have parted lately."""
    with reading("leavings"):
        return leavings(_stays(today), today)


def parties(carer: str, person: str, today: date) -> Parties | None:
    """By the carer's id and the person's reference; None where one of them is not in the register any more."""
    with reading("leaving"):
        who = Party.objects.filter(code=carer, kind=PartyKind.CARER.value).first()
        whom = Person.objects.filter(ref=person).select_related("officer").first()
        if who is None or whom is None:
            return None
        before = EarlierMailbox.objects.filter(party=who).values_list("email", flat=True)
        name = PersonName.objects.filter(person=whom, main=True).values_list("name", flat=True).first()
        serves = whom.officer is not None and Party.objects.filter(valid_on(today), pk=whom.officer_id).exists()
        return Parties(
            carer=who.name,
            email=who.email,
            addresses=frozenset({who.email, *before}),
            person=name or whom.council_id,
            council_id=whom.council_id,
            officer=whom.officer.email if serves else "",
        )


def _stays(today: date) -> Iterator[Stay]:
    """Each time that somebody lived where a carer did, or where one stood in, while that one was approved."""
    residents = _residents()
    carers = {p.pk: p for p in Party.objects.filter(kind=PartyKind.CARER.value)}
    for party, household, there in _homes(carers):
        carer = carers[party]
        approved = _approved(carer, today)
        for person, lives in residents.get(household, ()):
            together = _common(there, lives)
            span = _common(together, approved) if together else None
            if span is not None and together is not None:
                yield Stay(carer.code, person, *span, left=span[1] is not None and span[1] != together[1])


def _residents() -> dict[int, list[tuple[str, Span]]]:
    """By household. Whoever has died lives nowhere any more."""
    found = defaultdict(list)
    rows = Placement.objects.values_list("household_id", "person__ref", "starts", "ends", "person__died_on")
    for household, person, starts, ends, died in rows:
        span = _common((starts, ends), (None, died))
        if span is not None:
            found[household].append((person, span))
    return found


def _homes(carers: dict[int, Party]) -> Iterator[tuple[int, int, Span]]:
    """Where each carer lives, lived, or stands in."""
    for carer in carers.values():
        if carer.household_id is not None:
            yield carer.pk, carer.household_id, (carer.household_from, None)
    for model in (EarlierHousehold, Support):
        rows = model.objects.filter(party__in=carers).values_list("party_id", "household_id", "starts", "ends")
        for party, household, starts, ends in rows:
            yield party, household, (starts, ends)


def _approved(carer: Party, today: date) -> Span:
    """Where nobody said from when on they are not, it is from today."""
    ends = [day for day in (carer.approved_to, carer.ends) if day is not None]
    if not carer.approved:
        ends.append(today - _DAY)
    return carer.approved_from, min(ends, default=None)


def _common(one: Span, other: Span) -> Span | None:
    """The days in both."""
    starts = max((d for d in (one[0], other[0]) if d is not None), default=None)
    ends = min((d for d in (one[1], other[1]) if d is not None), default=None)
    return None if starts is not None and ends is not None and ends < starts else (starts, ends)
