"""Rows of service users and of who may know about them, into the tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from domain.permission import OTHER_BASES, Capacity, Ground, PartyKind
from domain.tags import Concern
from register import models as m
from register.importing.circles import party_row
from register.importing.putting import find, put, since, strongest
from register.importing.reading import Row, RowError
from register.models.permissions import MCA_FIELDS


def person(row: Row) -> str:
    """A service user with names, capacity and mailbox."""
    officer = row.text("officer")
    values = {
        "date_of_birth": row.day("date_of_birth"),
        "nhs_number": row.nhs_number(),
        "left_on": row.day("left_on"),
        "died_on": row.day("died_on"),
        "officer": find(m.Party, "officer", code=officer) if officer else None,
        **since(row, "officer_from"),
    }
    stored, change = put(m.Person, {"council_id": row.text("id")}, values)
    changes = [change, _names(row, stored), _capacity(row, stored)]
    if row.email():
        party_row(row, PartyKind.PERSON, code=f"{row.text('id')}-self", person=stored)
    return strongest(*changes)


def _names(row: Row, stored: m.Person) -> str:
    """Names that the file no longer has are taken away first, so that a main name can become an alias."""
    wanted = {row.text("name"): True} | dict.fromkeys(row.listed("aliases"), False)
    present = {n.name: n for n in stored.names.all()}
    if {name: row.main for name, row in present.items()} == wanted:
        return "unchanged"
    for name, old in present.items():
        if wanted.get(name) != old.main:
            old.delete()
    for name, main in wanted.items():
        if name not in present or present[name].main != main:
            m.PersonName(person=stored, name=name, main=main).save()
    return "updated"


def _capacity(row: Row, stored: m.Person) -> str:
    """Capacity is presumed; only what says otherwise, or changes it, is an assessment."""
    capacity, starts = row.capacity(), row.day("capacity_from")
    known = m.CapacityAssessment.objects.filter(person=stored)
    told = {"assessor": row.text("capacity_assessor"), "notes": row.text("capacity_notes")}
    said = {name: text for name, text in told.items() if text}  # a file without them takes no notes away
    if capacity is Capacity.HAS and not said and not known.exists():
        return "unchanged"
    return put(m.CapacityAssessment, {"person": stored, "starts": starts}, {"capacity": capacity.value} | said)[1]


def placement(row: Row) -> str:
    """A person lives with a household."""
    home = find(m.Household, "household", code=row.text("household"))
    keys = {"person": _person(row), "household": home, "starts": row.day("from")}
    return put(m.Placement, keys, {"ends": row.day("to")})[1]


def earlier_officer(row: Row) -> str:
    """Whose person somebody was before."""
    keys = {"person": _person(row), "officer": find(m.Party, "officer", code=row.text("officer"))}
    return put(m.EarlierOfficer, keys | {"starts": row.day("from")}, {"ends": row.day("to")})[1]


def permission(ground: Ground) -> Callable[[Row], str]:
    """How forms, or best-interests decisions, are stored."""

    def store(row: Row) -> str:
        values = {
            "person": _person(row),
            "ground": ground.value,
            "given_by": row.text("given_by") or ("person" if ground is Ground.FORM else "decision-maker"),
            "how": row.text("how") or "paper",
            "signed_on": row.day("signed_on"),
            **{name: row.text(name) for name in (*MCA_FIELDS, "regaining", "representative")},
            **_paper(row),
            **_reviewed(row),
            **_withdrawn(row),
        }
        return put(m.Permission, {"code": row.text("id")}, values)[1]

    return store


def grant(row: Row) -> str:
    """One line of a form."""
    form = find(m.Permission, "permission", code=row.text("role"))
    party = m.Party.objects.filter(code=row.text("party")).first()
    organisation = None if party else find(m.Organisation, "party or organisation", code=row.text("party"))
    keys = {"permission": form, "party": party, "organisation": organisation}
    values = {
        "categories": row.categories(),
        "purposes": row.listed("purposes"),
        **_begun(row),
        **_withdrawn(row),
    }
    return put(m.Grant, keys, values)[1]


def basis(row: Row) -> str:
    """Another ground than permission."""
    if row.text("basis") not in set(OTHER_BASES):
        raise RowError(f"the basis is not known; write one of {'; '.join(OTHER_BASES)}")
    if row.text("concern") and row.text("concern") not in set(Concern):
        raise RowError(f"the concern is not known; write one of {'; '.join(Concern)}")
    values = {
        "person": _person(row),
        "basis": row.text("basis"),
        "concern": row.text("concern"),
        "reason": row.text("reason"),
        "recipients": row.listed("party"),
        "categories": row.categories(),
        "decided_by": row.text("decided_by"),
        "since": row.moment("from"),
        "until": row.end_of("to"),
        "review_due": row.day("review_due"),
    }
    return put(m.SharingBasis, {"code": row.text("id")}, values)[1]


def _reviewed(row: Row) -> dict[str, date | None]:
    """A file that does not know of the latest review does not take it back."""
    told, known = row.day("reviewed_on"), m.Permission.objects.filter(code=row.text("id")).first()
    if known is not None and known.reviewed_on is not None and (told is None or told < known.reviewed_on):
        return {"review_due": known.review_due}
    return {"review_due": row.day("review_due"), "reviewed_on": told}


def _paper(row: Row) -> dict[str, str]:
    """A file that does not know where the paper is does not take it away."""
    return {"document": row.text("document")} if row.text("document") else {}


def _withdrawn(row: Row) -> dict[str, datetime]:
    """A file that does not know of a withdrawal does not take it back."""
    when = row.moment("withdrawn_on")
    return {"withdrawn_at": when} if when else {}


def _begun(row: Row) -> dict[str, datetime]:
    """A file that does not know that a line came later does not make it older."""
    told = {"since": row.moment("from"), "changed_at": row.moment("changed_on")}
    return {name: when for name, when in told.items() if when}


def _person(row: Row) -> m.Person:
    return find(m.Person, "person", council_id=row.text("person"))
