"""The register's pages: whose records are whose, what is asked, stored and in the trail, in few questions."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from domain.here import HERE
from domain.model import Category
from domain.permission import Capacity
from register import models as m
from register import recording
from register.acting import acting
from tests.support.people import signed_in
from vault.models import AuditEvent
from web import clock
from web.accounts.models import Account
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def service() -> None:
    """Ann is Olu's; Ben is Ola's, of the same team; Cy is Una's, of another. Each has a carer and a form."""
    today = clock.now().astimezone(HERE).date()
    with acting("tests"):
        teams = [m.Team.objects.create(code=code) for code in ("T-1", "T-2")]
        surgery = m.Organisation.objects.create(code="ORG-1", name="Surgery", domain="surgery.example")
        for number, (name, officer, team) in enumerate((("Ann", "Olu", 0), ("Ben", "Ola", 0), ("Cy", "Una", 1)), 1):
            party = m.Party.objects.create(
                code=f"O-{number}", kind="officer", name=officer, email=f"{officer}@council.example".lower(),
                team=teams[team],
            )  # fmt: skip
            home = m.Household.objects.create(code=f"H-{number}")
            m.Party.objects.create(
                code=f"C-{number}", kind="carer", name=f"Carer {number}", email=f"c{number}@x.example", household=home
            )
            person = m.Person.objects.create(ref=f"p-{number}", council_id=f"SL-0000{number}", officer=party)
            m.PersonName.objects.create(person=person, name=f"{name} Lee", main=True)
            m.Placement.objects.create(person=person, household=home, starts=today - 99 * DAY)
            form = m.Permission.objects.create(
                code=f"F-{number}", person=person, ground="permission-to-share form", signed_on=today - 9 * DAY,
                review_due=today + 300 * DAY,
            )  # fmt: skip
            m.Grant.objects.create(permission=form, organisation=surgery, categories=["medical"])


def officer(code: str = "O-1") -> Client:
    client = signed_in(Role.OFFICER, email=f"{code}@council.example", sudo=True)
    Account.objects.filter(email=f"{code}@council.example".lower()).update(officer=code)
    client.raise_request_exception = True
    return client


def records() -> Client:
    client = signed_in(Role.RECORDS, sudo=True)
    client.raise_request_exception = True
    return client


def of(code: str, table: type = m.Party) -> int:
    return int(table.objects.get(code=code).pk)


def pages(number: int) -> list[str]:
    """All about that person."""
    form, carer = of(f"F-{number}", m.Permission), of(f"C-{number}")
    line = m.Grant.objects.get(permission=form).pk
    return [
        *(f"/register/people/p-{number}/{more}" for more in ("", "history/", "change/capacity/", "permission/")),
        *(f"/register/people/p-{number}/permission/{step}/" for step in ("capacity", "who", "whom")),
        *(f"/register/permissions/{form}/{more}" for more in ("", "history/", "renew/", "withdraw/", "add/")),
        f"/register/permissions/{form}/lines/{line}/",
        *(f"/register/parties/{carer}/{more}" for more in ("", "history/", "change/household/", "change/mailbox/")),
    ]


@pytest.mark.parametrize(("number", "status"), [(1, 200), (2, 200), (3, 404)])
def test_an_officer_sees_their_own_people_and_their_teams(number: int, status: int) -> None:
    """What is somebody else's is as if it were not there; nor is it found, nor changed."""
    client = officer()
    for path in pages(number):
        assert client.get(path).status_code == status, path
        if status == 404:
            assert client.post(path, {"why": "x"}).status_code == 404, path
    shown = client.get("/register/").content.decode()
    assert (f"SL-0000{number}" in shown) is (status == 200)
    found = client.post("/register/", {"words": "lee"}).content.decode()
    assert (f"SL-0000{number}" in found) is (status == 200)
    assert "Carer 3" not in client.post("/register/", {"words": "carer"}).content.decode()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.BREACH])
def test_reviewers_see_everybody_and_change_nothing(role: Role) -> None:
    client = signed_in(role, sudo=True)
    for number in (1, 2, 3):
        for path in pages(number):
            reading = path.endswith("/history/") or path.count("/") == 4
            assert client.get(path).status_code == (200 if reading else 403), path
    assert b"Record a permission" not in client.get("/register/people/p-1/").content


def test_an_officer_who_has_left_or_is_none_sees_nobody() -> None:
    client = officer()
    with acting("tests"):
        row = m.Party.objects.get(code="O-1")
        row.ends = clock.now().date() - 2 * DAY
        row.save()
    assert client.get("/register/people/p-1/").status_code == 404
    assert b"SL-0000" not in client.get("/register/").content
    stranger = signed_in(Role.OFFICER, email="x@council.example")
    assert stranger.get("/register/people/p-1/").status_code == 404


def test_a_look_is_in_the_trail_before_anything_is_shown() -> None:
    """By reference; what was typed into the search, which is a name, is not."""
    client = officer()
    client.post("/register/", {"words": "Ann Lee"})
    client.get("/register/people/p-1/")
    seen = [(e.actor, e.action, str(e.details)) for e in AuditEvent.objects.filter(actor="console:o-1@council.example")]
    assert [action for _, action, _ in seen][-2:] == ["register searched", "person shown"]
    assert "p-1" in seen[-1][2]
    assert not any("Ann" in details for _, _, details in seen)


def test_no_page_asks_more_of_the_database_for_more_people() -> None:
    """The questions of each page are bounded, whatever the register holds."""
    client = records()
    client.get("/register/")
    paths = ["/register/", *pages(1)[:2], *pages(1)[7:9], pages(1)[-4], "/register/reviews/", "/register/keys/"]
    before = [asked(client, path) for path in paths]
    org = m.Organisation.objects.get(code="ORG-1")
    with acting("tests"):
        for n in range(10, 40):
            person = m.Person.objects.create(council_id=f"SL-{n:05}")
            m.PersonName.objects.create(person=person, name=f"Dee {n}", main=True)
            m.Placement.objects.create(person=person, household_id=1 + n % 3, starts=clock.now().date())
            row = m.Party.objects.create(
                code=f"X-{n}", kind="professional", name=f"X {n}", email=f"x{n}@y.example", organisation=org
            )
            form = m.Permission.objects.get(code="F-1")
            m.Grant.objects.create(permission=form, party=row, categories=["medical"])
            recording.change_line("F-1", f"X-{n}", frozenset({Category.LEGAL}), clock.now())
    for path, was in zip(paths, before, strict=True):
        assert asked(client, path) <= max(was + 2, 45), path


def asked(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200, path
    return len(queries)


def test_what_cannot_be_stands_on_the_form_and_nothing_is_stored() -> None:
    """In the register's own sentence."""
    client = officer()
    path = f"/register/permissions/{of('F-1', m.Permission)}/add/"
    answer = client.post(path, {"who": "org-1", "categories": ["legal"], "why": "x"})
    assert answer.status_code == 422
    assert "names &#x27;ORG-1&#x27; already" in answer.content.decode()
    assert client.post(path, {"who": "nobody", "categories": ["legal"], "why": "x"}).status_code == 422
    assert m.Grant.history.count() == 3


def test_a_change_is_theirs_with_its_reason() -> None:
    client = officer()
    today = clock.now().astimezone(HERE).date()
    number = of("C-1")
    data = {"household": "H-2", "starts_day": "1", "starts_month": "11", "starts_year": "2026", "why": "moved"}
    answer = client.post(f"/register/parties/{number}/change/household/", data)
    assert (answer.status_code, answer["Location"]) == (302, f"/register/parties/{number}/")
    last = m.Party.history.filter(code="C-1").latest("history_id")
    assert (last.history_user_id, last.history_change_reason) == ("console:o-1@council.example", "moved")
    assert today >= m.Party.objects.get(code="C-1").household_from
    shown = client.get(f"/register/parties/{number}/history/").content.decode()
    assert "H-2" in shown
    assert "moved" in shown


@pytest.mark.parametrize("what", ["household", "support"])
def test_nobody_lets_their_carer_in_where_people_of_another_team_live(what: str) -> None:
    """They would be told about these; whose people live there, or who keeps the whole register, may."""
    data = {"household": "H-3", "starts_day": "1", "starts_month": "11", "starts_year": "2026", "why": "helps"}
    path = f"/register/parties/{of('C-1')}/change/{what}/"
    refused = officer().post(path, data)
    assert (refused.status_code, b"of another team" in refused.content) == (422, True)
    assert not m.Support.objects.exists()
    m.Household.objects.create(code="H-9")
    assert officer("O-2").post(path, data | {"household": "H-9"}).status_code == 302
    assert records().post(path, data).status_code == 302


def test_a_withdrawal_counts_at_once() -> None:
    client = officer()
    path = f"/register/permissions/{of('F-1', m.Permission)}/"
    assert client.post(path + "withdraw/", {"by": "Ann", "why": "she says so"}).status_code == 302
    assert m.Permission.objects.get(code="F-1").withdrawn_by == "Ann"
    assert b"Taken back on" in client.get(path).content
    assert b"Held" in client.get("/register/people/p-1/").content


def answered(client: Client, step: str, **data: object) -> str:
    answer = client.post(f"/register/people/p-1/permission/{step}/", data)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).removeprefix("/register/people/p-1/permission/").strip("/")


def test_the_questions_follow_from_the_answers_and_two_clicks_record_once() -> None:
    """Who can decide signs; who cannot has it decided; a changed answer opens what it asks for, and no more."""
    client = officer()
    assert client.post("/register/people/p-1/permission/").status_code == 302
    assert answered(client, "capacity", capacity="has capacity") == "signed"
    day = {"signed_on_day": "1", "signed_on_month": "11", "signed_on_year": "2026"}
    assert answered(client, "signed", how="paper", **day) == "who"
    assert answered(client, "who") == "review"
    assert answered(client, "review") == "check"
    assert client.get("/register/people/p-1/permission/check/").status_code == 200
    assert answered(client, "capacity", capacity="lacks capacity") == "assessment"
    assert client.get("/register/people/p-1/permission/check/").status_code == 302
    assert client.get("/register/people/p-1/permission/signed/").status_code == 200
    assert answered(client, "capacity", capacity="has capacity") == "check"
    drafts = dict(client.session)
    assert client.post("/register/people/p-1/permission/check/").status_code == 302
    session = client.session
    session.update(drafts)
    session.save()
    assert client.post("/register/people/p-1/permission/check/").status_code == 302
    assert m.Permission.objects.filter(person__ref="p-1").count() == 2
    assert m.CapacityAssessment.objects.count() == 0
    stored = m.Permission.objects.get(code="SL-00001-2")
    assert (stored.how, str(stored.signed_on), stored.grants.count()) == ("paper", "2026-11-01", 0)


def test_an_assessment_that_is_relied_upon_is_shown_and_a_new_one_can_be_recorded() -> None:
    """Capacity is about one decision: that somebody could not decide once is no answer by itself."""
    client, base = officer(), "/register/people/p-1/permission/"
    council_id = m.Person.objects.get(ref="p-1").council_id
    with acting("tests"):
        recording.assess_capacity(
            council_id, Capacity.LACKS, date(2026, 3, 3), clock.now(), assessor="Dr Marsh", notes="She cannot weigh it"
        )
    client.post(base)
    assert answered(client, "capacity", capacity="lacks capacity") == "relied"
    page = unescape(client.get(f"{base}relied/").content.decode())
    assert "The one of 3 March 2026: they cannot decide; assessed by Dr Marsh" in page
    assert "She cannot weigh it" in page
    assert "Choose which assessment this rests on." in client.post(f"{base}relied/", {}).content.decode()
    assert answered(client, "relied", relied="known") == "instead"
    assert client.get(f"{base}assessment/").status_code == 404
    assert answered(client, "relied", relied="new") == "assessment"
    day = {"assessed_on_day": "20", "assessed_on_month": "11", "assessed_on_year": "2026"}
    assert answered(client, "assessment", assessor="Dr Vale", **day) == "instead"
    assert answered(client, "instead", instead="attorney") == "signed"
    signed = {"signed_on_day": "21", "signed_on_month": "11", "signed_on_year": "2026"}
    assert answered(client, "signed", how="paper", **signed) == "who"
    answered(client, "who")
    assert answered(client, "review") == "check"
    checked = client.get(f"{base}check/").content.decode()
    assert "A new one. I record it on the next page" in checked
    assert "Dr Vale" in checked
    before = dict(client.session)
    assert answered(client, "relied", relied="known") == "check"
    checked = client.get(f"{base}check/").content.decode()
    assert "The one of 3 March 2026" in checked
    assert "Dr Vale" not in checked
    session = client.session
    session.update(before)
    session.save()
    assert client.post(f"{base}check/").status_code == 302
    assert set(m.CapacityAssessment.objects.values_list("assessor", flat=True)) == {"Dr Marsh", "Dr Vale"}


def test_a_draft_is_of_one_person_and_of_one_session() -> None:
    """Nothing is stored before the last click."""
    client = officer()
    client.post("/register/people/p-1/permission/")
    answered(client, "capacity", capacity="fluctuating")
    assert "checked" not in client.get("/register/people/p-2/permission/capacity/").content.decode()
    other = officer("O-2")
    assert "checked" not in other.get("/register/people/p-1/permission/capacity/").content.decode()
    assert m.Permission.objects.count() == 3


def test_an_officer_does_not_look_at_their_own_urgent_release() -> None:
    now = clock.now()
    release = m.UrgentRelease.objects.create(
        digest="d", officer="o-1@council.example", recipient="x@y.example", concern="risk", people=["p-1"],
        released_at=now, review_due=now + DAY,
    )  # fmt: skip
    path = f"/register/reviews/release/{release.pk}/"
    assert officer().post(path, {"outcome": "fine"}).status_code == 404
    assert officer("O-2").post(path, {"outcome": "it was right"}).status_code == 302
    release.refresh_from_db()
    assert (release.review_outcome, release.reviewed_by) == ("it was right", "Robin Test")


def test_another_ground_lets_somebody_know_for_a_time_and_is_ended() -> None:
    """Safeguarding has a concern; whoever is typed is somebody of the register, or an address."""
    client, path = officer(), "/register/people/p-1/"
    day = {f"until_{n}": str(v) for n, v in zip(("day", "month", "year"), (31, 12, 2099), strict=True)}
    data = {"basis": "safeguarding", "reason": "was hurt", "categories": ["medical"], "decided_by": "Olu Ade, manager"}
    data |= day | {"recipients": "police@force.example\norg-1"}
    assert "has one of these seven" in client.post(path + "change/ground/", data).content.decode()
    wrong = client.post(path + "change/ground/", data | {"concern": "risk", "recipients": "whoever"})
    assert "Nobody in the register" in wrong.content.decode()
    assert client.post(path + "change/ground/", data | {"concern": "risk"}).status_code == 302
    row = m.SharingBasis.objects.get()
    assert (row.code, row.recipients, row.concern) == ("SL-00001-G1", ["police@force.example", "ORG-1"], "risk")
    assert b"was hurt" in client.get(path).content
    assert officer("O-3").post(f"{path}grounds/{row.pk}/end/", {"why": "over"}).status_code == 404
    assert client.post(f"{path}grounds/{row.pk}/end/", {"why": "over"}).status_code == 302
    row.refresh_from_db()
    assert row.ended_at is not None


def test_a_key_is_found_by_its_address_and_says_when_it_ends() -> None:
    """Nobody's addresses are listed; nothing typed stands in the page's address; the look is in the trail first."""
    from gateway.protect.generate import make_openpgp_key
    from gateway.protect.inspection import inspect

    made = {"soon": 20 * DAY, "later": 300 * DAY}
    with acting("tests"):
        for name, lasts in made.items():
            found = inspect(make_openpgp_key("Test", f"{name}@x.example", clock.now(), lasts)[1])[0]
            m.RecipientKey.objects.create(
                address=f"{name}@x.example", method=found.stored.method.value,
                fingerprint=found.stored.fingerprint, data=found.stored.data,
            )  # fmt: skip
    client = records()
    listed = client.get("/register/keys/").content.decode()
    assert "2 keys" in listed
    assert "@x.example" not in listed
    assert client.post("/register/keys/", {"words": "x"}).status_code == 422
    page = client.post("/register/keys/", {"words": "X.example"}).content.decode()
    assert "soon@x.example" in page
    assert page.count("Soon</strong>") == 1
    assert "Not by itself" not in page
    assert "soon@" not in client.post("/register/keys/", {"words": "later@"}).content.decode()
    assert "No key of such an address" in client.post("/register/keys/", {"words": "nobody@"}).content.decode()
    assert AuditEvent.objects.filter(action="keys searched").count() == 3


def test_a_key_that_came_by_mail_is_shown_as_not_used() -> None:
    """Counted before anybody searches; a change of key stands out; who does not settle keys sees no address unasked."""
    from domain.decision import Method
    from domain.ports import StoredKey
    from domain.seen_keys import KeySource
    from register import seeing

    client = officer()
    assert "came by mail" not in client.get("/register/keys/").content.decode()
    for name in ("AA11", "BB22"):
        seeing.see("gp@x.example", StoredKey(Method.SMIME, name, b"key"), KeySource.SMIME, clock.now())
    first = client.get("/register/keys/").content.decode()
    assert "2 keys came by mail from outside and are not used" in first
    assert "gp@x.example" not in first
    page = client.post("/register/keys/", {"words": "gp@x"}).content.decode()
    assert "No key of such an address is known" in page
    assert page.count("Another key than before</strong>") == 1
    assert "BB22" in page
    assert "AA11" in page


def test_a_permission_that_was_begun_is_gone_on_with_or_begun_anew() -> None:
    """What was typed is not lost by coming in at the front again."""
    client, base = officer(), "/register/people/p-1/permission/"
    assert "Go on where you were" not in client.get(base).content.decode()
    client.post(base)
    client.post(f"{base}capacity/", {"capacity": Capacity.HAS.value})
    page = client.get(base).content.decode()
    assert "Go on where you were" in page
    assert f'href="{base}signed/"' in page
    client.post(base)
    assert "Go on where you were" not in client.get(base).content.decode()


def test_what_is_wrong_on_a_permissions_page_is_said_in_words_that_fit() -> None:
    """A question is no name of a day; a box that is empty is no unknown name; nobody said no to a decision."""
    client, base = officer(), "/register/people/p-1/permission/"
    client.post(base)
    client.post(f"{base}capacity/", {"capacity": Capacity.LACKS.value})
    assert "Type the day." in client.post(f"{base}assessment/", {}).content.decode()
    client.post(f"{base}instead/", {"instead": "decision"})
    assert "If it was decided that nobody is told" in client.get(f"{base}who/").content.decode()
    nameless = client.post(f"{base}whom/", {"whom": "else", "other": " "}).content.decode()
    assert "Type their name or id." in nameless
