"""Adding to the register on pages: one thing at a time, checked, recorded with a name; and who may add whom."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from domain.here import HERE
from register import models as m
from register.acting import acting
from tests.support.people import signed_in
from vault.models import AuditEvent
from web import clock
from web.accounts.models import Account
from web.accounts.roles import Role
from web.console.register.adding.kinds import KINDS

pytestmark = pytest.mark.usefixtures("database")
DAY = {"day": "27", "month": "3", "year": "2026"}


@pytest.fixture(autouse=True)
def service() -> None:
    """Olu and Una are officers of two teams; one of Una's people lives in H-2, nobody in H-1."""
    with acting("tests"):
        for number, name in enumerate(("Olu", "Una"), 1):
            team = m.Team.objects.create(code=f"T-{number}")
            officer = m.Party.objects.create(
                code=f"O-{number}", kind="officer", name=name, email=f"{name}@council.example".lower(), team=team
            )
            m.Household.objects.create(code=f"H-{number}")
            person = m.Person.objects.create(council_id=f"SL-0000{number}", nhs_number=None, officer=officer)
            m.PersonName.objects.create(person=person, name=f"Person {number}", main=True)
        started = clock.now().astimezone(HERE).date() - timedelta(days=9)
        m.Placement.objects.create(person=person, household=m.Household.objects.get(code="H-2"), starts=started)


def officer() -> Client:
    client = signed_in(Role.OFFICER, email="olu@council.example", sudo=True)
    Account.objects.update(officer="O-1")
    client.raise_request_exception = True
    return client


def records() -> Client:
    client = signed_in(Role.RECORDS, sudo=True)
    client.raise_request_exception = True
    return client


def day(name: str) -> dict[str, str]:
    return {f"{name}_{part}": value for part, value in DAY.items()}


def said(client: Client, kind: str, step: str, **data: Any) -> tuple[int, str]:
    """Status, and where it leads or what stands there."""
    answer = client.post(f"/register/add/{kind}/{step}/", data)
    return answer.status_code, answer.get("Location") or unescape(answer.content.decode())


PERSON: tuple[tuple[str, dict[str, str]], ...] = (
    ("name", {"name": "Dot Moss", "others": "Dot Fern\nDotty"}),
    ("numbers", {"council_id": "sl-00009", "nhs_number": "999 000 0018", **day("born")}),
    ("home", {"household": "H-1", **day("household_from")}),
    ("officer", {"officer": "O-1", **day("officer_from")}),
)


def test_a_person_comes_in_one_thing_at_a_time() -> None:
    client = officer()
    assert client.post("/register/add/", {"kind": "person"})["Location"] == "/register/add/person/name/"
    assert client.get("/register/add/person/check/")["Location"] == "/register/add/person/name/", "nothing is left out"
    for (step, data), after in zip(PERSON, ("numbers", "home", "officer", "check"), strict=True):
        assert said(client, "person", step, **data) == (302, f"/register/add/person/{after}/")
    assert not m.Person.objects.filter(council_id="SL-00009").exists(), "nothing is stored before it was checked"
    page = unescape(client.get("/register/add/person/check/").content.decode())
    assert all(word in page for word in ("Dot Moss", "Dotty", "SL-00009", "27 March 2026", "Olu (O-1)"))
    assert said(client, "person", "name", name="Dot Mossy", others="") == (302, "/register/add/person/check/")
    done = client.post("/register/add/person/check/")
    row = m.Person.objects.get(council_id="SL-00009")
    assert done["Location"] == f"/register/people/{row.ref}/"
    assert (row.nhs_number, str(row.date_of_birth), row.officer.code) == ("9990000018", "2026-03-27", "O-1")
    assert [(n.name, n.main) for n in row.names.all()] == [("Dot Mossy", True)]
    assert m.Placement.objects.get(person=row).household.code == "H-1"
    assert client.get(done["Location"]).status_code == 200, "whoever added them looks after them"
    assert row.history.first().history_change_reason
    assert AuditEvent.objects.filter(action="added to the register", actor="console:olu@council.example").exists()
    assert client.get("/register/add/person/check/")["Location"].endswith("/name/"), "the draft is gone"


@pytest.mark.parametrize(
    ("kind", "steps", "kept"),
    [
        ("carer", [("who", {"name": "Cara", "email": "Cara@X.example", "code": "C-9"}),
                   ("home", {"household": "H-1", **day("starts")})], {"household__code": "H-1", "approved": True}),
        ("professional", [("who", {"name": "Dr Gill", "email": "g@x.example", "code": "P-9"}),
                          ("work", {"organisation": "", "role": "GP"})], {"role": "GP", "organisation": None}),
        ("family", [("who", {"name": "Lena", "email": "l@x.example", "code": "R-9"}),
                    ("whose", {"person": "sl-00001", "role": "sister"})], {"person__council_id": "SL-00001"}),
        ("representative", [("who", {"name": "Mr Fox", "email": "f@x.example", "code": "R-8"}),
                            ("whose", {"person": "SL-00001", "role": "deputy"})], {"person__council_id": "SL-00001"}),
    ],
)  # fmt: skip
def test_those_around_people_come_in(kind: str, steps: list[tuple[str, dict[str, str]]], kept: dict[str, Any]) -> None:
    client = officer()
    for step, data in (*steps, ("language", {"language": "cy"})):
        assert said(client, kind, step, **data)[0] == 302
    assert "Welsh (Cymraeg)" in unescape(client.get(f"/register/add/{kind}/check/").content.decode())
    done = client.post(f"/register/add/{kind}/check/")
    row = m.Party.objects.get(code=steps[0][1]["code"])
    assert done["Location"] == f"/register/parties/{row.pk}/"
    assert row.email == row.email.lower()
    assert m.Party.objects.filter(pk=row.pk, kind=KINDS and row.kind, language="cy", **kept).exists()


def test_the_records_officer_adds_officers_organisations_households_and_teams_and_an_officer_does_not() -> None:
    client = records()
    assert said(client, "organisation", "which", code="ORG-9", name="Firm", domain="Firm.example")[0] == 302
    assert client.post("/register/add/organisation/check/").status_code == 302
    assert m.Organisation.objects.get(code="ORG-9").domain == "firm.example"
    assert said(client, "household", "which", code="H-9", name="The Elms")[0] == 302
    assert client.post("/register/add/household/check/")["Location"] == "/register/"
    assert said(client, "officer", "who", name="Ola", email="ola@council.example", code="O-9")[0] == 302
    assert said(client, "team", "which", code="T-9", name="North")[0] == 302
    assert client.post("/register/add/team/check/")["Location"] == "/register/teams/"
    assert said(client, "officer", "post", role="Officer", team="T-9")[0] == 302
    assert client.post("/register/add/officer/check/").status_code == 302
    assert m.Party.objects.filter(code="O-9", kind="officer", team__name="North").exists()
    other = officer()
    shown = other.get("/register/add/").content.decode()
    assert "A carer" in shown
    assert "An organisation" not in shown
    assert other.get("/register/add/organisation/which/").status_code == 404
    assert other.get("/register/add/officer/who/").status_code == 404
    assert other.get("/register/add/team/which/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "step", "data", "says"),
    [
        ("person", "name", {"name": ""}, "Type the name."),
        ("person", "numbers", {"council_id": "SL-00001"}, "has this council ID already"),
        ("person", "numbers", {"council_id": "12"}, "does not look like a council ID"),
        ("person", "numbers", {"council_id": "SL-00009", "nhs_number": "1234567890"}, "not an NHS number"),
        ("person", "home", {"household": "H-77"}, "no household with that id"),
        ("person", "home", {"household": "H-1"}, "Type the first day there."),
        ("person", "officer", {"officer": "O-2", **day("officer_from")}, "Select a valid choice"),
        ("carer", "who", {"name": "x", "email": "x", "code": "C-9"}, "name@example.org"),
        ("carer", "who", {"name": "x", "email": "x@x.example", "code": "o-1"}, "has this id already"),
        ("carer", "home", {"household": "H-2", **day("starts")}, "People of another team live there"),
        ("professional", "work", {"organisation": "ORG-77"}, "no organisation with that id"),
        ("family", "whose", {"person": "SL-00002"}, "Nobody whose records you may change"),
    ],
)
def test_what_cannot_be_is_said_on_its_page(kind: str, step: str, data: dict[str, str], says: str) -> None:
    client = officer()
    status, page = said(client, kind, step, **data)
    assert (status, says in page, "There is a problem" in page) == (422, True, True), page[-3000:]


def test_what_others_have_recorded_meanwhile_is_asked_again() -> None:
    client = officer()
    for step, data in PERSON:
        said(client, "person", step, **data)
    with acting("tests"):
        m.Person.objects.create(council_id="SL-00009")
    answer = client.post("/register/add/person/check/")
    assert answer.status_code == 422
    assert "has this council ID already" in unescape(answer.content.decode())
    assert m.Person.objects.filter(council_id="SL-00009").count() == 1


def test_the_functions_themselves_refuse_what_is_there() -> None:
    """The pages are not the only way in."""
    from domain.permission import PartyKind
    from register import recording

    now = clock.now()
    with acting("tests"):
        for add in (
            lambda: recording.add_person(recording.NewPerson("sl-00001", "x"), now),
            lambda: recording.add_person(recording.NewPerson("SL-1", "x", nhs_number="123"), now),
            lambda: recording.add_person(recording.NewPerson("SL-1", " "), now),
            lambda: recording.add_person(recording.NewPerson("SL-1", "x", household="H-1"), now),
            lambda: recording.add_party(recording.NewParty(PartyKind.CARER, "C-1", "x", "x@x.example"), now),
            lambda: recording.add_party(recording.NewParty(PartyKind.FAMILY, "R-1", "x", "x@x.example"), now),
            lambda: recording.add_party(recording.NewParty(PartyKind.PROFESSIONAL, "O-1", "x", "x@x.example"), now),
            lambda: recording.add_organisation("O-1", "x", "", now),
            lambda: recording.add_household("h-1", "x", now),
            lambda: recording.add_team("t-1", "x", now),
            lambda: recording.add_team("T-9", " ", now),
        ):
            with pytest.raises(recording.Impossible):
                add()
    assert m.Person.objects.count() == 2, "all of it or nothing"
