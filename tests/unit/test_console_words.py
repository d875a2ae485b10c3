"""What the console says in people's words: kinds of documents, who it was, what was done. No code of the program's."""

from __future__ import annotations

import pytest
from django.test import Client

from domain.errors import VaultUnavailable
from register import models as m
from register.acting import acting
from tests.support.breaches import placed, sent
from tests.support.people import signed_in
from vault import audit
from vault.models import AuditEvent
from vault.rows import writing
from web import clock
from web.accounts.roles import Role
from web.console.templatetags.saying import did
from web.pages.templatetags.pages import by, kinds

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    ("actor", "says"),
    [
        ("console:rita@council.example", "rita@council.example"),
        ("cli:olu", "olu (command line)"),
        ("worker:node1", "the worker"),
        ("node1:14241:2e2a2a9b", "the mail gateway"),
        ("relay", "the mail gateway"),
        ("pick-up", "pick-up"),
    ],
)
def test_who_it_was_is_a_person_or_a_part(actor: str, says: str) -> None:
    assert by(actor) == says


def test_kinds_of_documents_are_said_as_on_the_forms() -> None:
    assert kinds(["all-about-me", "medical", "of another release"]) == (
        "All About Me, medical information, of another release"
    )


def test_what_became_of_a_copy_says_whose() -> None:
    ann = {"recipient": "ann@x.example"}
    assert did(AuditEvent(action="intended ENCRYPT", details=ann)) == "decided: sent protected: ann@x.example"
    assert did(AuditEvent(action="outcome told", details={})) == "not sent; the sender was told"
    assert did(AuditEvent(action="incident opened", details={})) == "incident opened"


@pytest.fixture
def office() -> Client:
    """A records officer, and a person with a form and a question that waits."""
    with acting("cli:import"):
        person = m.Person.objects.create(ref="p-1", council_id="SL-00001")
        m.PersonName.objects.create(person=person, name="Ann Lee", main=True)
        surgery = m.Organisation.objects.create(code="ORG-1", name="Surgery", domain="surgery.example")
        today = clock.now().date()
        form = m.Permission.objects.create(
            code="F-1", person=person, ground="permission-to-share form", signed_on=today, review_due=today
        )
        m.Grant.objects.create(permission=form, organisation=surgery, categories=["medical", "other-personal"])
        m.ReviewRequest.objects.create(
            person=person, recipient="gp@x.example", officer="olu@council.example", rule="new-involvement",
            opened_at=clock.now(),
        )  # fmt: skip
    return signed_in(Role.RECORDS)


def test_a_form_and_its_history_name_kinds_and_people(office: Client) -> None:
    form = m.Permission.objects.get()
    for path in (f"/register/permissions/{form.pk}/", f"/register/permissions/{form.pk}/history/"):
        page = office.get(path).content.decode()
        assert "medical information, other personal information" in page.lower(), path
        assert "other-personal" not in page, path
    assert "import (command line)" in page


def test_a_review_that_waits_says_about_whom_and_why(office: Client) -> None:
    page = office.get("/register/reviews/").content.decode()
    assert "Ann Lee" in page
    assert "olu@council.example wrote to gp@x.example: The recipient is not named on the person&#x27;s form" in page
    assert "new-involvement" not in page


def test_on_another_ground_nobody_is_said_to_have_agreed(office: Client) -> None:
    """Where somebody is told without permission, the page must not read as if there were one."""
    page = office.get("/register/people/p-1/change/ground/").content.decode()
    assert "No more than they need to know for this." in page
    assert "agreed to" not in page


def test_what_was_done_with_a_mail_says_for_whom() -> None:
    with placed():
        record = sent("seizure")
        details = {"recipient": "a@x.example"}
        told = audit.Event(clock.now(), "node1:1:2", "outcome delivered", record, "as intended", details)
        with writing(VaultUnavailable):
            audit.append([told])
        page = signed_in(Role.BREACH).get(f"/search/mail/{record}/").content.decode()
    assert "taken by the next mail server: a@x.example" in page
    assert "as intended" not in page
