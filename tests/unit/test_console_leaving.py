"""Partings on the officer's pages and as cases: what was shared, who sees it, what is asked, what is done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from domain.decision import Action, Method
from domain.here import HERE
from domain.leaving import How, Leaving, Why
from domain.permission import PartyKind
from register.models import Household, Party, Person, PersonName
from tests.support.filed import decided, filed
from tests.support.people import account, sign_in, signed_in
from vault import audit
from vault.leaving import cases, shared
from vault.leaving.cases import CannotLeave, Stage
from vault.models import AuditEvent, LeavingCase, PickupGrant
from web import clock
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
OLA, CARER = "ola@council.example", "cara@carers.example"
YESTERDAY = (clock.now() - timedelta(days=1)).astimezone(HERE).date()
PARTED = Leaving("C-1", "p-ann", Why.PLACEMENT, YESTERDAY, date(2020, 1, 1))


@pytest.fixture
def client() -> Client:
    """Ola, who looks after Ann; Ben is somebody else's."""
    who = account(Role.OFFICER, email=OLA)
    who.officer = "O-1"
    who.save()
    ola = Party.objects.create(code="O-1", kind=PartyKind.OFFICER.value, name="Ola", email=OLA)
    for ref, name, officer in (("p-ann", "Ann Lee", ola), ("p-ben", "Ben Okoro", None)):
        person = Person.objects.create(ref=ref, council_id=f"SL-{name[:3]}", officer=officer)
        PersonName.objects.create(person=person, name=name, main=True)
    home = Household.objects.create(code="H-1")
    Party.objects.create(code="C-1", kind=PartyKind.CARER.value, name="Cara Jones", email=CARER, household=home)
    client = Client(SERVER_NAME="localhost")
    sign_in(client, who, sudo=True)
    return client


def case(**more: object) -> LeavingCase:
    cases.open_new([PARTED], clock.now())
    found = LeavingCase.objects.get(person="p-ann")
    LeavingCase.objects.filter(pk=found.pk).update(**more)
    found.refresh_from_db()
    return found


def signed(found: LeavingCase, papers: str, copies: str, mail: str = "d" * 64) -> None:
    details = {"papers": papers, "copies": copies, "mail": mail}
    audit.append([audit.Event(clock.now(), "pick-up", cases.SIGNED, found.record, "", details)])
    cases.note_signed(clock.now())
    found.refresh_from_db()


def text(answer: object) -> str:
    return answer.content.decode()


def test_a_parting_opens_one_case_and_a_corrected_day_no_second() -> None:
    now = clock.now()
    assert cases.open_new([PARTED], now) == 1
    earlier = Leaving("C-1", "p-ann", Why.PLACEMENT, YESTERDAY - timedelta(days=2), date(2020, 1, 1))
    assert cases.open_new([PARTED, earlier], now) == 0
    back_again = Leaving("C-1", "p-ann", Why.LEFT, YESTERDAY + timedelta(days=40), YESTERDAY + timedelta(days=3))
    assert cases.open_new([back_again], now) == 1
    assert AuditEvent.objects.filter(action="leaving opened").count() == 2


def test_what_was_shared_is_what_reached_them_about_that_person_and_how() -> None:
    filed(OLA, decided(CARER), people=("p-ann",))
    read = filed(OLA, decided(CARER, method=Method.PICK_UP), people=("p-ann",))
    filed(OLA, decided(CARER, method=Method.PICK_UP), people=("p-ann",))
    filed(OLA, decided(CARER, Action.HOLD), people=("p-ann",))
    filed(OLA, decided("other@carers.example"), people=("p-ann",))
    filed(OLA, decided(CARER), people=("p-ben",))  # its reasons are about Ann, but it is filed about Ben
    grant = PickupGrant.objects.get(record=read.id)
    grant.about = [["p-ann", "medical"]]
    grant.save()
    for what in ("pick-up message read", "pick-up document downloaded"):
        audit.append([audit.Event(clock.now(), "pick-up", what, read.id, "", {"grant": grant.id})])
    told = shared.shared("p-ann", {CARER})
    assert [(one.kinds, one.how) for one in told] == [
        (("medical",), How.MAIL), (("medical",), How.SAVED), (("medical",), How.UNREAD)
    ]  # fmt: skip
    assert shared.links("p-ann", {CARER}) == [grant]


def test_the_officer_sees_their_peoples_partings_with_what_was_shared(client: Client) -> None:
    mine = case()
    cases.open_new([Leaving("C-1", "p-ben", Why.LEFT, YESTERDAY)], clock.now())
    filed(OLA, decided(CARER), people=("p-ann",))
    listed = text(client.get("/leaving/"))
    assert "Cara Jones" in listed
    assert "Ben" not in listed
    page = text(client.get(f"/leaving/{mine.pk}/"))
    for said in ("Ann Lee", "Medical information", "Sent to the mailbox", "Waits for you to send it"):
        assert said in page
    others = LeavingCase.objects.get(person="p-ben")
    for path in ("", "send/", "done/", "code/"):
        assert client.get(f"/leaving/{others.pk}/{path}").status_code == 404
        assert client.post(f"/leaving/{others.pk}/{path}", {"why": "x"}).status_code == 404
    assert "Placements that ended" in text(client.get("/"))
    assert AuditEvent.objects.filter(action="leaving looked at").count() == 1


def test_what_the_carer_keeps_takes_the_name_of_who_agreed(client: Client) -> None:
    mine = case()
    where = f"/leaving/{mine.pk}/send/"
    refused = client.post(where, {"keeps": "Mileage sheets", "agreed_by": ""})
    assert (refused.status_code, "Say who of the Management Team" in text(refused)) == (422, True)
    with pytest.raises(CannotLeave, match="not agreed"):
        cases.ask(mine, "Mileage sheets", " ", None, "cli:x", clock.now())
    with pytest.raises(CannotLeave, match="too long"):
        cases.ask(mine, "x" * 2001, "Mo", None, "cli:x", clock.now())
    day = {"agreed_on_day": "3", "agreed_on_month": "11", "agreed_on_year": "2026"}
    assert client.post(where, {"keeps": "Mileage sheets", "agreed_by": "Mo Said", **day}).status_code == 302
    mine.refresh_from_db()
    assert (mine.keeps, mine.agreed_by, mine.agreed_on) == ("Mileage sheets", "Mo Said", date(2026, 11, 3))
    assert cases.stage(mine) is Stage.LEAVES
    assert cases.to_send() == [mine]
    assert "Agreed by Mo Said on 3 November 2026" in text(client.get(f"/leaving/{mine.pk}/"))


def test_signed_with_something_left_it_is_not_done_and_signed_anew_it_is(client: Client) -> None:
    mine = case(record="R" * 26, asked_at=clock.now(), sent_at=clock.now())
    assert cases.stage(mine) is Stage.WAITS
    signed(mine, "all papers are given back", "there still are copies")
    assert cases.stage(mine) is Stage.SIGNED
    assert "The carer still has something" in text(client.get(f"/leaving/{mine.pk}/"))
    where = f"/leaving/{mine.pk}/done/"
    assert client.post(where, {"why": ""}).status_code == 422
    signed(mine, "all papers are given back", "all copies are deleted", "e" * 64)
    assert mine.signed_mail == "e" * 64
    assert cases.note_signed(clock.now()) == 0
    assert client.post(where, {"why": ""}).status_code == 302
    mine.refresh_from_db()
    assert (cases.stage(mine), mine.done_by) == (Stage.DONE, f"console:{OLA}")
    with pytest.raises(CannotLeave, match="done"):
        cases.finish(mine, "cli:x", "again", clock.now())
    with pytest.raises(CannotLeave, match="done"):
        cases.ask(mine, "", "", None, "cli:x", clock.now())
    assert cases.still_open() == []


def test_the_record_is_noted_once_the_relay_has_filed_the_signed_page() -> None:
    mine = case(record="R" * 26, asked_at=clock.now(), sent_at=clock.now())
    signed(mine, "there never were any papers", "there never were any copies")
    assert mine.signed_record == ""
    record = filed(OLA)
    record.digest = "d" * 64
    record.save()
    assert cases.note_signed(clock.now()) == 0  # no new signature
    mine.refresh_from_db()
    assert mine.signed_record == record.id


def test_a_code_is_read_out_for_the_page_and_only_while_there_is_one(client: Client, monkeypatch) -> None:
    mine = case()
    assert client.get(f"/leaving/{mine.pk}/code/").status_code == 404
    assert signed_in(Role.REVIEWER, email="rev@council.example").get(f"/leaving/{mine.pk}/").status_code == 200
    assert signed_in(Role.REVIEWER, email="r2@council.example").post(f"/leaving/{mine.pk}/done/").status_code == 403
