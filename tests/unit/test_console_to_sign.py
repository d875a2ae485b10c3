"""A permission that is signed on the pick-up page: asked for with the console's questions, recorded with one click."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from domain.permission import PartyKind
from domain.pickup import Ending, Standing
from register.models import Household, Party, Permission, Person, PersonName
from tests.support.filed import filed
from tests.support.people import account, sign_in
from vault import audit
from vault.models import AskedPermission, AuditEvent, VaultSubject
from vault.pickup import asked
from vault.pickup.asked import CannotAsk
from web import clock
from web.accounts.roles import Role
from web.console.register.asking import forms, signed

pytestmark = pytest.mark.usefixtures("database")
OLA, ANN = "ola@council.example", "ann@home.example"


@pytest.fixture
def client(monkeypatch) -> Client:
    who = account(Role.OFFICER, email=OLA)
    who.officer = "O-1"
    who.save()
    ola = Party.objects.create(code="O-1", kind=PartyKind.OFFICER.value, name="Ola", email=OLA)
    person = Person.objects.create(ref="p-ann", council_id="SL-1", officer=ola)
    PersonName.objects.create(person=person, name="Ann Lee", main=True)
    Party.objects.create(code="A-1", kind=PartyKind.PERSON.value, name="Ann Lee", email=ANN, person=person)
    home = Household.objects.create(code="H-1")
    Party.objects.create(code="C-1", kind=PartyKind.CARER.value, name="Cara", email="c@carers.example", household=home)
    monkeypatch.setattr(forms, "SETTINGS", SimpleNamespace(pickup=SimpleNamespace(recipient="age1x")))
    may(monkeypatch, Standing())
    client = Client(SERVER_NAME="localhost")
    sign_in(client, who, sudo=True)
    return client


def may(monkeypatch, stands: Standing) -> None:
    monkeypatch.setattr(signed, "outside", lambda: SimpleNamespace(stands=lambda _row, _now: stands))


def answer(client: Client, **how: str) -> Any:
    """Every question of the form, and the check's button."""
    base = "/register/people/p-ann/permission/"
    client.post(base)
    client.post(base + "capacity/", {"capacity": "has capacity"})
    reply = client.post(base + "signed/", how)
    if reply.status_code == 422:
        return reply
    client.post(base + "whom/", {"whom": "else", "other": "C-1"})
    client.post(base + "may-know/", {"categories": ["medical"], "purposes": "appointments"})
    client.post(base + "who/", {})
    client.post(base + "review/", {})
    return client.post(base + "check/")


def signs(row: AskedPermission) -> str:
    """The page writes an event, the relay files the signed form."""
    asked.sent(row, "R" * 26, clock.now())
    record = filed(OLA)
    record.digest = "d" * 64
    record.save()
    VaultSubject.objects.create(record=record, person="p-ann")
    audit.append([audit.Event(clock.now(), "pick-up", asked.SIGNED, "R" * 26, "", {"mail": "d" * 64})])
    assert asked.note_signed(clock.now()) == 1
    assert asked.note_signed(clock.now()) == 0
    return record.id


def test_what_is_signed_is_recorded_with_one_click_and_the_signed_form_is_its_paper(client: Client) -> None:
    assert answer(client, how="page", signer="A-1").status_code == 302
    assert not Permission.objects.exists()
    (row,) = asked.to_send()
    assert "Is being sent" in client.get("/register/to-sign/").content.decode()
    assert client.post(f"/register/to-sign/{row.pk}/").status_code == 200  # nothing is signed yet: nothing happens
    record = signs(row)
    page = client.get(f"/register/to-sign/{row.pk}/").content.decode()
    assert "Record what was signed" in page
    assert "Permissions that were signed" in client.get("/").content.decode()
    reply = client.post(f"/register/to-sign/{row.pk}/")
    form = Permission.objects.get()
    assert reply["Location"] == f"/register/permissions/{form.pk}/"
    assert (form.document, form.how, form.given_by, form.signed_on) == (record, "digital", "person", clock.now().date())
    (grant,) = form.grants.all()
    assert (grant.party.code, grant.categories, grant.purposes) == ("C-1", ["medical"], ["appointments"])
    assert client.get(f"/register/to-sign/{row.pk}/").status_code == 404
    row.refresh_from_db()
    assert row.closed_how == form.code
    with pytest.raises(CannotAsk):
        asked.close(row, "", "cli:x", clock.now())
    said = set(AuditEvent.objects.filter(action__startswith="permission to sign").values_list("action", flat=True))
    assert said == {f"permission to sign {what}" for what in ("asked", "sent", "signed", "looked at", "recorded")}


def test_who_signs_has_to_be_chosen_and_what_is_signed_has_a_day(client: Client) -> None:
    assert "Choose who signs" in answer(client, how="page").content.decode()
    assert "Type the day" in answer(client, how="paper").content.decode()
    assert not AskedPermission.objects.exists()


def test_whom_the_policy_does_not_let_know_is_sent_nothing(client: Client, monkeypatch) -> None:
    may(monkeypatch, Standing(Ending.NOT_PERMITTED, ("representative",)))
    reply = answer(client, how="page", signer="A-1")
    assert (reply.status_code, "Have it signed on paper" in reply.content.decode()) == (422, True)
    assert not AskedPermission.objects.exists()


def test_given_up_changes_nothing_and_asked_anew_replaces_what_waits(client: Client) -> None:
    answer(client, how="page", signer="A-1")
    answer(client, how="page", signer="A-1")
    assert AskedPermission.objects.filter(closed_at=None).count() == 1
    (row,) = asked.to_send()
    assert client.post(f"/register/to-sign/{row.pk}/", {"give-up": "yes"}).status_code == 302
    assert asked.to_send() == []
    assert not Permission.objects.exists()


def test_what_cannot_be_recorded_says_so_and_stays(client: Client) -> None:
    """The person was found to lack capacity meanwhile."""
    from domain.permission import Capacity
    from register import recording

    answer(client, how="page", signer="A-1")
    (row,) = asked.to_send()
    signs(row)
    today = clock.now().date()
    recording.assess_capacity("SL-1", Capacity.LACKS, today, clock.now(), assessor="Dr Gill")
    reply = client.post(f"/register/to-sign/{row.pk}/")
    assert (reply.status_code, "best-interests decision" in reply.content.decode()) == (422, True)
    assert AskedPermission.objects.get(closed_at=None) == row


def test_without_a_mailbox_or_without_pages_it_is_signed_on_paper(client: Client, monkeypatch) -> None:
    Party.objects.get(code="A-1").delete()
    client.post("/register/people/p-ann/permission/")
    client.post("/register/people/p-ann/permission/capacity/", {"capacity": "has capacity"})
    assert "pick-up page" not in client.get("/register/people/p-ann/permission/signed/").content.decode()
