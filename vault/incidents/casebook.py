"""Incidents as rows. Every change is one transaction with its audit event; ``now`` and the actor are arguments.

Events have the incident's reference in their details, never what people wrote about it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime

from django.db.models import QuerySet

from domain.errors import SallyportError, VaultUnavailable
from domain.here import HERE
from domain.incident import Account, Nature, Risk, duties
from vault import audit
from vault.acting import Acting
from vault.holds.setting import NotAllowed, add_to_incident
from vault.models import Incident
from vault.rows import reading, writing
from vault.turns import taking_turns

_NUMBER = re.compile(r"INC-(\d{4})-(\d+)")
_LONGEST = 10_000


class IncidentError(SallyportError):
    """What was to be done with an incident cannot be. ``public`` says why; it names nobody."""

    def __init__(self, public: str) -> None:
        super().__init__("incident", public=public)


def open_incident(
    kind: Nature, aware_at: datetime, records: Collection[str], acting: Acting, nature: str = ""
) -> Incident:
    """A new one, with the records that it is about, numbered by the year in which we became aware.

    Raises :class:`IncidentError` for a time that has not come, or a record that is none.
    """
    if aware_at > acting.now:
        raise IncidentError("The time at which we became aware lies in the future.")
    with taking_turns():
        row = Incident.objects.create(
            reference=_next(aware_at),
            kind=kind.value,
            aware_at=aware_at,
            opened_at=acting.now,
            opened_by=acting.actor,
            nature=_text(nature),
        )
        audit.append(
            [acting.event("incident opened", incident=row.reference, kind=kind.value, aware_at=aware_at.isoformat())]
        )
        _add(row, records, acting)
    return row


def add_records(incident: Incident, records: Collection[str], acting: Acting) -> int:
    """These belong to it, too. How many are new."""
    with _changing(incident) as held:
        return _add(held, records, acting)


def write(incident: Incident, account: Mapping[str, str | int | None], acting: Acting) -> None:
    """Some of the fields of :class:`domain.incident.Account`, anew. The trail says which, and not what is in them."""
    unknown = sorted(set(account) - {f.name for f in fields(Account)})
    if unknown:
        raise IncidentError(f"There is no field {unknown[0]!r} in what is written about an incident.")
    with _changing(incident) as held:
        for name, value in account.items():
            setattr(held, name, _text(value) if isinstance(value, str) else value)
        held.save()
        audit.append([acting.event("incident written", incident=held.reference, fields=sorted(account))])


def judge(incident: Incident, risk: Risk, acting: Acting) -> None:
    """How likely a risk to the people is. Why it is not reported, said for another risk, does not stand any more."""
    with _changing(incident) as held:
        if risk is not Risk.UNLIKELY:
            held.not_reported_because = ""
        before, held.risk = held.risk, risk.value
        held.save()
        audit.append([acting.event("incident judged", incident=held.reference, risk=risk.value, before=before)])


def report(incident: Incident, at: datetime, number: str, acting: Acting, late_because: str = "") -> None:
    """The Commissioner was told at ``at``, and gave it a number. After 72 hours: with the reason (Art. 33(1))."""
    with _changing(incident) as held:
        _after_aware(held, at, acting)
        if at > held.judged.due and not late_because.strip():
            raise IncidentError("The report came later than 72 hours: say why (UK GDPR Art. 33(1)).")
        held.reported_at, held.reported_as = at, number.strip()
        held.late_because, held.not_reported_because = _text(late_because) if at > held.judged.due else "", ""
        held.save()
        audit.append([acting.event("incident reported", incident=held.reference, at=at.isoformat())])


def do_not_report(incident: Incident, because: str, acting: Acting) -> None:
    """It is not reported, because a risk is unlikely; the reason is kept (Art. 33(5))."""
    with _changing(incident) as held:
        if held.risk != Risk.UNLIKELY:
            raise IncidentError("Only where a risk is judged unlikely may it stay unreported (UK GDPR Art. 33(1)).")
        if held.reported_at is not None:
            raise IncidentError("It was reported already.")
        held.not_reported_because = _needed(because)
        held.save()
        audit.append([acting.event("incident not reported", incident=held.reference)])


def told_people(incident: Incident, at: datetime, acting: Acting) -> None:
    """The people concerned, or who acts for them, were told at ``at`` (Art. 34)."""
    with _changing(incident) as held:
        _after_aware(held, at, acting)
        held.people_told_at, held.people_not_told_because = at, ""
        held.save()
        audit.append([acting.event("incident people told", incident=held.reference, at=at.isoformat())])


def do_not_tell_people(incident: Incident, because: str, acting: Acting) -> None:
    """They need not be told, for one of the reasons of Art. 34(3)."""
    with _changing(incident) as held:
        if held.people_told_at is not None:
            raise IncidentError("The people were told already.")
        held.people_not_told_because = _needed(because)
        held.save()
        audit.append([acting.event("incident people not told", incident=held.reference)])


def close(incident: Incident, acting: Acting) -> None:
    """Nothing is left to do. Raises :class:`IncidentError`, which names the first thing that is."""
    with _changing(incident) as held:
        left = duties(held.judged)
        if left:
            raise IncidentError(f"It cannot be closed yet: {left[0]}.")
        held.closed_at, held.closed_by = acting.now, acting.actor
        held.save()
        audit.append([acting.event("incident closed", incident=held.reference)])


def reopen(incident: Incident, why: str, acting: Acting) -> None:
    """Something new has come to light; what was done stays as it is."""
    _needed(why)
    with writing(VaultUnavailable):
        held = Incident.objects.select_for_update().get(pk=incident.pk)
        if held.closed_at is None:
            raise IncidentError(f"{held.reference} is open.")
        held.closed_at, held.closed_by = None, ""
        held.save()
        audit.append([acting.event("incident reopened", incident=held.reference)])


def find(reference: str) -> Incident:
    """In any case, or by its number of the year. Raises :class:`IncidentError`."""
    with reading(VaultUnavailable):
        row = Incident.objects.filter(reference__iexact=reference.strip()).first()
    if row is None:
        raise IncidentError(f"There is no incident {reference!r}; `sallyport incident list` shows them.")
    return row


def register(*, every: bool) -> list[Incident]:
    """The register of breaches: those that are open, the oldest first; or every one."""
    with reading(VaultUnavailable):
        rows = Incident.objects.order_by("aware_at", "reference")
        return list(rows if every else rows.filter(closed_at=None))


def rows(which: str) -> QuerySet[Incident]:
    """A part of it, to be shown page by page: ``open`` (the oldest first), ``all`` and ``unreported`` (the newest)."""
    every = Incident.objects.order_by("-aware_at", "-reference")
    if which == "open":
        return every.filter(closed_at=None).order_by("aware_at", "reference")
    return every.exclude(not_reported_because="") if which == "unreported" else every


@contextmanager
def _changing(incident: Incident) -> Iterator[Incident]:
    """The row, held; a closed incident changes no more."""
    with taking_turns():
        held = Incident.objects.select_for_update().get(pk=incident.pk)
        if held.closed_at is not None:
            raise IncidentError(f"{held.reference} is closed; open it again first.")
        yield held


def _add(incident: Incident, records: Collection[str], acting: Acting) -> int:
    try:
        return add_to_incident(incident.reference, records, acting.actor, acting.now) if records else 0
    except NotAllowed as error:
        raise IncidentError(error.public) from error


def _next(aware_at: datetime) -> str:
    """The year's next number; two who open one at once take turns."""
    year = aware_at.astimezone(HERE).year
    taken = Incident.objects.filter(reference__startswith=f"INC-{year}-").values_list("reference", flat=True)
    numbers = [int(found[2]) for found in map(_NUMBER.fullmatch, taken) if found]
    return f"INC-{year}-{max(numbers, default=0) + 1:03}"


def _after_aware(incident: Incident, at: datetime, acting: Acting) -> None:
    if not incident.aware_at <= at <= acting.now:
        raise IncidentError("Nobody was told before we knew of it, and not in the future.")


def _needed(because: str) -> str:
    if not because.strip():
        raise IncidentError("It needs a reason.")
    return _text(because)


def _text(value: str) -> str:
    if len(value) > _LONGEST:
        raise IncidentError(f"At most {_LONGEST:,} characters can be kept in one field.")
    return value.strip().replace("\0", "")
