"""What the models hold by themselves, whoever saves: history is never passed by, and nothing ended comes back."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from domain.model import Address, Category
from domain.permission import PermissionState, ReviewIntervals, state
from gateway.clock import SystemClock
from register import as_known, circle
from register import models as m
from register.acting import acting
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")
HOUR, DAY, TODAY = timedelta(hours=1), timedelta(days=1), NOW.date()


def person() -> m.Person:
    return m.Person.objects.get_or_create(council_id="SL-1")[0]


def form(**more: object) -> m.Permission:
    fields = {"code": "F-1", "signed_on": TODAY, "review_due": TODAY + 300 * DAY} | more
    return m.Permission.objects.create(person=person(), ground="permission-to-share form", **fields)


def ground(**more: object) -> m.SharingBasis:
    fields = {"code": "B-1", "recipients": ["police@force.example"], "since": NOW, "until": NOW + DAY} | more
    said = {"basis": "legal duty", "reason": "an order", "categories": ["medical"], "decided_by": "Manager"}
    return m.SharingBasis.objects.create(person=person(), review_due=TODAY, **said, **fields)


def test_no_row_is_made_or_changed_in_bulk() -> None:
    """Nothing enters the register without its checks and its history, also not by way of somebody else's rows."""
    ann = m.Person.objects.create(council_id="SL-1")
    party = m.Party(code="P", kind="professional", name="P", email="p@x.example")
    for attempt in (
        lambda: m.Party.objects.bulk_create([party]),
        lambda: asyncio.run(m.Party.objects.abulk_create([party])),
        lambda: ann.circle.bulk_create([party]),
        lambda: m.Party.objects.bulk_update([party], ["name"]),
        lambda: asyncio.run(m.Party.objects.abulk_update([party], ["name"])),
        lambda: m.Person.objects.update(council_id="SL-2"),
        lambda: asyncio.run(m.Person.objects.aupdate(council_id="SL-2")),
    ):
        with pytest.raises(TypeError, match="row by row"):
            attempt()
    assert not m.Party.objects.exists()
    assert m.Person.objects.get().council_id == "SL-1"


def test_a_ground_that_has_ended_stays_ended() -> None:
    """A stale copy that is stored whole brings nothing back; an earlier end may still come to light."""
    row = ground()
    stale = m.SharingBasis.objects.get()
    row.ended_at = NOW
    row.save()
    for again in (None, NOW + HOUR):
        stale.ended_at = again
        with pytest.raises(ValidationError, match="not taken up again"):
            stale.save()
    stale.ended_at = NOW - HOUR
    stale.save()
    assert m.SharingBasis.objects.get().ended_at == NOW - HOUR


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("signed_on", TODAY + DAY),
        ("reviewed_on", TODAY),
        ("withdrawn_at", datetime(2026, 11, 24, 23, 59, tzinfo=UTC)),
    ],
)
def test_a_permission_says_nothing_that_is_yet_to_happen(name: str, last: date) -> None:
    """A review held in the year 2199 would make a form count until then."""
    far = {"signed_on": TODAY, "review_due": TODAY + 900 * DAY}
    with acting("tests", at=NOW):
        with pytest.raises(ValidationError, match="future"):
            form(**far | {name: last + DAY})
        form(**far | {name: last})
    kept = m.Permission.objects.get()
    assert getattr(kept, name) == last


def test_a_date_ahead_that_is_stored_already_stops_no_withdrawal() -> None:
    """What an earlier program let in can still be withdrawn."""
    with acting("tests", at=NOW + 30 * DAY):
        row = form(signed_on=TODAY + 20 * DAY, reviewed_on=TODAY + 25 * DAY, review_due=TODAY + 300 * DAY)
    row.withdrawn_at = datetime(2026, 12, 14, tzinfo=UTC)
    with acting("tests", at=NOW + 20 * DAY):
        row.save()
    assert m.Permission.objects.get().withdrawn_at == row.withdrawn_at


def test_the_day_of_a_review_is_the_day_here_not_in_greenwich() -> None:
    """Half past midnight in summer, here, is the evening before in UTC."""
    with acting("tests", at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC)):
        assert form(signed_on=date(2026, 6, 1), reviewed_on=date(2026, 7, 2)).reviewed_on == date(2026, 7, 2)


def test_a_ground_is_not_reviewed_before_its_time() -> None:
    """Else nobody would be asked to look at it."""
    with acting("tests", at=NOW), pytest.raises(ValidationError, match="future"):
        ground(reviewed_on=TODAY + DAY, review_outcome="kept")


def police(**more: object) -> m.Party:
    fields = {"code": "POL", "kind": "professional", "name": "Desk", "email": "desk@force.example"} | more
    return m.Party.objects.create(**fields)


def test_a_ground_names_only_who_is_known_or_an_address() -> None:
    """Whoever got an unknown code later would get what was meant for another."""
    for nobody in (["NOBODY-9"], ["police@force.example", "NOBODY-9"], [7], [""], ["Police@Force.example"]):
        with pytest.raises(ValidationError, match="recipient"):
            ground(recipients=nobody)
    assert not m.SharingBasis.objects.exists()
    police()
    assert ground(recipients=["POL", "police@force.example"]).pk


def test_who_is_named_by_a_ground_is_not_deleted_and_keeps_the_code() -> None:
    """Not by itself, not with others, and not with whom it belongs to, also when the ground is over."""
    row, ann = police(person=person()), person()
    surgery = m.Organisation.objects.create(code="GP", name="Surgery")
    basis = ground(recipients=["POL", "GP"])
    basis.ended_at = NOW
    basis.save()
    for attempt in (row.delete, m.Party.objects.all().delete, ann.delete, surgery.delete):
        with pytest.raises(ValidationError, match="names this one"):
            attempt()
    row.code = "POL-2"
    with pytest.raises(ValidationError, match="names this code"):
        row.save()
    assert (m.Party.objects.get().code, m.Organisation.objects.count()) == ("POL", 1)
    other = police(code="POL-3")
    other.code = "POL-4"
    other.save()
    assert other.delete()


@pytest.mark.parametrize("code", ["victim@x.example", "party:POL", "org:", ":"])
def test_a_code_cannot_be_taken_for_an_address(code: str) -> None:
    """A ground for an address is for that mailbox, not for a party of that code."""
    with pytest.raises(ValidationError, match="no colon"):
        police(code=code)
    with pytest.raises(ValidationError, match="no colon"):
        m.Organisation.objects.create(code=code, name="X")


def test_a_code_is_one_partys_or_one_organisations() -> None:
    """So that a ground that names it means one of them."""
    m.Organisation.objects.create(code="GP-12", name="Surgery")
    with pytest.raises(ValidationError, match="same code"):
        police(code="GP-12")
    police()
    with pytest.raises(ValidationError, match="same code"):
        m.Organisation.objects.create(code="POL", name="Force")


def reached(address: str) -> set[PermissionState]:
    """How medical information stands towards this mailbox: from the rows, and from their history."""
    who, now = Address.of(address), NOW + HOUR
    asked = [person().ref], [who], now, frozenset[str]()
    circles = (circle.read(*asked), as_known.read(*asked, known_at=SystemClock().now()))
    return {
        state(who, party, c.people[person().ref], Category.MEDICAL, now, ReviewIntervals())
        for c in circles
        for party in c.parties.get(who, (None,))
    }


def test_a_line_for_a_party_is_not_for_an_organisation_of_the_same_code() -> None:
    """Also in a register from before codes were kept apart, and the other way round."""
    desk = police(code="GP-12", email="dr.one@elsewhere.example")
    trust = m.Organisation.objects.create(code="OTHER", name="Trust", domain="trust.example")
    for rows in (m.Organisation._base_manager, m.Organisation.history):
        rows.update(code="GP-12")
    line = m.Grant.objects.create(permission=form(), party=desk, categories=["medical"])
    named, stranger = {PermissionState.GRANTED}, {PermissionState.NOT_NAMED}
    assert (reached("dr.one@elsewhere.example"), reached("anybody@trust.example")) == (named, stranger)
    line.party, line.organisation = None, trust
    line.save()
    assert (reached("dr.one@elsewhere.example"), reached("anybody@trust.example")) == (stranger, named)


def test_a_ground_for_an_address_is_not_for_a_party_of_that_code() -> None:
    """Nor for one whose code looks like another's name; a ground for a code is for its mailboxes."""
    police()
    for rows in (m.Party._base_manager, m.Party.history):
        rows.update(code="victim@x.example")
    basis = ground(recipients=["victim@x.example"])
    assert reached("victim@x.example") == {PermissionState.LEGAL_DUTY}
    assert reached("desk@force.example") == {PermissionState.MISSING}
    police(code="DESK", email="front@force.example")
    m.Organisation.objects.create(code="GP", name="Surgery", domain="gp.example")
    basis.recipients = ["DESK", "GP"]
    basis.save()
    for address, stands in (
        ("front@force.example", PermissionState.LEGAL_DUTY),
        ("any@gp.example", PermissionState.LEGAL_DUTY),
        ("desk@force.example", PermissionState.MISSING),
        ("victim@x.example", PermissionState.MISSING),
    ):
        assert reached(address) == {stands}, address
