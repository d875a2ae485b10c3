"""My sent mail: an officer's own and nobody else's, in words; pick-ups; asking for a release; bounded questions."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from domain.decision import Action, Decision, Method, Reason
from domain.model import Address
from domain.permission import PartyKind
from register.models import Party, Person, PersonName, Team
from tests.support.filed import decided, filed
from tests.support.people import account, sign_in, signed_in
from vault.held import asking
from vault.held.settling import CannotSettle
from vault.held.waiting import waiting
from vault.models import (
    AuditEvent,
    HeldMail,
    HeldState,
    PickupCode,
    PickupGrant,
    ReleaseRequest,
    Settlement,
    VaultRecord,
)
from web import clock
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
OLA, PIA = "ola@council.example", "pia@council.example"
CARER, SISTER, GP = "carer@carers.example", "sister@family.example", "gp@surgery.example"


@pytest.fixture
def client() -> Client:
    return signed_in(Role.OFFICER, email=OLA, sudo=True)


def text(answer: object) -> str:
    return answer.content.decode()


def caseload() -> Party:
    """Ola's; Ann is on it and Ben is not."""
    team = Team.objects.create(code="T-1")
    ola = Party.objects.create(code="O-1", kind=PartyKind.OFFICER.value, name="Ola", email=OLA, team=team)
    for ref, name, officer in (("p-ann", "Ann Lee", ola), ("p-ben", "Ben Okoro", None)):
        person = Person.objects.create(ref=ref, council_id=f"SL-{name[:3]}", officer=officer)
        PersonName.objects.create(person=person, name=name, main=True)
    return ola


def test_officers_see_their_own_mail_and_nobody_elses(client: Client) -> None:
    mine, other = filed(OLA, decided(CARER)), filed(PIA, decided(GP))
    listed = text(client.get("/sent/"))
    assert CARER in listed
    assert GP not in listed
    assert client.get(f"/sent/{mine.id}/").status_code == 200
    assert client.get(f"/sent/{other.id}/").status_code == 404
    assert client.get("/sent/nothing/").status_code == 404


def test_every_page_and_action_of_somebody_elses_mail_is_as_if_it_were_not_there(client: Client) -> None:
    held = filed(PIA, decided(SISTER, Action.HOLD))
    waits = filed(PIA, decided(SISTER, method=Method.PICK_UP))
    number, grant = HeldMail.objects.get().pk, PickupGrant.objects.get().pk
    own = filed(OLA, decided(CARER))
    for path in (
        f"/sent/{held.id}/ask/{number}/",
        f"/sent/{own.id}/ask/{number}/",  # a record of their own does not open somebody else's copy
        *(f"/sent/{r.id}/pick-up/{grant}/{do}/" for r in (waits, own) for do in ("close", "again", "code")),
    ):
        assert client.get(path).status_code == 404, path
        assert client.post(path, {"why": "I want to", "how": "the caller is here"}).status_code == 404, path
    assert not ReleaseRequest.objects.exists()
    assert not PickupCode.objects.exists()
    assert PickupGrant.objects.get().ended == ""


def test_people_are_named_to_whom_it_is_their_caseload_and_others_are_counted(client: Client) -> None:
    caseload()
    mail = filed(OLA, decided(CARER), people=("p-ann", "p-ben"))
    for page in (text(client.get("/sent/")), text(client.get(f"/sent/{mail.id}/"))):
        assert "Ann Lee (SL-Ann)" in page
        assert "Ben" not in page
        assert "1 person not on your team&#x27;s caseload" in page


def test_whose_post_has_ended_sees_no_names_any_more(client: Client) -> None:
    """The account may still be there; their own mail is theirs, and whom it is about is counted."""
    ola = caseload()
    mail = filed(OLA, decided(CARER), people=("p-ann",))
    ola.ends = (clock.now() - timedelta(days=1)).date()
    ola.save()
    page = text(client.get(f"/sent/{mail.id}/"))
    assert "Ann Lee" not in page
    assert "1 person not on your team&#x27;s caseload" in page


def test_a_mailbox_that_was_somebody_elses_counts_from_the_day_it_was_theirs() -> None:
    who = account(Role.OFFICER, email="new@council.example")
    who.officer = "O-7"
    who.save()
    now = clock.now()
    Party.objects.create(
        code="O-7",
        kind=PartyKind.OFFICER.value,
        name="New",
        email="duty@council.example",
        email_from=(now - timedelta(days=3)).date(),
    )
    before = filed("duty@council.example", decided(GP), at=now - timedelta(days=9))
    since = filed("duty@council.example", decided(CARER))
    client = Client(SERVER_NAME="localhost")
    sign_in(client, who)
    listed = text(client.get("/sent/"))
    assert CARER in listed
    assert GP not in listed
    assert client.get(f"/sent/{before.id}/").status_code == 404
    assert client.get(f"/sent/{since.id}/").status_code == 200


def test_what_became_of_each_copy_is_said_in_plain_words(client: Client) -> None:
    mail = filed(
        OLA,
        decided(CARER),
        decided(GP, method=Method.SMIME),
        decided("rota@carers.example", Action.RELAY),
        decided(SISTER, Action.HOLD),
        decided("other@carers.example", Action.REJECT),
        decided("nokey@carers.example", method=Method.PICK_UP),
    )
    page = text(client.get(f"/sent/{mail.id}/"))
    for said in (
        "Encrypted for them (OpenPGP)",
        "Encrypted for them (S/MIME)",
        "Sent as it is: nothing confidential was found",
        "they open it with a link and a code",
        "Held for a reviewer",
        "Refused",
        "no permission covers it.",
        "Record the permission, then send it again.",
        "Can be picked up",
        "not opened yet",
        "nobody can take a downloaded copy back",
    ):
        assert said in page, said
    assert AuditEvent.objects.filter(action="sent mail looked at", record=mail.id, actor=f"console:{OLA}").exists()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (HeldState.RETURNED, "Returned to you"),
        (HeldState.DISCARDED, "Rejected by a reviewer"),
        (HeldState.SUPERSEDED, "Decided anew, in another entry"),
        (HeldState.RELEASED, "Left"),
    ],
)
def test_what_a_reviewer_did_is_said(client: Client, state: HeldState, said: str) -> None:
    mail = filed(OLA, decided(SISTER, Action.HOLD))
    HeldMail.objects.update(state=state)
    page = text(client.get(f"/sent/{mail.id}/"))
    assert said in page
    assert "Ask for this mail to leave" not in page


def test_a_copy_that_went_elsewhere_did_not_leave_to_this_one(client: Client) -> None:
    mail = filed(OLA, decided(SISTER, Action.HOLD))
    HeldMail.objects.update(state=HeldState.RELEASED)
    Settlement.objects.create(
        held=HeldMail.objects.get(), kind="release", state="done", to=CARER, why="x", by="console:r@x.example",
        at=clock.now(),
    )  # fmt: skip
    for path in ("/sent/", f"/sent/{mail.id}/"):
        page = text(client.get(path))
        assert "Sent to another address instead" in page
        assert "Left" not in page
    assert f"It went to {CARER}, and not to this address." in page
    assert "It has not left" in page


def test_filters_and_pages_find_all_and_nothing_twice(client: Client) -> None:
    now = clock.now()
    for n in range(60):
        filed(OLA, decided(f"carer{n}@carers.example"), at=now - timedelta(minutes=n))
    filed(OLA, decided(SISTER, Action.HOLD), at=now - timedelta(days=9))
    filed(OLA, decided("nokey@carers.example", method=Method.PICK_UP), at=now - timedelta(days=20))
    filed(OLA, decided("no@carers.example", Action.REJECT), at=now - timedelta(days=30))
    seen, path = [], "/sent/"
    for _ in range(5):
        answer = client.get(path)
        seen += re.findall(r'href="/sent/(\w{26})/"', text(answer))
        older = re.search(r'href="(\?[^"]*)" rel="next"', text(answer))
        if older is None:
            break
        path = "/sent/" + older[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 63
    assert seen == sorted(seen, reverse=True)

    def found(query: str) -> list[str]:
        return re.findall(r"<li>(\S+@\S+)", text(client.get(f"/sent/?{query}")))

    assert found("show=held") == [SISTER]
    assert found("show=pick-up") == ["nokey@carers.example"]
    assert found("show=stopped") == ["no@carers.example"]
    assert found("to=CARER41@") == ["carer41@carers.example"]
    day = (now - timedelta(days=9)).date()
    assert SISTER in found(f"since={day}&until={day}")
    assert found("until=2020-01-01") == []
    assert len(found("show=nonsense&since=never")) == 25, "what cannot be read narrows nothing, and says so"
    assert "write the day as" in text(client.get("/sent/?since=never"))


def test_the_number_of_questions_does_not_grow_with_the_mails(client: Client) -> None:
    caseload()

    def asked(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    mail = filed(
        OLA, decided(SISTER, Action.HOLD), decided("nokey@carers.example", method=Method.PICK_UP), people=("p-ann",)
    )
    few = asked("/sent/")
    for _ in range(20):
        filed(
            OLA, decided(SISTER, Action.HOLD), decided("nokey@carers.example", method=Method.PICK_UP), people=("p-ben",)
        )
    assert asked("/sent/") <= few <= 30
    assert asked(f"/sent/{mail.id}/") <= 40


def test_asking_for_release_is_seen_by_reviewers_once_while_it_is_held(client: Client) -> None:
    mail = filed(OLA, decided(SISTER, Action.HOLD))
    held = HeldMail.objects.get()
    path = f"/sent/{mail.id}/ask/{held.pk}/"
    assert client.post(path, {"why": " "}).status_code == 422
    assert client.post(path, {"why": "The hospital discharges her today"}).status_code == 302
    (row,) = waiting()
    assert row.asked is not None
    assert (row.asked.why, row.asked.by) == ("The hospital discharges her today", f"console:{OLA}")
    assert "The hospital discharges her today" in text(client.get(f"/sent/{mail.id}/"))
    again = client.post(path, {"why": "Once more"})
    assert again.status_code == 409
    assert "asked for this mail already" in text(again)
    HeldMail.objects.update(held_at=clock.now())  # sent again since, and held again
    assert waiting()[0].asked is None
    assert client.post(path, {"why": "It is held again"}).status_code == 302
    HeldMail.objects.update(state=HeldState.RETURNED)
    with pytest.raises(CannotSettle, match="not held"):
        asking.ask(held, "console:x@y.example", "why", clock.now())


def test_what_an_officer_asked_is_forgotten_with_the_record() -> None:
    from vault.disposal.forgetting import FORGETTERS

    mail = filed(OLA, decided(SISTER, Action.HOLD))
    asking.ask(HeldMail.objects.get(), "console:x@y.example", "why", clock.now())
    assert {name: forget(mail.id) for name, forget in FORGETTERS.items()}["officers' requests"] == 1
    assert not HeldMail.objects.exists()


def test_closing_a_pickup_says_what_became_of_it_and_needs_a_reason(client: Client) -> None:
    mail = filed(OLA, decided("nokey@carers.example", method=Method.PICK_UP))
    grant = PickupGrant.objects.get()
    path = f"/sent/{mail.id}/pick-up/{grant.pk}/close/"
    assert "cannot be taken back" in text(client.get(path))
    assert client.post(path, {"why": ""}).status_code == 422
    assert PickupGrant.objects.get().ended == ""
    client.post(path, {"why": "Sent by mistake"})
    assert PickupGrant.objects.get().ended
    event = AuditEvent.objects.get(action="pick-up revoked")
    assert (event.actor, event.why) == (f"console:{OLA}", "Sent by mistake")
    page = text(client.get(f"/sent/{mail.id}/"))
    assert "Closed: somebody of the council closed it" in page
    assert "Cannot be picked up any more" in page
    assert "Can be picked up" not in page
    assert "Read out a code" not in page
    assert client.post(path, {"why": "again"}).status_code == 409


def test_a_code_is_read_out_once_the_officer_says_how_they_know_who_calls(client: Client) -> None:
    from config.django import SETTINGS
    from gateway.keyfiles import random_key

    mail = filed(OLA, decided("nokey@carers.example", method=Method.PICK_UP))
    grant = PickupGrant.objects.get()
    path = f"/sent/{mail.id}/pick-up/{grant.pk}/code/"
    key = SETTINGS.at_home(SETTINGS.pickup.code_key)
    key.unlink(missing_ok=True)
    nowhere = client.post(path, {"how": "the caller is here"})
    assert "Codes cannot be made on this machine" in text(nowhere)
    random_key(key, "pickup.code_key")
    assert client.post(path, {"how": "other", "other": ""}).status_code == 422
    assert not PickupCode.objects.exists()
    assert client.post(path, {}).status_code == 422
    shown = client.post(path, {"how": "other", "other": "asked for the name of their dog"})
    code = re.search(r"(\d{3}) (\d{3})</p>", text(shown)).expand(r"\1\2")
    from vault.pickup.trying import Codes

    assert Codes(key.read_bytes()).use(grant.pk, code, clock.now())
    event = AuditEvent.objects.get(action="pick-up code read out")
    assert (event.why, event.details["grant"]) == ("asked for the name of their dog", grant.pk)
    assert code not in str(event.details)
    assert "no-store" in shown["Cache-Control"]
    PickupGrant.objects.update(until=clock.now())
    over = client.post(path, {"how": "the caller is here"})
    assert over.status_code == 409
    assert "its time is over" in text(over)


def test_reading_out_a_code_asks_once_more_who_they_are() -> None:
    mail = filed(OLA, decided("nokey@carers.example", method=Method.PICK_UP))
    client = signed_in(Role.OFFICER, email=OLA)
    answer = client.get(f"/sent/{mail.id}/pick-up/{PickupGrant.objects.get().pk}/code/")
    assert answer["Location"].startswith("/sign-in/code/again/")


def test_a_form_of_another_site_changes_nothing() -> None:
    mail = filed(OLA, decided("nokey@carers.example", method=Method.PICK_UP))
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    sign_in(client, account(Role.OFFICER, email=OLA), sudo=True)
    answer = client.post(f"/sent/{mail.id}/pick-up/{PickupGrant.objects.get().pk}/close/", {"why": "x"})
    assert answer.status_code == 403
    assert PickupGrant.objects.get().ended == ""


def test_a_disposed_record_is_nobodys_mail_any_more(client: Client) -> None:
    mail = filed(OLA, decided(CARER))
    VaultRecord.objects.filter(pk=mail.pk).update(state="disposing")
    assert client.get(f"/sent/{mail.id}/").status_code == 404


def mistyped(rule: str = "recipient-look-alike", *more: Reason) -> Decision:
    doubt = Reason(rule, Action.HOLD, "A letter may be wrong", "Compare it.", instead=GP)
    return Decision(Address.of("gp@surgrey.example"), Action.HOLD, (doubt, *more))


def test_one_click_says_that_the_address_is_right(client: Client) -> None:
    mail = filed(OLA, mistyped())
    page = text(client.get(f"/sent/{mail.id}/"))
    assert "Yes, that address is right" in page
    assert f"Send it to {GP} instead" in page
    assert client.get(f"/sent/{mail.id}/right/").status_code == 405
    answer = client.post(f"/sent/{mail.id}/right/", follow=True)
    assert "decided anew within seconds" in text(answer)
    assert "It has been settled, and is being done" in text(answer)
    assert "Yes, that address is right" not in text(answer)
    row = Settlement.objects.get()
    assert (row.kind, row.state, row.to, row.by) == ("confirm", "ordered", "", f"console:{OLA}")


def test_one_click_sends_it_to_the_address_that_was_meant(client: Client) -> None:
    mail = filed(OLA, mistyped())
    client.post(f"/sent/{mail.id}/instead/")
    assert Settlement.objects.get().to == GP
    again = client.post(f"/sent/{mail.id}/instead/")
    assert "settling this mail already" in text(again)
    assert Settlement.objects.count() == 1


def test_what_a_reviewer_has_to_look_at_is_not_offered_and_not_taken(client: Client) -> None:
    mail = filed(OLA, mistyped("recipient-look-alike", Reason("no-permission", Action.HOLD, "No form")))
    page = text(client.get(f"/sent/{mail.id}/"))
    assert "Yes, that address is right" not in page
    assert f"Send it to {GP} instead" in page
    assert "a reviewer has to look" in text(client.post(f"/sent/{mail.id}/right/"))
    assert not Settlement.objects.exists()


def test_nobody_confirms_somebody_elses_mail(client: Client) -> None:
    other = filed(PIA, mistyped())
    for click in ("right", "instead"):
        assert client.post(f"/sent/{other.id}/{click}/").status_code == 404
    assert not Settlement.objects.exists()
