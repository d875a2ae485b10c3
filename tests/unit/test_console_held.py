"""Held mail as pages: what is shown, to whom, that it is recorded first, and that the rules are the vault's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domain.errors import SealBroken, VaultUnavailable
from domain.here import HERE
from domain.model import Evidence, PageText, Place
from domain.permission import PartyKind
from domain.ruling import ReviewRules
from register import recording
from register.acting import acting
from register.models import Party, Person, PersonName
from tests.build import ANN, CARER, OFFICER, RULES
from tests.support.desk import Desk, laid
from tests.support.people import signed_in
from tests.support.vaults import House, Owner
from tests.unit.test_drawing import pdf
from tests.unit.test_vault_held import HELD, Service, facts
from vault import audit
from vault.held import history, words
from vault.held.copy import Found
from vault.held.settling import CannotSettle, Order, agree, end, settle
from vault.models import (
    AuditEvent,
    Correspondence,
    HeldMail,
    HeldState,
    JournalEntry,
    Settlement,
    SettlementKind,
    SettlementState,
)
from vault.objects.local import LocalStore
from web import clock
from web.accounts.models import Account
from web.accounts.roles import Role
from web.console.held.documents import Document, Page, documents
from web.console.held.marking import Mark, Piece, pieces

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def place(tmp_path: Path) -> Service:
    house = House(tmp_path)
    return Service(house, Owner(tmp_path / "review.key"), LocalStore(tmp_path / "held", house.clock))


@pytest.fixture
def desk(place: Service) -> Iterator[Desk]:
    with laid(Desk(place.reader(), RULES.held, {}, pdf("Ann Lee"))) as one:
        yield one


def number_of(record: str) -> int:
    return int(HeldMail.objects.get(record=record).pk)


def actions() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.filter(actor__startswith="console:").values_list("actor", "action"))


def test_a_mail_is_shown_with_what_was_found_marked_in_it(place: Service, desk: Desk) -> None:
    number = number_of(place.file())
    page = signed_in(Role.REVIEWER).get(f"/held/{number}/").content.decode()
    assert "Ann Lee" in re.sub("<[^>]*>", "", page)
    assert CARER.text in page
    assert HELD.decisive[0].why in page
    assert ("console:reviewer@council.example", "held mail opened") in actions()


def test_what_was_found_is_marked_where_it_stands(place: Service) -> None:
    copy = place.reader().open(place.file())
    seen = Evidence("2", Place.ATTACHMENT, "term", "epilepsy", 1, 12, 20)
    elsewhere = replace(seen, part="2#name")
    unread = (("3", "it is damaged"),)
    files = (("2", "letter.pdf", "application/pdf"), ("3", "notes.docx", "application/zip"))
    found = (Found("2", "medical", 0.9, (seen, elsewhere)),)
    name = PageText("2#name", Place.FILE_NAME, 1, "letter.pdf")
    copy = replace(copy, found=found, files=files, unread=unread, texts=(*copy.texts, name))
    letter, broken = documents(copy)
    assert [(p.text, p.found) for p in letter.pages[0].pieces] == [
        ("Ann Lee has ", ()), ("epilepsy", ("medical information",)),
    ]  # fmt: skip
    assert (letter.name, list(letter.pictures), letter.hits) == ("letter.pdf", [1], 1)
    assert (broken.name, broken.unread, list(broken.pictures)) == ("notes.docx", "it is damaged", [])


def test_what_was_found_is_marked_in_its_own_text_of_several(place: Service) -> None:
    """What stands beside a document's words, its properties for one, counts as the first page, too."""
    copy = place.reader().open(place.file())
    seen = Evidence("2", Place.ATTACHMENT, "term", "epilepsy", 1, 12, 20)
    beside = replace(copy.texts[0], text="created: 2026-11-30T08:20:17Z by nobody")
    copy = replace(copy, found=(Found("2", "medical", 0.9, (seen,)),), texts=(*copy.texts, beside))
    (letter,) = documents(copy)
    assert [page.hits for page in letter.pages] == [1, 0]


def test_what_cannot_be_recorded_is_not_shown(place: Service, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = number_of(place.file())
    client = signed_in(Role.REVIEWER)

    def down(_: audit.Event) -> None:
        raise VaultUnavailable("down")

    monkeypatch.setattr("vault.looks.note", down)
    for path in ("", "release/", "page/2/1/"):
        answer = client.get(f"/held/{number}/{path}")
        assert answer.status_code == 503
        assert b"epilepsy" not in answer.content
    assert client.get("/held/").status_code == 503


def test_a_copy_that_does_not_open_says_so_and_the_rest_is_shown(place: Service, desk: Desk) -> None:
    number = number_of(place.file())
    desk.fault = SealBroken("damaged")
    client = signed_in(Role.REVIEWER)
    page = client.get(f"/held/{number}/").content.decode()
    assert SealBroken.public in page
    assert HELD.decisive[0].why in page
    assert client.get(f"/held/{number}/release/").status_code == 409


def test_hostile_words_stay_words(place: Service, desk: Desk) -> None:
    """Nothing of a mail is markup, and no sign turns the direction of what is read."""
    assert [p.text for p in pieces("a\u202eb", [])] == ["a\ufffdb"]
    record = place.file()
    HeldMail.objects.filter(record=record).update(recipient="<script>alert(1)</script>@x.example")
    page = signed_in(Role.REVIEWER).get(f"/held/{number_of(record)}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_queue_is_filtered_and_asks_the_same_number_of_questions_however_long_it_is(
    place: Service, desk: Desk
) -> None:
    client = signed_in(Role.REVIEWER)
    client.get("/")  # the session is written once a minute
    counts = []
    for more in (2, 12):
        for number in range(more):
            place.file(len(counts) * 100 + number + 1)
        with CaptureQueriesContext(connection) as asked:
            page = client.get("/held/").content.decode()
        counts.append(len(asked))
    assert "14 mails wait, oldest first" in page
    assert counts[0] == counts[1] <= 25
    rule = HELD.decisive[0].rule
    for query, shown in (
        (f"reason={rule}", "14 mails wait"),
        ("officer=nobody-else", "0 mails of 14"),
        ("person=SL-99999", "0 mails of 14"),
        ("age=7", "14 mails wait"),
        ("reason=made-up", "14 mails wait"),
    ):
        assert shown in client.get(f"/held/?{query}").content.decode(), query


def test_a_mail_asks_few_questions(place: Service, desk: Desk) -> None:
    number = number_of(place.file())
    client = signed_in(Role.REVIEWER)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/held/{number}/").status_code == 200
    assert len(asked) <= 25, [q["sql"][:80] for q in asked.captured_queries]


def test_nobody_settles_their_own_mail(place: Service, desk: Desk) -> None:
    number = number_of(place.file())
    sender = signed_in(Role.REVIEWER, email=OFFICER.text, sudo=True)
    HeldMail.objects.get().record.__class__.objects.update(sender=OFFICER.text)
    assert "You sent this mail" in sender.get(f"/held/{number}/").content.decode()
    for step in ("release", "redirect", "return", "reject", "agree", "disagree"):
        assert sender.post(f"/held/{number}/{step}/", {"why": "x", "note": "x"}).status_code == 403, step
    assert not Settlement.objects.exists()


def test_a_mail_from_ones_mailbox_in_the_register_is_ones_own_whatever_the_accounts_address(
    place: Service, desk: Desk
) -> None:
    """Those that were theirs count, too."""
    number = number_of(place.file())
    reviewer = signed_in(Role.REVIEWER, sudo=True)
    Account.objects.update(officer="O-9")
    Party.objects.create(code="O-9", kind=PartyKind.OFFICER.value, name="Ola", email=OFFICER.text)
    HeldMail.objects.get().record.__class__.objects.update(sender=OFFICER.text)
    for mailbox in (OFFICER.text, "elsewhere@council.example"):
        if mailbox != OFFICER.text:
            recording.change_mailbox("O-9", mailbox, clock.now().date(), clock.now())
        assert "You sent this mail" in reviewer.get(f"/held/{number}/").content.decode()
        answer = reviewer.post(f"/held/{number}/return/", {"why": "x", "note": "x"})
        assert answer.status_code == 403, mailbox
    assert not Settlement.objects.exists()


def test_the_dangerous_asks_once_more_who_it_is(place: Service, desk: Desk) -> None:
    number = number_of(place.file())
    client = signed_in(Role.REVIEWER)
    for step in ("redirect", "agree"):
        answer = client.get(f"/held/{number}/{step}/")
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign-in/code/again/"), step


def test_another_address_takes_two_people_and_is_typed_twice(place: Service, desk: Desk) -> None:
    number = number_of(place.file())
    first = signed_in(Role.REVIEWER, sudo=True)
    path = f"/held/{number}/redirect/"
    for to, again in (("a@b.example", "a@c.example"), ("a@b", "a@b"), ("a@b.example\r\nBcc: x@y.example",) * 2):
        assert first.post(path, {"to": to, "again": again, "why": "x"}).status_code == 422, to
    same = first.post(path, {"to": CARER.text.upper(), "again": CARER.text, "why": "x"})
    assert (same.status_code, "held for that very address" in same.content.decode()) == (422, True)
    assert first.post(path, {"to": "a@b.example", "again": "A@b.example", "why": "typed wrong"}).status_code == 302
    settlement = Settlement.objects.get()
    assert (settlement.to, settlement.state) == ("a@b.example", SettlementState.PROPOSED)
    assert first.post(f"/held/{number}/agree/").status_code == 403, "nobody agrees with themselves"
    second = signed_in(Role.REVIEWER, email="second@council.example", sudo=True)
    assert second.post(f"/held/{number}/agree/").status_code == 302
    assert second.post(f"/held/{number}/agree/").status_code == 422, "nor twice"
    settlement.refresh_from_db()
    assert (settlement.state, settlement.second) == (SettlementState.ORDERED, "console:second@council.example")


def test_what_was_proposed_can_be_taken_back(place: Service, desk: Desk) -> None:
    number = number_of(place.file())
    client = signed_in(Role.REVIEWER, sudo=True)
    client.post(f"/held/{number}/redirect/", {"to": "a@b.example", "again": "a@b.example", "why": "x"})
    assert client.post(f"/held/{number}/disagree/", {"why": ""}).status_code == 422
    assert client.post(f"/held/{number}/disagree/", {"why": "wrong after all"}).status_code == 302
    assert Settlement.objects.get().state == SettlementState.STOPPED


def test_what_was_ruled_on_it_in_vain_stands_on_its_page(place: Service, desk: Desk) -> None:
    """The next reviewer does not order the same again, and sees that somebody looked at it."""
    number = number_of(place.file())
    held = HeldMail.objects.get(pk=number)
    client = signed_in(Role.REVIEWER)
    assert "It still waits" not in client.get(f"/held/{number}/").content.decode()
    row = settle(
        held, Order(SettlementKind.RELEASE, "console:rita@council.example", "I rang them"), ReviewRules(), clock.now()
    )
    end(row, SettlementState.STOPPED, None, "decided anew, and held again: see why it is held now", clock.now())
    page = unescape(client.get(f"/held/{number}/").content.decode())
    assert "rita@council.example chose on" in page
    assert "to release it (“I rang them”). It still waits: decided anew, and held again" in page


def test_a_ruling_is_the_vaults(place: Service, desk: Desk) -> None:
    """What no reviewer may accept is not offered, and not taken from a form that somebody made up."""
    number = number_of(place.file())
    client = signed_in(Role.REVIEWER)
    made_up = client.post(f"/held/{number}/release/", {"accepts": ["no-usable-key"], "why": "x", "others": ""})
    nobody = client.post(f"/held/{number}/release/", {"others": "SL-99999", "why": "x"})
    assert nobody.status_code == 422
    assert b"Nobody in the register has the council ID" in nobody.content
    assert made_up.status_code in {302, 422}
    assert not any("no-usable-key" in s.ruling["accepts"] for s in Settlement.objects.all())


def test_before_a_release_it_is_said_whether_it_would_leave(place: Service, desk: Desk) -> None:
    """Nobody ticks and explains for nothing: what the register alone settles is still held."""
    number = number_of(place.file())
    reviewer = signed_in(Role.REVIEWER)
    for path in (f"/held/{number}/", f"/held/{number}/release/"):
        page = reviewer.get(path).content.decode()
        assert "as it is now it" not in page, "what was found for nobody or for others tells nothing"
        assert "Without what you tick" not in page
    desk.decided = {number: HELD}
    said = f"it {words.decided_now(HELD)}."
    for path in (f"/held/{number}/", f"/held/{number}/release/"):
        assert said in unescape(reviewer.get(path).content.decode())


def test_what_belongs_to_no_page_of_a_file_stands_beside_its_pages() -> None:
    """Readers say a PDF's properties last, under the number of an earlier page."""
    pages = tuple(Page(number, (Piece(words),)) for number, words in ((1, "one"), (2, "two"), (1, "Author: A")))
    document = Document("2", "letter.pdf", pages, range(1, 3), "")
    assert [page.pieces[0].text for page in document.first] == ["one", "two"]
    assert [page.pieces[0].text for page in document.beside] == ["Author: A"]


@pytest.mark.parametrize(
    ("kind", "state", "to", "said"),
    [
        (SettlementKind.RELEASE, HeldState.RELEASED, "", "Sent"),
        (
            SettlementKind.RELEASE,
            HeldState.RELEASED,
            "new@x.example",
            f"Sent to new@x.example instead, and not to {CARER}",
        ),
        (SettlementKind.RELEASE, HeldState.DISCARDED, "", "Not sent: the next mail system refused it"),
        (SettlementKind.REJECT, HeldState.DISCARDED, "", "Rejected, and not sent"),
        (SettlementKind.RETURN, HeldState.RETURNED, "", "Returned to its sender, and not sent"),
    ],
)
def test_a_settled_mail_shows_what_became_of_it_and_nothing_of_it(
    place: Service, desk: Desk, kind: SettlementKind, state: HeldState, to: str, said: str
) -> None:
    number = number_of(place.file())
    settled = settle(
        HeldMail.objects.get(pk=number),
        Order(kind, "console:rita@council.example", "I rang them", "a note", to=to),
        ReviewRules(),
        clock.now(),
    )
    if to:
        agree(settled, "console:bert@council.example", clock.now())
    end(settled, SettlementState.DONE, state, "sent (250)", clock.now())
    client = signed_in(Role.REVIEWER)
    page = client.get(f"/held/{number}/").content.decode()
    assert "does not wait any more" in page
    assert f"{said}: " in page
    assert f"by {'bert' if to else 'rita'}@council.example" in page
    assert "Discarded" not in page
    assert "epilepsy" not in page
    assert client.get(f"/held/{number}/page/2/1/").status_code == 404
    assert client.post(f"/held/{number}/reject/", {"why": "x", "note": "x"}).status_code == 404
    other = number_of(place.file(2))
    listed = client.get(f"/held/{other}/").content.decode()
    assert f"It was {said[:1].lower()}{said[1:]}, by" in listed


def test_what_was_to_go_elsewhere_and_may_not_is_said_on_both_mails(place: Service, desk: Desk) -> None:
    """The first one still waits; for the other address it is a held mail of its own."""
    first = HeldMail.objects.get(pk=number_of(place.file()))
    settled = settle(
        first,
        Order(SettlementKind.RELEASE, "console:rita@x.example", "hers", to="New@x.example"),
        ReviewRules(),
        clock.now(),
    )
    reviewer = signed_in(Role.REVIEWER)
    assert "Agree to send it there" in reviewer.get(f"/held/{first.pk}/").content.decode()
    assert (
        "Look at the address letter by letter"
        in signed_in(Role.REVIEWER, sudo=True, email="b@x.example").get(f"/held/{first.pk}/agree/").content.decode()
    )
    agree(settled, "console:bert@council.example", clock.now())
    end(settled, SettlementState.STOPPED, None, "New@x.example would not get it either: no form", clock.now())
    second = HeldMail.objects.create(
        record=first.record, recipient="new@x.example", decision=first.decision, held_at=clock.now()
    )
    page = reviewer.get(f"/held/{first.pk}/").content.decode()
    assert "New@x.example would not get it either: no form" in page
    assert f'For them it is <a class="govuk-link" href="/held/{second.pk}/">' in page
    page = reviewer.get(f"/held/{second.pk}/").content.decode()
    assert f'Its officer sent it to {CARER} (<a class="govuk-link" href="/held/{first.pk}/">' in page


def test_who_had_the_mail_already_is_sent_it_no_second_time(place: Service) -> None:
    held = HeldMail.objects.get(pk=number_of(place.file()))
    JournalEntry.objects.create(
        digest=held.record.digest, sender=held.record.sender, recipient="new@x.example", state="done", fate="delivered",
        changed_at=clock.now(),
    )  # fmt: skip
    order = Order(SettlementKind.RELEASE, "console:rita@x.example", "hers", to="New@x.example")
    with pytest.raises(CannotSettle) as refused:
        settle(held, order, ReviewRules(), clock.now())
    assert refused.value.public.startswith("New@x.example has had this mail already.")


def test_a_stop_is_the_breach_teams_to_end(place: Service, desk: Desk) -> None:
    held = HeldMail.objects.get(pk=number_of(place.file()))
    held.decision["reasons"][0]["rule"] = "recipient-stopped"
    held.save()
    page = signed_in(Role.REVIEWER).get(f"/held/{held.pk}/").content.decode()
    assert "The breach team ends this." in page
    assert "put it right there" not in page


def test_a_page_is_drawn_for_who_may_see_it(place: Service, desk: Desk) -> None:
    number = number_of(place.file())
    answer = signed_in(Role.REVIEWER).get(f"/held/{number}/page/2/1/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert signed_in(Role.BREACH).get(f"/held/{number}/page/2/1/").status_code == 403
    for part in ("3", "..", "2%2f1", "subject"):
        assert (
            signed_in(Role.REVIEWER, email=f"{len(part)}{ord(part[0])}@x.example")
            .get(f"/held/{number}/page/{part}/1/")
            .status_code
            == 404
        ), part


def test_what_reached_the_recipient_before_is_told_and_the_register_is_one_click_away(
    place: Service, desk: Desk
) -> None:
    """From whom, about whom, how often; and each person as the register has them now and had them then."""
    number, now = number_of(place.file()), clock.now()
    with acting("tests"):
        person = Person.objects.create(ref=ANN, council_id="SL-00001")
        PersonName.objects.create(person=person, name="Ann Lee", main=True)
    Correspondence.objects.create(sender=OFFICER.key, recipient=CARER.key, person=ANN, times=3, last_at=now)
    Correspondence.objects.create(
        sender="una@council.example", recipient=CARER.key, times=1, last_at=now - timedelta(7)
    )
    Correspondence.objects.create(sender=OFFICER.key, recipient="other@x.example", person=ANN, times=9, last_at=now)
    reviewer = signed_in(Role.REVIEWER)
    html = reviewer.get(f"/held/{number}/").content.decode()
    page = " ".join(re.sub("<[^>]*>", "", html).split())
    assert f"3 protected mails from {OFFICER.key} about Ann Lee (SL-00001), the last on" in page
    assert "1 protected mail from una@council.example, the last on" in page
    assert page.index("3 protected mails") < page.index("1 protected mail from una"), "the latest first"
    assert "9 protected" not in page
    day = HeldMail.objects.get(pk=number).held_at.astimezone(HERE)
    assert f'href="/register/people/{ANN}/"' in html
    then = f"/register/people/{ANN}/?on_day={day.day}&amp;on_month={day.month}&amp;on_year={day.year}"
    assert then in html
    assert "This is how it stood at the end of" in reviewer.get(then.replace("&amp;", "&")).content.decode()


def test_a_recipients_past_is_told(place: Service) -> None:
    for number in (1, 2, 3):
        place.file(number)
    rows = list(HeldMail.objects.order_by("pk"))
    past = history.of_recipient(CARER.key, but=rows[-1].pk)
    assert {p.pk for p in past} == {r.pk for r in rows[:2]}
    assert past[0].rules == (HELD.decisive[0].why,)
    assert history.of_recipient("nobody@x.example") == []
    assert history.settlement_of(99999) is None
    received = history.last_received()
    assert received is not None
    assert abs((received - place.clock.now()).total_seconds()) < 60


def test_marks_lie_within_and_across_each_other() -> None:
    found = list(pieces("0123456789", [Mark(2, 6, "a"), Mark(4, 8, "b"), Mark(9, 99, "c"), Mark(5, 5, "d")]))
    assert found == [
        Piece("01"), Piece("23", ("a",)), Piece("45", ("a", "b")), Piece("67", ("b",)), Piece("8"), Piece("9", ("c",)),
    ]  # fmt: skip
    assert "".join(p.text for p in found) == "0123456789"
    assert list(pieces("", [Mark(0, 5, "a")])) == []
    assert facts().analysis.texts


def test_of_two_reviewers_at_the_same_moment_one_settles_it(place: Service, desk: Desk) -> None:
    """Each has the page open and presses; over PostgreSQL too (``tests/functional/test_console_postgres.py``)."""
    numbers = [number_of(place.file(n)) for n in range(3)]
    reviewers = [signed_in(Role.REVIEWER, email=f"r{n}@council.example", sudo=True) for n in range(4)]

    def press(each: tuple[int, int]) -> int:
        whose, number = each
        try:
            said = {"why": f"reviewer {whose}", "note": "The wrong file. Please send the right one."}
            return int(reviewers[whose].post(f"/held/{number}/return/", said).status_code)
        finally:
            connection.close()

    for number in numbers:
        with ThreadPoolExecutor(4) as pool:
            answers = sorted(pool.map(press, [(whose, number) for whose in range(4)]))
        assert answers[0] == 302
        assert answers[1] > 302, "the others are told, and nothing is done twice"
        assert Settlement.objects.filter(held=number).count() == 1
