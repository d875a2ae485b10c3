"""Pages on which a request for access is answered: whose they are, what they ask, show, and never do.

What the key holder would send is written by hand here; the whole way is ``tests/browser/test_access_answer.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from domain.access_request import Wanted
from tests.support.breaches import ANN, MASTER, placed
from tests.support.people import signed_in
from vault.acting import Acting
from vault.errands import answering, asking
from vault.export import cases
from vault.models import AuditEvent, Errand, ErrandKind, ErrandState, HandedOver
from vault.unseal import decrypt
from web import clock
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
RITA, SAM = "rita@council.example", "sam@council.example"
BASE = "/records/requests/1"
TEXT = "Ann gets on with Mrs Penhaligon."
SEEN = "c0de" * 16


@pytest.fixture(autouse=True)
def case() -> Iterator[None]:
    with placed():
        acting = Acting("cli:jo", clock.now())
        cases.open_case(ANN, acting.today - timedelta(days=3), acting)
        yield


@pytest.fixture
def rita() -> Client:
    return signed_in(Role.RECORDS, email=RITA, sudo=True)


@pytest.fixture
def sam() -> Client:
    return signed_in(Role.RECORDS, email=SAM, sudo=True)


def text(answer: Any) -> str:
    return answer.content.decode()


def newest(kind: ErrandKind) -> Errand:
    found = asking.newest(kind, "SAR-1")
    assert found is not None
    return found


def document(name: str, **more: Any) -> dict[str, Any]:
    blank = dict.fromkeys(
        ("date", "kind", "title", "from", "to", "times", "note", "decision", "exemption", "remark"), ""
    )
    return blank | {"id": name, "title": f"Letter {name}", "kind": "mail", "times": "1", "missing": []} | more


def laid_open(*passages: str, own: tuple[str, ...] = ()) -> dict[str, Any]:
    start = TEXT.index("Mrs")
    told = {"why": "a name with a title", "times": "1", "answer": "", "ground": "OTHERS", "everywhere": False}
    return {
        "texts": [{"page": 1, "text": TEXT, "marks": [(start, start + 14, "a name with a title")]}],
        "cut": False,
        "passages": [told | {"id": name, "text": "Mrs Penhaligon"} for name in passages],
        "own": list(own),
        "unread": [],
    }


def reviewed(browser: Client, *documents: dict[str, Any], closed: int = 0) -> Errand:
    """The documents are asked for, and the key holder has sent them."""
    assert browser.post(f"{BASE}/review/open/").status_code == 302
    row = newest(ErrandKind.REVIEW)
    found = documents or (document("D001"), document("D002"))
    pieces = [(f"document/{each['id']}", json.dumps(laid_open("P0001")).encode()) for each in found]
    pieces += [("words", json.dumps({"documents": found, "closed": closed}).encode()), ("page/D001/1", b"\x89PNG")]
    answering.answer(row, pieces, "Opened.", clock.now())
    return row


def previewed(browser: Client, seen: str = SEEN, closed: int = 0) -> Errand:
    assert browser.post(f"{BASE}/preview/make/").status_code == 302
    row = newest(ErrandKind.PREVIEW)
    entry = {"id": "1", "document": "D001", "title": "Letter", "kind": "An e-mail", "file": "documents/x.pdf",
             "day": "2026-03-02", "redacted": True, "grounds": ["It is private."], "left": [["Penhaligon", 2]],
             "pages": 1, "passages": 1}  # fmt: skip
    told = {"entries": [entry], "seen": seen, "closed": closed, "cut": False}
    answering.answer(row, [("words", json.dumps(told).encode()), ("page/1/1", b"\x89PNG")], "Made.", clock.now())
    return row


def sealed_for(browser: Client, **form: str) -> Errand:
    previewed(browser)
    assert browser.post(f"{BASE}/seal/", {"how": "passphrase"} | form).status_code == 302
    return newest(ErrandKind.ANSWER)


def made(row: Errand, tmp_path: Any) -> None:
    """As the key holder leaves it: a file, its row, and the passphrase for whoever asked."""
    (file := tmp_path / "SAR-1.tar.age").write_bytes(b"age-encryption.org/v1")
    answering.hand_out(row, file, "21 bytes.", clock.now(), [("passphrase", b"otter-lantern")])
    HandedOver.objects.create(
        kind="access", request_id=1, reference="SAR-1", purpose="p", authority="a", receiver="age: passphrase",
        sha256="0" * 64, size=21, made_at=clock.now(), made_by=row.asked_by,
    )  # fmt: skip


def test_collecting_is_asked_for_and_seen_as_far_as_it_is(rita: Client) -> None:
    assert "Collect what is kept about them" in text(rita.get(f"{BASE}/"))
    assert rita.get(f"{BASE}/collecting/")["Location"] == f"{BASE}/collect/"
    assert rita.post(f"{BASE}/collect/", {"also": ""})["Location"] == f"{BASE}/collecting/"
    row = newest(ErrandKind.COLLECT)
    assert (row.state, row.asked_by, row.why) == (ErrandState.ASKED, f"console:{RITA}", "to answer SAR-1")
    twice = rita.post(f"{BASE}/collect/", {"also": ""})
    assert (twice.status_code, "Somebody has asked for this already" in text(twice)) == (422, True)
    answering.far(row, 3, 9, clock.now())
    assert rita.head(f"{BASE}/collecting/").status_code == 202
    assert "Being done" in text(rita.get(f"{BASE}/"))
    answering.done(row, "12 documents found.", clock.now())
    assert "12 documents found." in text(rita.get(f"{BASE}/collecting/"))
    assert f'href="{BASE}/review/"' in text(rita.get(f"{BASE}/collecting/"))


def test_what_is_named_besides_travels_sealed_to_the_masters(rita: Client) -> None:
    rita.post(f"{BASE}/collect/", {"also": f"{'r' * 26}\nnonsense"})
    query = bytes(newest(ErrandKind.COLLECT).query)
    assert b"RRR" not in query
    assert json.loads(decrypt(query, [MASTER], "a question")) == {"also": ["R" * 26]}


def test_documents_are_shown_in_the_browser_that_asked_and_in_no_other(rita: Client, sam: Client) -> None:
    row = reviewed(rita)
    assert TEXT.encode() not in b"".join(bytes(p.sealed) for p in row.pieces.all())
    listed = text(rita.get(f"{BASE}/review/"))
    assert "Letter D001" in listed
    assert "Open the documents" not in listed
    shown = text(rita.get(f"{BASE}/review/d001/"))
    assert '<mark class="sp-mark" title="a name with a title">Mrs Penhaligon</mark>' in shown
    assert rita.get(f"{BASE}/review/D001/1/")["Content-Type"] == "image/png"
    for path in ("D001/", "D001/1/"):
        assert sam.get(f"{BASE}/review/{path}").status_code in {302, 404}
    assert "Letter" not in text(sam.get(f"{BASE}/review/"))
    other = signed_in(Role.RECORDS, email="tom@council.example", sudo=True)
    other.cookies["sallyport-request"] = rita.cookies["sallyport-request"].value
    assert "Letter" not in text(other.get(f"{BASE}/review/")), "a cookie alone is not the person"
    rita.cookies.pop("sallyport-request")
    assert "you asked in another browser" in text(rita.get(f"{BASE}/review/"))


def test_each_look_is_in_the_audit_trail(rita: Client) -> None:
    reviewed(rita)
    rita.get(f"{BASE}/review/D001/")
    rita.get(f"{BASE}/review/D001/1/")
    events = AuditEvent.objects.filter(action="access-reviewed").order_by("sequence")
    assert [(e.actor, e.details.get("document"), e.details.get("page")) for e in events] == [
        (f"console:{RITA}", "D001", None),
        (f"console:{RITA}", "D001", 1),
    ]


def test_its_time_ends(rita: Client) -> None:
    row = reviewed(rita)
    Errand.objects.filter(pk=row.pk).update(until=clock.now())
    assert "The time for it is over" in text(rita.get(f"{BASE}/review/"))
    assert rita.get(f"{BASE}/review/D001/").status_code == 302


def test_the_key_is_of_this_requests_pages_alone(rita: Client) -> None:
    reviewed(rita)
    cookie = rita.cookies["sallyport-request"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (f"{BASE}/", True, "Strict")


REDACT = {"decision": "redact", "out-P0001": "yes-all", "why-P0001": "OTHERS", "own": " gets on with \n", "remark": "x"}


def test_what_is_decided_travels_sealed_and_the_next_document_follows(rita: Client) -> None:
    reviewed(rita)
    assert rita.post(f"{BASE}/review/D001/", REDACT)["Location"] == f"{BASE}/review/D002/"
    row = newest(ErrandKind.DECIDE)
    assert json.loads(decrypt(bytes(row.query), [MASTER], "a question")) == {
        "document": "D001", "decision": "redact", "exemptions": "", "remark": "x", "own": ["gets on with"],
        "answers": {"P0001": {"take_out": "yes", "ground": "OTHERS", "everywhere": True}},
    }  # fmt: skip
    waits = rita.get(f"{BASE}/review/")
    assert (waits.status_code, "Being recorded" in text(waits)) == (202, True)
    assert rita.head(f"{BASE}/review/").status_code == 202
    withheld = {"decision": "withhold", "exemptions": ["COURT", "CRIME"]}
    assert rita.post(f"{BASE}/review/D002/", withheld)["Location"] == f"{BASE}/review/"
    answering.refuse(row, "There is no line P0001 any more.", clock.now())
    answering.done(newest(ErrandKind.DECIDE), "Recorded.", clock.now())
    said = rita.get(f"{BASE}/review/")
    assert (said.status_code, "There is no line P0001 any more." in text(said)) == (200, True)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "Say what becomes of this document"),
        ({"decision": "shred"}, "not one of the available choices"),
        ({"decision": "redact"}, "Say whether “Mrs Penhaligon” comes out"),
        ({"decision": "redact", "out-P0001": "no"}, "Nothing is to come out of it"),
        ({"decision": "release", "out-P0001": "yes"}, "some of its texts are to come out"),
        ({"decision": "release", "own": "gets on"}, "some of its texts are to come out"),
        ({"decision": "withhold"}, "Say why it is kept back"),
        ({"decision": "withhold-unlisted"}, "Say why it is kept back"),
        ({"decision": "withhold", "exemptions": "MOOD"}, "not one of the available choices"),
    ],
)
def test_what_the_tables_would_refuse_is_said_at_once(rita: Client, form: dict[str, str], says: str) -> None:
    reviewed(rita)
    answer = rita.post(f"{BASE}/review/D001/", form)
    assert (answer.status_code, says in text(answer)) == (422, True), text(answer)
    assert not Errand.objects.filter(kind=ErrandKind.DECIDE).exists()


def test_what_comes_out_of_all_documents_comes_out_of_one_that_has_no_line_of_it(rita: Client) -> None:
    """Given whole it is refused by the tables, which say what must come out; so it can be given without that."""
    missing = ["it is released whole, but this must come out of it: Marjorie. Take texts out ('redact')"]
    reviewed(rita, document("D001"), document("D002", decision="release", missing=missing))
    stays = {"decision": "redact", "out-P0001": "no"}
    assert "Nothing is to come out of it" in text(rita.post(f"{BASE}/review/D001/", stays))
    assert rita.post(f"{BASE}/review/D002/", stays).status_code == 302


def test_no_text_is_taken_out_of_what_could_not_be_read(rita: Client) -> None:
    """The key holder would refuse it, and the page of that document would not come again."""
    unread = laid_open("P0001") | {"unread": ["it is protected with a password"]}
    row = reviewed(rita)
    pieces = [("document/D001", json.dumps(unread).encode())]
    pieces += [("words", json.dumps({"documents": [document("D001")], "closed": 0}).encode())]
    answering.answer(row, pieces, "Opened.", clock.now())
    answer = rita.post(f"{BASE}/review/D001/", REDACT)
    assert (answer.status_code, "A part of it could not be read: give it whole" in text(answer)) == (422, True)


def test_what_is_missing_and_what_is_ready_is_said(rita: Client) -> None:
    reviewed(rita, document("D001", decision="redact", missing=["2 texts without yes or no"]), closed=1)
    said = text(rita.get(f"{BASE}/review/"))
    assert "Something is missing" in said
    assert "could not be opened with the keys given" in said
    assert f'href="{BASE}/preview/"' not in said
    Errand.objects.all().delete()
    reviewed(rita, document("D001", decision="release"))
    assert f'href="{BASE}/preview/"' in text(rita.get(f"{BASE}/review/"))


def test_what_is_not_there_is_not_found(rita: Client) -> None:
    reviewed(rita)
    for path in ("review/D009/", "review/D001/2/", "preview/1/1/", "sealed/", "sealed/file/", "sent/"):
        assert rita.get(f"{BASE}/{path}").status_code == 404, path
    assert rita.get("/records/requests/99/review/").status_code == 404


def test_the_answer_is_looked_at_before_it_is_sealed(rita: Client) -> None:
    assert rita.get(f"{BASE}/seal/")["Location"] == f"{BASE}/preview/"
    previewed(rita)
    shown = text(rita.get(f"{BASE}/preview/"))
    assert "“Penhaligon” is part of a text that was taken out, and still stands in it, 2 times" in shown
    assert rita.get(f"{BASE}/preview/1/1/")["Content-Type"] == "image/png"
    assert AuditEvent.objects.filter(action="access-previewed").count() == 2
    assert rita.get(f"{BASE}/seal/").status_code == 200


def test_it_takes_two_who_saw_the_same(rita: Client, sam: Client) -> None:
    row = sealed_for(rita)
    assert (row.state, row.seen, row.receiver) == (ErrandState.PROPOSED, SEEN, "")
    assert "Answers that need you as the second person" not in text(rita.get("/"))
    assert f'href="{BASE}/sealed/"' in text(sam.get("/"))
    assert 'id="step-2">Done<' in text(sam.get(f"{BASE}/")), "what is decided is not to be decided again"
    assert sam.post(f"{BASE}/sealed/agree/", {})["Location"] == f"{BASE}/preview/", "not without a look"
    previewed(sam, seen="other")
    refused = sam.post(f"{BASE}/sealed/agree/", {})
    assert "What you looked at is not what was asked for" in text(refused)
    previewed(sam)
    assert f'href="{BASE}/sealed/agree/"' in text(sam.get(f"{BASE}/preview/"))
    own = rita.post(f"{BASE}/sealed/agree/", {})
    assert "somebody else has to agree" in text(own)
    assert sam.post(f"{BASE}/sealed/agree/", {}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.agreed_by) == (ErrandState.ASKED, f"console:{SAM}")


def test_who_does_not_agree_takes_it_back(rita: Client, sam: Client) -> None:
    row = sealed_for(rita)
    assert sam.get(f"{BASE}/sealed/back/").status_code == 302
    row.refresh_from_db()
    assert row.state == ErrandState.PROPOSED, "a link alone does nothing"
    sam.post(f"{BASE}/sealed/back/")
    row.refresh_from_db()
    assert row.state == ErrandState.REFUSED
    assert "have it sealed again" in text(rita.get(f"{BASE}/sealed/"))


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"how": "key", "key": "nonsense"}, "This is not an age key"),
        ({"how": "key"}, "This is not an age key"),
        ({"how": "fax"}, "not one of the available choices"),
    ],
)
def test_it_is_sealed_to_somebody(rita: Client, form: dict[str, str], says: str) -> None:
    previewed(rita)
    answer = rita.post(f"{BASE}/seal/", form)
    assert (answer.status_code, says in text(answer)) == (422, True)


def test_records_that_nobody_opens_are_told_of(rita: Client) -> None:
    previewed(rita, closed=2)
    answer = rita.post(f"{BASE}/seal/", {"how": "passphrase"})
    assert (answer.status_code, "say that they are told" in text(answer)) == (422, True)
    assert rita.post(f"{BASE}/seal/", {"how": "passphrase", "closed": "on"}).status_code == 302
    assert json.loads(decrypt(bytes(newest(ErrandKind.ANSWER).query), [MASTER], "q")) == {"closed": True}


def test_nothing_is_sealed_while_nobody_knows_who_asks(rita: Client) -> None:
    acting = Acting("cli:jo", clock.now())
    cases.ask(cases.find("1"), Wanted.IDENTIFICATION, acting.today, acting)
    previewed(rita)
    assert "wait to know who is asking" in text(rita.get(f"{BASE}/seal/"))


def test_the_file_is_fetched_the_passphrase_told_and_the_clock_stopped(
    rita: Client, sam: Client, tmp_path: Any
) -> None:
    row = sealed_for(rita)
    asking.agree(row, Acting(f"console:{SAM}", clock.now(), "x"), SEEN)
    assert rita.get(f"{BASE}/sent/").status_code == 404, "not before it is made"
    made(newest(ErrandKind.ANSWER), tmp_path)
    assert "otter-lantern" in text(rita.get(f"{BASE}/sealed/"))
    assert AuditEvent.objects.filter(action="answer's passphrase shown").count() == 1
    assert "otter-lantern" not in text(sam.get(f"{BASE}/sealed/"))
    fetched = sam.get(f"{BASE}/sealed/file/")
    assert b"".join(fetched.streaming_content) == b"age-encryption.org/v1"
    assert fetched["Content-Disposition"] == 'attachment; filename="SAR-1.tar.age"'
    assert AuditEvent.objects.filter(action="answer fetched").count() == 1
    answering.done(
        asking.ask(asking.Wanted(ErrandKind.COLLECT, "SAR-1"), Acting("x", clock.now(), "y")), "", clock.now()
    )
    day = f"{Acting('x', clock.now()).today}"
    late = rita.post(f"{BASE}/sent/", {"how": "by post", "on": "2999-01-01"})
    assert "lies in the future" in text(late)
    assert rita.post(f"{BASE}/sent/", {"how": "by post", "on": day}).status_code == 302
    case = cases.find("SAR-1")
    assert (case.outcome, f"{case.finished_on}") == ("sent: by post", day)
    assert newest(ErrandKind.DROP).state == ErrandState.ASKED
    assert "was finished on" in text(rita.get(f"{BASE}/review/"))


def test_closing_without_an_answer_wipes_too(rita: Client) -> None:
    rita.post(f"{BASE}/collect/", {"also": ""})
    day = f"{Acting('x', clock.now()).today}"
    assert rita.post(f"{BASE}/close/", {"outcome": "withdrawn", "on": day}).status_code == 302
    assert newest(ErrandKind.DROP).state == ErrandState.ASKED


@pytest.mark.parametrize(
    "path", ["collect/", "review/open/", "preview/make/", "seal/", "sealed/agree/", "sealed/file/"]
)
def test_what_is_dangerous_asks_once_more_who_they_are(path: str) -> None:
    plain = signed_in(Role.RECORDS, email="una@council.example")
    assert "/sign-in/" in plain.post(f"{BASE}/{path}")["Location"]
    assert not Errand.objects.exists()


@pytest.mark.parametrize("path", ["collect/", "review/open/", "review/D001/", "preview/make/", "seal/", "sent/"])
def test_nothing_is_done_for_another_site(path: str) -> None:
    from tests.support.people import account, sign_in

    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    sign_in(strict, account(Role.RECORDS, email="una@council.example"), sudo=True)
    assert strict.post(f"{BASE}/{path}", {}).status_code == 403
    assert not Errand.objects.exists()


def test_no_page_asks_more_for_more_documents(rita: Client) -> None:
    counted = []
    for number in (2, 20):
        Errand.objects.all().delete()
        reviewed(rita, *(document(f"D{n:03}", decision="") for n in range(1, number + 1)))
        previewed(rita)
        for n in range(1, number):
            rita.post(f"{BASE}/review/D{n:03}/", {"decision": "not-theirs"})
        for path in ("", "review/", "review/D001/", "preview/"):
            with CaptureQueriesContext(connection) as queries:
                assert rita.get(f"{BASE}/{path}").status_code in {200, 202}
            counted.append((path, len(queries)))
    assert counted[:4] == counted[4:]
    assert max(n for _, n in counted) <= 40
