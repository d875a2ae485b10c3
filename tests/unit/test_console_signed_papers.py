"""A paper that was made elsewhere and signed on the pick-up page goes into the register with a click."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from domain.here import HERE
from domain.permission import PartyKind
from register import models as m
from register import recording
from tests.support.filed import filed
from tests.support.people import account, sign_in
from vault import audit
from vault.models import AskedPermission, VaultRecord, VaultSubject
from vault.pickup.asked import SIGNED
from web import clock
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
OLA, CARA = "ola@council.example", "cara@carers.example"
TO_SIGN, FORM = "/register/to-sign/", "/register/permissions/{}/paper/"
AGREEMENT = "/register/people/p-ann/change/agreement/"


@pytest.fixture
def client() -> Client:
    """Ann is Ola's, Cy is Una's. Each has a home and a form."""
    today = clock.now().astimezone(HERE).date()
    for code, name, person in (("O-1", "Ola", "ann"), ("O-2", "Una", "cy")):
        email = f"{name.lower()}@council.example"
        officer = m.Party.objects.create(code=code, kind=PartyKind.OFFICER.value, name=name, email=email)
        row = m.Person.objects.create(ref=f"p-{person}", council_id=f"SL-{person}", officer=officer)
        m.PersonName.objects.create(person=row, name=f"{person.title()} Lee", main=True)
        home = m.Household.objects.create(code=f"H-{person}")
        m.Placement.objects.create(person=row, household=home, starts=today - timedelta(days=99))
        m.Permission.objects.create(
            code=f"F-{person}", person=row, ground="permission-to-share form", signed_on=today,
            review_due=today + timedelta(days=300),
        )  # fmt: skip
    who = account(Role.OFFICER, email=OLA)
    who.officer = "O-1"
    who.save()
    client = Client(SERVER_NAME="localhost")
    sign_in(client, who, sudo=True)
    return client


def paper(kind: str, person: str = "p-ann", days_ago: int = 0) -> VaultRecord:
    """A mail with a document that its reader signed on the page; the signed one came back and was filed."""
    now = clock.now() - timedelta(days=days_ago)
    sent, signed = filed(OLA, people=[person]), filed(CARA, people=[person])
    signed.classes = [kind]
    signed.save()
    audit.append([audit.Event(now, "pick-up", SIGNED, sent.id, "", {"mail": signed.digest, "recipient": CARA})])
    return signed


def test_a_form_that_was_signed_there_is_put_to_its_permission(client: Client) -> None:
    signed = paper("permission-form")
    listed = client.get(TO_SIGN).content.decode()
    assert f"record {signed.id}" in listed
    assert "Add it to F-ann" in listed
    assert "1 paper to put into the register" in client.get("/").content.decode()
    form = m.Permission.objects.get(code="F-ann")
    assert "not added here yet" in client.get(f"/register/permissions/{form.pk}/").content.decode()
    assert f"by {CARA}, record {signed.id}" in client.get(FORM.format(form.pk)).content.decode()
    client.post("/register/people/p-ann/permission/")
    client.post("/register/people/p-ann/permission/capacity/", {"capacity": "has capacity"})
    asked = client.get("/register/people/p-ann/permission/signed/").content.decode()
    assert f"by {CARA}, record {signed.id}" in asked, "where a new permission is recorded, too"
    nothing = client.post(FORM.format(form.pk))
    assert (nothing.status_code, "Choose the paper." in nothing.content.decode()) == (422, True)
    assert client.post(FORM.format(form.pk), {"record": signed.id}).status_code == 302
    form.refresh_from_db()
    assert form.document == signed.id
    assert f"In the vault, record {signed.id}" in client.get(f"/register/permissions/{form.pk}/").content.decode()
    assert signed.id not in client.get(TO_SIGN).content.decode()
    assert "put into the register" not in client.get("/").content.decode()
    last = m.Permission.history.filter(code="F-ann").latest("history_id")
    assert last.history_user_id == f"console:{OLA}"


def test_an_agreement_that_was_signed_there_is_put_to_its_placement(client: Client) -> None:
    signed = paper("placement-agreement")
    home = m.Placement.objects.get(person__ref="p-ann")
    assert "Add it to the placement" in client.get(TO_SIGN).content.decode()
    assert client.post(AGREEMENT, {"record": signed.id, "placement": home.pk}).status_code == 302
    home.refresh_from_db()
    assert (home.agreement, home.agreed_on) == (signed.id, clock.now().astimezone(HERE).date())
    assert f"record {signed.id}" in client.get("/register/people/p-ann/").content.decode()
    assert "agreed on" in client.get("/register/people/p-ann/history/").content.decode()
    newer = paper("placement-agreement")
    assert client.post(AGREEMENT, {"record": newer.id, "placement": home.pk}).status_code == 302
    home.refresh_from_db()
    assert home.agreement == newer.id


def test_what_is_another_kind_or_somebody_elses_is_not_offered_and_not_taken(client: Client) -> None:
    """An officer's own people alone; an agreement is no permission's form; another's home is no choice."""
    agreement, others = paper("placement-agreement"), paper("permission-form", "p-cy")
    form = m.Permission.objects.get(code="F-ann")
    shown = client.get(FORM.format(form.pk)).content.decode()
    assert "Nothing was signed on the pick-up pages" in shown
    for record in (agreement.id, others.id):
        assert client.post(FORM.format(form.pk), {"record": record}).status_code == 422
    assert others.id not in client.get(TO_SIGN).content.decode()
    elsewhere = m.Placement.objects.get(person__ref="p-cy")
    assert client.post(AGREEMENT, {"record": agreement.id, "placement": elsewhere.pk}).status_code == 422
    assert client.get(FORM.format(m.Permission.objects.get(code="F-cy").pk)).status_code == 404
    assert not m.Permission.objects.exclude(document="").exists()


def test_what_the_office_had_made_and_what_is_old_is_not_listed(client: Client) -> None:
    """The first has a page of its own; the second is offered where it belongs, and not on the start page for ever."""
    ours, old = paper("permission-form"), paper("permission-form", days_ago=91)
    sent = VaultRecord.objects.filter(sender=OLA).order_by("id").first()
    now = clock.now()
    AskedPermission.objects.create(
        code="SL-ann-2", person="p-ann", draft={"lines": []}, signer="x", asked_at=now, asked_by="x", sent_at=now,
        record=sent.id,
    )  # fmt: skip
    listed = client.get(TO_SIGN).content.decode()
    assert f"record {ours.id}" not in listed
    assert f"record {old.id}" not in listed
    form = m.Permission.objects.get(code="F-ann")
    offered = client.get(FORM.format(form.pk)).content.decode()
    assert (ours.id in offered, old.id in offered) == (False, True)


def test_an_agreement_is_a_record_about_the_person_and_has_its_day() -> None:
    person = m.Person.objects.create(ref="p-ann", council_id="SL-ann")
    home = m.Household.objects.create(code="H-1")
    now, other = clock.now(), filed(OLA)
    today = now.astimezone(HERE).date()
    VaultSubject.objects.create(record=other, person="p-cy")
    row = m.Placement.objects.create(person=person, household=home, starts=today)
    for record in (other.id, "cabinet 4"):
        with pytest.raises(recording.Impossible, match="impossible") as refused:
            recording.note_agreement(row.pk, record, today, now)
        assert "no record of the vault about this person" in refused.value.public
    with pytest.raises(recording.Impossible) as ahead:
        recording.note_agreement(row.pk, filed(OLA, people=["p-ann"]).id, today + timedelta(days=1), now)
    assert "future" in ahead.value.public
