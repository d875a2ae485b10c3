"""Which records are under a hold. Worked out from the rows when it is asked: what was filed a second ago counts.

By record: named. By person: whatever is about them, now or later. By incident: whatever was added to it. By search:
what the search has found at any time (``searching.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet

from vault.models import HoldMatch, HoldTarget, IncidentRecord, LegalHold, TargetKind, VaultRecord, VaultSubject

_ACTIVE = Q(hold__lifted_at=None)


def is_held() -> Q:
    """A condition on records: an active hold covers it."""
    targets = HoldTarget.objects.filter(_ACTIVE)
    people = targets.filter(kind=TargetKind.PERSON).values("value")
    incidents = targets.filter(kind=TargetKind.INCIDENT).values("value")
    return (  # sets of ids, not conditions on each record: few records are held, and the vault may have a million
        Q(pk__in=targets.filter(kind=TargetKind.RECORD).values("value"))
        | Q(pk__in=VaultSubject.objects.filter(person__in=people).values("record"))
        | Q(pk__in=IncidentRecord.objects.filter(incident__in=incidents).values("record"))
        | Q(pk__in=HoldMatch.objects.filter(_ACTIVE).values("record"))
    )


def held_records() -> QuerySet[VaultRecord]:
    """Every record that is under a hold and has not gone."""
    return VaultRecord.objects.filter(is_held())


def records_of(hold: LegalHold) -> QuerySet[VaultRecord]:
    """What one hold covers, or would if it had not been lifted."""
    values = {kind: hold.targets.filter(kind=kind).values("value") for kind in TargetKind}
    return VaultRecord.objects.filter(
        Q(pk__in=values[TargetKind.RECORD])
        | Q(pk__in=VaultSubject.objects.filter(person__in=values[TargetKind.PERSON]).values("record"))
        | Q(pk__in=IncidentRecord.objects.filter(incident__in=values[TargetKind.INCIDENT]).values("record"))
        | Q(pk__in=hold.matches.values("record"))
    )


def holds_ever(records: Collection[str]) -> dict[str, list[str]]:
    """For each record the ids of all holds that cover it, those that were lifted too, sorted.

    Two that differ mean that a hold was set or lifted meanwhile, even one that has come and gone.
    """
    found: dict[str, set[str]] = {record: set() for record in records}
    for record, hold in _pairs(records):
        found[record].add(hold)
    return {record: sorted(holds) for record, holds in found.items()}


def is_person_held(person: str) -> bool:
    """Whether an active hold is on this person."""
    return HoldTarget.objects.filter(_ACTIVE, kind=TargetKind.PERSON, value=person).exists()


def holds_on_person_ever(person: str) -> list[str]:
    """Ids of all holds on this person, those that were lifted too, sorted."""
    targets = HoldTarget.objects.filter(kind=TargetKind.PERSON, value=person)
    return sorted(set(targets.values_list("hold_id", flat=True)))


def _pairs(records: Collection[str]) -> Iterable[tuple[str, str]]:
    targets = HoldTarget.objects.all()
    yield from targets.filter(kind=TargetKind.RECORD, value__in=records).values_list("value", "hold_id")
    yield from HoldMatch.objects.filter(record__in=records).values_list("record_id", "hold_id")
    people = VaultSubject.objects.filter(record__in=records)
    yield from _joined(people, "person", TargetKind.PERSON)
    yield from _joined(IncidentRecord.objects.filter(record__in=records), "incident", TargetKind.INCIDENT)


def _joined(
    rows: QuerySet[VaultSubject] | QuerySet[IncidentRecord], by: str, kind: TargetKind
) -> Iterable[tuple[str, str]]:
    pairs = list(rows.values_list("record_id", by))
    holds: dict[str, set[str]] = {}
    for value, hold in HoldTarget.objects.filter(kind=kind, value__in={v for _, v in pairs}).values_list(
        "value", "hold_id"
    ):
        holds.setdefault(value, set()).add(hold)
    for record, value in pairs:
        for hold in holds.get(value, ()):
            yield record, hold
