"""Teams, regulators, languages and last days on pages: what each changes, for whom, and what stays in the history."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from domain.here import HERE
from domain.model import Address
from domain.permission import PartyKind
from register import circle, recording
from register import models as m
from register.acting import acting
from register.greeting import language_of
from tests.support.people import signed_in
from web import clock
from web.accounts.models import Account
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
CARA = "cara@carers.example"


@pytest.fixture(autouse=True)
def service() -> None:
    """Olu and Una work in two teams; Ann is Una's, and lives with Cara; there is a commission."""
    with acting("tests"):
        one, two = (m.Team.objects.create(code=f"T-{n}", name=f"Team {n}") for n in (1, 2))
        for code, name, team in (("O-1", "Olu", one), ("O-2", "Una", two)):
            una = m.Party.objects.create(
                code=code, kind="officer", name=name, email=f"{name}@council.example".lower(), team=team
            )
        home = m.Household.objects.create(code="H-1")
        m.Party.objects.create(code="C-1", kind="carer", name="Cara", email=CARA, household=home)
        ann = m.Person.objects.create(ref="p-1", council_id="SL-00001", officer=una)
        m.PersonName.objects.create(person=ann, name="Ann Lee", main=True)
        m.Placement.objects.create(person=ann, household=home, starts=date(2020, 1, 1))
        m.Organisation.objects.create(code="ORG-1", name="Care Commission", domain="commission.example")


def browser(*roles: Role, code: str = "") -> Client:
    client = signed_in(*roles, email=f"{code or roles[0]}@council.example", sudo=True)
    Account.objects.filter(email=f"{code or roles[0]}@council.example".lower()).update(officer=code)
    client.raise_request_exception = True
    return client


def changed(client: Client, path: str, **data: Any) -> str:
    """Where it leads; the page itself must have opened."""
    assert client.get(path).status_code == 200
    answer = client.post(path, data | {"why": "a test"})
    assert answer.status_code == 302, unescape(answer.content.decode())[-2000:]
    return str(answer["Location"])


def of_party(code: str, what: str) -> str:
    return f"/register/parties/{m.Party.objects.get(code=code).pk}/change/{what}/"


def test_a_team_is_renamed_and_its_page_names_who_works_in_it_today() -> None:
    client, team = browser(Role.RECORDS), m.Team.objects.get(code="T-1")
    today = clock.now().astimezone(HERE).date()
    with acting("tests"):
        m.Party.objects.create(
            code="O-9", kind="officer", name="Gone", email="g@council.example", team=team, ends=today - timedelta(1)
        )
    assert changed(client, f"/register/teams/{team.pk}/change/", name="North") == "/register/teams/"
    page = unescape(client.get("/register/teams/").content.decode())
    assert all(word in page for word in ("North", "Team 2", "Olu", "Una"))
    assert "Gone" not in page
    history = unescape(client.get(f"/register/teams/{team.pk}/history/").content.decode())
    assert "Team 1" in history
    assert "a test" in history
    assert client.post(f"/register/teams/{team.pk}/change/", {"name": "", "why": "x"}).status_code == 422


def test_an_officer_sees_teams_and_changes_none() -> None:
    client, team = browser(Role.OFFICER, code="O-1"), m.Team.objects.get(code="T-1").pk
    page = client.get("/register/teams/")
    assert page.status_code == 200
    assert b"/change/" not in page.content
    assert client.get(f"/register/teams/{team}/history/").status_code == 200
    assert client.post(f"/register/teams/{team}/change/", {"name": "x", "why": "x"}).status_code == 403
    assert client.post(of_party("O-1", "team"), {"team": "T-2", "why": "x"}).status_code == 404
    assert client.get("/register/teams/99/history/").status_code == 404


def test_who_joins_a_team_sees_its_people_from_now_on() -> None:
    olu, records = browser(Role.OFFICER, code="O-1"), browser(Role.RECORDS)
    assert olu.get("/register/people/p-1/").status_code == 404
    changed(records, of_party("O-1", "team"), team="T-2")
    assert olu.get("/register/people/p-1/").status_code == 200
    changed(records, of_party("O-1", "team"), team="")
    assert olu.get("/register/people/p-1/").status_code == 404
    assert records.get(of_party("C-1", "team")).status_code == 404, "a carer has no team"
    assert "Team 2 (T-2)" in records.get(of_party("O-2", "team").partition("change")[0]).content.decode()


def test_what_is_made_a_regulator_may_know_and_it_takes_showing_who_one_is() -> None:
    """Its domain counts from the next mail on, until it is taken back; the reason stands in the history."""
    key = m.Organisation.objects.get(code="ORG-1").pk
    path = f"/register/organisations/{key}/regulator/"

    def kind() -> PartyKind:
        who = Address.of("who@commission.example")
        ((party,),) = circle.read(["p-1"], [who], clock.now(), frozenset()).parties.values()
        return party.kind

    asked = signed_in(Role.RECORDS, email="other@council.example").post(path, {"regulator": "yes", "why": "x"})
    assert asked["Location"].startswith("/sign-in/")
    assert "/again/?next=" in asked["Location"]
    assert kind() is PartyKind.ORGANISATION
    client = browser(Role.RECORDS)
    changed(client, path, regulator="yes")
    assert kind() is PartyKind.REGULATOR
    assert "may know without permission" in client.get(f"/register/organisations/{key}/").content.decode()
    changed(client, path, regulator="no")
    assert kind() is PartyKind.ORGANISATION
    history = unescape(client.get(f"/register/organisations/{key}/history/").content.decode())
    assert history.count("a test") == 2
    assert client.post(path, {"regulator": "", "why": "x"}).status_code == 422
    assert browser(Role.OFFICER, code="O-1").get(path).status_code == 403


def test_a_carer_is_written_to_in_their_language() -> None:
    client = browser(Role.OFFICER, code="O-2")
    assert language_of(Address.of(CARA)) == ""
    where = changed(client, of_party("C-1", "language"), language="cy")
    assert language_of(Address.of(CARA)) == "cy"
    assert "Welsh (Cymraeg)" in unescape(client.get(where).content.decode())
    assert client.post(of_party("C-1", "language"), {"language": "fr", "why": "x"}).status_code == 422
    changed(client, of_party("C-1", "language"), language="")
    assert language_of(Address.of(CARA)) == ""


def test_a_last_day_ends_what_somebody_is_and_can_be_taken_back() -> None:
    records = browser(Role.RECORDS)
    day = {"ends_day": "1", "ends_month": "2", "ends_year": "2026"}
    changed(records, of_party("C-1", "ends"), **day)
    changed(records, of_party("O-1", "ends"), **day)
    cara, olu = m.Party.objects.get(code="C-1"), m.Party.objects.get(code="O-1")
    assert (cara.approved_to, cara.ends, olu.ends) == (date(2026, 2, 1), None, date(2026, 2, 1))
    assert browser(Role.OFFICER, code="O-1").get("/register/").content.count(b"SL-") == 0, "who left sees nobody"
    assert "1 February 2026" in records.get(f"/register/parties/{cara.pk}/").content.decode()
    changed(records, of_party("C-1", "ends"))
    cara.refresh_from_db()
    assert cara.approved_to is None


def test_the_functions_themselves_refuse_what_cannot_be() -> None:
    now = clock.now()
    with acting("tests"):
        for impossible in (
            lambda: recording.join_team("C-1", "T-1", now),
            lambda: recording.join_team("O-1", "T-9", now),
            lambda: recording.change_team("T-1", " ", now),
            lambda: recording.write_in("C-1", "fr", now),
            lambda: recording.make_regulator("ORG-9", regulator=True, now=now),
        ):
            with pytest.raises(recording.Impossible):
                impossible()
        states = m.Team.history.count()
        recording.change_team("T-1", "Team 1", now)
        assert m.Team.history.count() == states, "the same again changes nothing"
