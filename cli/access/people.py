"""Joins the register to the vault's export: everything a person is known by, and everybody else who is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from register.models import Party
    from vault.export.sought import Sought
    from vault.export.third_parties import Known

_WORKERS = {"officer": "officer, at work", "professional": "professional, at work"}


def sought(ref: str) -> Sought:
    """The person by all names, former ones and aliases too, number, date of birth and mailboxes."""
    from register.models import EarlierMailbox, Party, Person, PersonName
    from vault.export.sought import Sought

    person = Person.objects.get(ref=ref)
    names = PersonName.objects.filter(person=person).order_by("-main", "pk").values_list("name", flat=True)
    own = Party.objects.filter(person=person, kind="person").values_list("email", flat=True)
    once = EarlierMailbox.objects.filter(party__person=person, party__kind="person").values_list("email", flat=True)
    return Sought(
        ref=ref,
        names=tuple(names),
        nhs_number=person.nhs_number or "",
        born=person.date_of_birth,
        council_id=person.council_id,
        addresses=tuple(dict.fromkeys((*own, *once))),
    )


def others(ref: str) -> Iterator[Known]:
    """Everybody else in the register, by name and council ID; of those around the person first names, too."""
    from register.models import EarlierHousehold, EarlierMailbox, Party, Person, PersonName, Placement, Support
    from vault.export.third_parties import Known

    for name in PersonName.objects.exclude(person__ref=ref).values_list("name", flat=True).iterator():
        if " " in name.strip():
            yield Known(name, "another person in the register")
    for council_id in Person.objects.exclude(ref=ref).values_list("council_id", flat=True).iterator():
        yield Known(council_id, "council ID of another person")
    homes = set(Placement.objects.filter(person__ref=ref).values_list("household", flat=True))
    housemates = Placement.objects.filter(household__in=homes).exclude(person__ref=ref).values("person")
    for name in PersonName.objects.filter(person__in=housemates).values_list("name", flat=True):
        yield Known(name.split()[0], "another person in the same home", capital=True)
    there = {"household__in": homes}
    near_by = set(Support.objects.filter(**there).values_list("party", flat=True))
    near_by |= set(EarlierHousehold.objects.filter(**there).values_list("party", flat=True))
    for mailbox in EarlierMailbox.objects.exclude(party__person__ref=ref, party__kind="person").select_related("party"):
        yield Known(mailbox.email, f"{_WORKERS.get(mailbox.party.kind, mailbox.party.kind)}: e-mail address")
    for party in Party.objects.exclude(person__ref=ref, kind="person").select_related("household", "person").iterator():
        theirs = party.person is not None and party.person.ref == ref
        near = theirs or party.household_id in homes or party.pk in near_by
        yield from _of_party(party, near=near)


def _of_party(party: Party, *, near: bool) -> Iterator[Known]:
    from vault.export.third_parties import Known

    why = _WORKERS.get(party.kind, party.kind)
    yield Known(party.email, f"{why}: e-mail address")
    if " " not in party.name.strip():
        return
    yield Known(party.name, why)
    if near:
        first, *_, last = party.name.split()
        yield Known(first, f"first name of a {party.kind}", capital=True)
        yield Known(last, f"surname of a {party.kind}", capital=True)
