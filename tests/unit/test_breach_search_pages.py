"""The breach team's search: what it shows and never shows, what is recorded first, what a link gives away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pyrage import decrypt

from domain.decision import Action
from tests.fakes import NOW
from tests.support import breaches
from tests.support.breaches import ANN, CARER, COUNCIL_ID, MASTER, PICKER, placed, sent
from tests.support.indexed import put, say, source
from tests.support.people import signed_in
from tests.support.picked import picked_up
from tests.support.vaults import decision
from vault.models import AuditEvent, HeldMail, PickupGrant, SavedSearch
from vault.records import dump
from vault.search import asked
from vault.search.document import Unread
from web.accounts.roles import Role
from web.console.breach import links
from web.console.breach.links import OldLink, Search
from web.console.breach.parts import parts

pytestmark = pytest.mark.usefixtures("database")
ACTOR = "console:breach-team@council.example"


@pytest.fixture
def client(database: None) -> Iterator[Client]:
    with placed():
        yield signed_in(Role.BREACH)


def typed(client: Client, query: str, **more: str) -> str:
    """The address to which a search leads."""
    answer = client.post("/search/", {"q": query, **more})
    assert answer.status_code == 302, unescape(answer.content.decode())
    return str(answer["Location"])


def found(client: Client, query: str, **more: str) -> str:
    answer = client.get(typed(client, query, **more))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def linked(page: str, words: str) -> str:
    """Where a link with these words leads."""
    (href,) = re.findall(rf'href="([^"]+)"[^>]*>(?:<span[^>]*>)?{re.escape(words)}<', page)
    return unescape(href)


def test_a_search_says_how_many_and_how_sure_that_is(client: Client) -> None:
    """Promise 7 in words: the exact total, and what could have been missed."""
    for _ in range(3):
        sent("she had a seizure")
    put(source("seizure plan", unread=[Unread("2", "encrypted")]))
    put(source("not indexed"), keyed=None)
    page = found(client, "seizure")
    assert "4 mails were found." in page
    assert "The search looked through 4 mails, of which 3 could be read in full." in page
    assert "1 mail has parts that could not be read" in page
    assert "1 mail more cannot be searched" in page
    assert "Not searched: part 2: encrypted" in page


def test_the_list_shows_whom_and_when_and_no_word_of_a_mail(client: Client) -> None:
    sent("levetiracetam twice daily", subject="Quorbling", names=["zanthorpe.pdf"], picked=(PICKER,))
    page = found(client, "levetiracetam")
    assert "1 mail was found." in page
    assert COUNCIL_ID in page
    assert CARER in page
    assert PICKER in page
    assert "Medical information" in page
    assert ANN not in page
    assert "twice" not in page
    assert not re.search("quorbling|zanthorpe", page, re.IGNORECASE)


def test_every_search_is_recorded_first_and_its_words_are_sealed(client: Client) -> None:
    sent("epilepsy")
    found(client, "epilepsy", why="complaint 12")
    ((event, sealed),) = asked.events(5)
    assert (event.actor, event.why, event.details["found"]) == (ACTOR, "complaint 12", 1)
    assert decrypt(sealed, [MASTER]) == b"epilepsy"
    assert "epilepsy" not in str(event.details)


def test_what_cannot_be_recorded_is_not_shown(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a master nothing can be sealed, so nothing is told."""
    sent("epilepsy")
    where = typed(client, "epilepsy")
    monkeypatch.setattr(breaches, "MASTERS", [])
    parts.cache_clear()
    answer = client.get(where)
    assert answer.status_code == 409
    assert CARER.encode() not in answer.content


def test_a_link_names_nobody_and_nobody_can_make_one(client: Client) -> None:
    where = typed(client, f'about:{COUNCIL_ID} "epilepsy"', why="complaint 12")
    assert not re.search("epilepsy|SL-00001|complaint", where)
    for wrong in ("x", "gAAAAA", where.partition("s=")[2][:-6]):
        assert client.get("/search/", {"s": wrong}).status_code == 410
    with pytest.raises(OldLink):
        links.opened("no link")
    assert links.opened(links.seal(Search("a", "b"))) == Search("a", "b")
    assert AuditEvent.objects.filter(action=asked.SEARCHED).count() == 0


@pytest.mark.parametrize(
    ("query", "word", "says"),
    [
        ("rota AND medic*", "medic*", "Only names and references"),
        ("rota (", "(", "This bracket is not closed."),
        ("about:SL-99999", "SL-99999", "Nobody in the register"),
        ("<script>alert(1)</script> OR", "OR", "Something must follow this."),
    ],
)
def test_an_error_points_at_the_word(client: Client, query: str, word: str, says: str) -> None:
    answer = client.post("/search/", {"q": query})
    assert answer.status_code == 422
    page = unescape(answer.content.decode())
    assert says in page
    assert f"<mark>{word}</mark>" in page
    assert b"<script>alert" not in answer.content
    assert AuditEvent.objects.filter(action=asked.SEARCHED).count() == 0


def test_pages_follow_each_other_and_new_records_move_nothing(client: Client) -> None:
    records = [sent("seizure", at=NOW + timedelta(minutes=n)) for n in range(25)]
    first = found(client, "seizure")
    sent("seizure", at=NOW + timedelta(days=1))
    second = unescape(client.get(linked(first, "Next page")).content.decode())
    seen = [re.findall(r"/search/mail/(\w{26})/\"", page) for page in (first, second)]
    assert [len(s) for s in seen] == [20, 5]
    assert [*seen[0], *seen[1]] == records[::-1]
    assert "Next page" not in second
    assert "26 mails were found." in found(client, "seizure")


def test_a_cursor_of_another_search_begins_again(client: Client) -> None:
    where = typed(client, "seizure")
    answer = client.get(f"{where}&after=deadbeef.1.2.3")
    assert answer.status_code == 302


def test_facets_count_and_narrow(client: Client) -> None:
    sent("seizure")
    say("seizure")
    say("rota")
    page = found(client, "seizure OR rota")
    assert "3 mails were found." in page
    narrowed = unescape(client.get(linked(page, "Medical information")).content.decode())
    assert "1 mail was found." in narrowed
    assert 'value="(seizure OR rota) class:medical"' in narrowed
    about = unescape(client.get(linked(page, COUNCIL_ID)).content.decode())
    assert "1 mail was found." in about
    month = unescape(client.get(linked(page, "November 2026")).content.decode())
    assert "3 mails were found." in month


def test_the_best_come_first_when_asked(client: Client) -> None:
    say("a seizure, once, among many other words of a long letter")
    title = say("nothing", subject="seizure")
    say("seizure")
    newest = found(client, "seizure")
    best = unescape(client.get(linked(newest, "Best first")).content.decode())
    assert re.findall(r"/search/mail/(\w{26})/", best)[0] == title


def test_the_form_asks_what_its_fields_say(client: Client) -> None:
    sent("seizure at night", picked=(PICKER,))
    sent("seizure at night")
    say("seizure at night")
    given = {"fields": "1", "words": "seizure OR rota", "person": COUNCIL_ID, "domain": "carers.example"}
    given |= {"recipient": CARER, "officer": "officer@council.example", "class": "medical", "decided": "encrypt"}
    given |= {"first": "01/11/2026", "last": "30/11/2026", "opened": "no", "seen": "no"}
    answer = client.post("/search/", given)
    assert answer.status_code == 302, answer.content
    assert "1 mail was found." in client.get(answer["Location"]).content.decode()
    for wrong, says in (
        ({"fields": "1"}, "Fill in one field at least."),
        ({"fields": "1", "first": "soon"}, "Write the day as 28/02/2026."),
        ({"fields": "1", "first": "02/11/2026", "last": "01/11/2026"}, "The last day is before the first."),
        ({"fields": "1", "person": "Nobody Known"}, "Nobody in the register"),
    ):
        answer = client.post("/search/", wrong)
        assert answer.status_code == 422
        assert says in answer.content.decode()


def test_who_opened_it_is_a_facet_of_its_own(client: Client) -> None:
    """Of the mails that wait on the pick-up page: how many were opened there, and a link to each kind."""
    lies = sent("a seizure", picked=(PICKER,))
    opened = sent("a seizure", picked=(PICKER,))
    sent("a seizure")
    picked_up(PickupGrant.objects.get(record=opened))
    page = found(client, "seizure")
    assert re.findall(r">(\w[^<]+ by a recipient)</a> (\d+)<", page) == [
        ("Not opened by a recipient", "1"),
        ("Opened by a recipient", "1"),
    ]
    for words, record in (("Not opened by a recipient", lies), ("Opened by a recipient", opened)):
        narrowed = unescape(client.get(linked(page, words)).content.decode())
        assert "1 mail was found." in narrowed
        assert record in narrowed


def test_how_many_are_shown_costs_no_more_questions(client: Client) -> None:
    """Of the database: the same for one hit as for a page of them."""
    times = []
    sent("seizure", picked=(PICKER,))
    for more in (0, 19):
        for _ in range(more):
            sent("seizure", picked=(PICKER,))
        where = typed(client, "seizure")
        client.get(where)
        with CaptureQueriesContext(connection) as asked_for:
            assert client.get(where).status_code == 200
        times.append(len(asked_for))
    assert times[1] <= times[0]
    assert times[0] < 90


def test_a_search_is_kept_and_forgotten(client: Client) -> None:
    record = sent("epilepsy")
    keep = linked(found(client, "epilepsy", why="complaint 12"), "Keep this search, and be told of new mails")
    assert "complaint 12" in client.get(keep).content.decode()
    outside = client.post(keep, {"to": "me@else.example", "why": "x"})
    assert (outside.status_code, SavedSearch.objects.count()) == (422, 0)
    assert client.post(keep, {"to": "breach-team@council.example", "why": "complaint 12"}).status_code == 302
    row = SavedSearch.objects.get()
    assert b"epilepsy" not in bytes(row.query)
    listed = client.get("/search/kept/").content.decode()
    assert "complaint 12" in listed
    assert "epilepsy" not in listed
    assert record in client.get(f"/search/kept/{row.id}/").content.decode()
    assert client.get(f"/search/kept/{row.id}/forget/").status_code == 200
    assert client.post(f"/search/kept/{row.id}/forget/", {"why": ""}).status_code == 422
    assert client.post(f"/search/kept/{row.id}/forget/", {"why": "answered"}).status_code == 302
    assert SavedSearch.objects.count() == 0
    for path in ("", "forget/"):
        assert client.get(f"/search/kept/{row.id}/{path}").status_code == 404
    assert client.get("/search/keep/?s=nothing").status_code == 410
    done = AuditEvent.objects.filter(actor=ACTOR).values_list("action", flat=True)
    assert {"search saved", "searches listed", "saved search asked", "saved search forgotten"} <= set(done)


def test_a_mails_page_tells_who_received_it_and_that_somebody_looked(client: Client) -> None:
    record = sent("epilepsy", picked=(PICKER,))
    page = unescape(client.get(f"/search/mail/{record}/").content.decode())
    assert "2 recipients have received a copy, about 1 person." in page
    assert "Encrypted (OpenPGP)" in page
    assert "Kept to be picked up" in page
    assert "The recipient is the approved carer" in page
    assert f"sallyport vault get {record} -i records.age-key" in page
    assert "epilepsy" not in page
    (event,) = AuditEvent.objects.filter(record=record, action="record looked at")
    assert event.actor == ACTOR
    assert client.get(f"/search/mail/{'0' * 26}/").status_code == 404
    for path in ("mail/%0d%0aSet-Cookie:x/", "mail/%00/", "kept/%00/", "kept/%00/forget/"):
        assert client.get(f"/search/{path}").status_code == 404


def test_a_held_mail_leads_to_what_is_known_of_it(client: Client) -> None:
    record = sent("epilepsy")
    stopped = dump(decision(Action.HOLD))
    HeldMail.objects.create(record_id=record, recipient=CARER, decision=stopped, state="held", held_at=NOW)
    assert f'href="/search/mail/{record}/"' in client.get("/held/").content.decode()
    reviewer = signed_in(Role.REVIEWER)
    assert "/search/mail/" not in reviewer.get("/held/").content.decode()
