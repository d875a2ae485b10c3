"""A placement ends: the carer signs on a page what is back and what is deleted; the office sees it, and it is filed."""

from __future__ import annotations

import io
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP

import pypdfium2
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.clock import SystemClock
from tests.support.house import NO_KEY, OFFICER, House
from tests.support.partings import case_of, part, send
from tests.support.pickups import Pages, Visitor, link_in
from tests.support.sink import Sink

SIGNED = {"papers": "RETURNED", "copies": "DELETED", "name": "Cy Jones", "agree": "yes"}


@pytest.fixture(scope="module")
def parted(house: House, sink: Sink, relay: None, pages: Pages) -> str:
    """The link of the letter that Cy read before."""
    return part(house, sink, pages)


def test_the_register_opens_a_case_for_each_carer_there_and_what_was_sent_before_is_closed(
    house, parted, pages
) -> None:
    listed = house.command("leaving", "list").stdout
    assert {row[0] for row in house.rows("select carer from vault_leavingcase")} == {"C-1", "C-2"}
    assert "SL-00001" in listed
    assert "SL-00005" not in listed  # who stays
    assert Visitor(pages, parted).get().status == 404
    house.command("worker", "--once")
    assert len(house.rows("select 1 from vault_leavingcase")) == 2


def test_the_carer_reads_what_was_shared_signs_and_the_office_has_it(house, sink, parted, pages, unlimited) -> None:
    keeps = ("--keeps", "Mileage sheets of 2026, for tax", "--agreed-by", "Mo Said")
    visitor = Visitor(pages, send(house, sink, *keeps))
    assert visitor.get("/leaving").status == 303
    visitor.come_in()
    assert visitor.get("/message").headers["Location"].endswith("/leaving")
    page = visitor.get("/leaving").text
    for said in (
        "Your time with Ann Lee ended",
        "about health",
        "you saved a copy",
        "1 link in our emails is closed",
        "Mileage sheets",
    ):
        assert said in page
    assert "Agreed by Mo Said" in page
    assert "levetiracetam" not in page
    for missing, told in (
        ("papers", "about papers"),
        ("copies", "about copies"),
        ("name", "first name"),
        ("agree", "tick"),
    ):
        reply = visitor.post("/leaving", **{**SIGNED, missing: ""})
        assert (reply.status, told in reply.text) == (422, True), missing
    assert visitor.post("/leaving", **{**SIGNED, "papers": "EATEN"}).status == 422
    sink.received.clear()
    assert "You have signed it" in visitor.post("/leaving", **SIGNED).text
    (mail,) = [m for m in sink.received if m.recipients == (OFFICER,)]
    (attached,) = message_from_bytes(mail.content, policy=SMTP).iter_attachments()
    pdf = attached.get_payload(decode=True)
    assert len(PdfFileReader(io.BytesIO(pdf)).embedded_signatures) == 1
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
    for said in ("I have given all papers back", "I have deleted all copies", "Cy Jones", "Mileage sheets", "medical"):
        assert said in text
    assert visitor.get("/leaving/copy").body == pdf
    assert "You have signed it" in visitor.get("/leaving").text
    house.command("worker", "--once")
    ((record, papers),) = house.rows(f"select signed_record, papers from vault_leavingcase where id = {case_of(house)}")
    assert papers == "all papers are given back"
    subjects = house.rows(f"select person from vault_vaultsubject where record_id = '{record}'")
    assert subjects == house.rows("select ref from register_person where council_id = 'SL-00001'")
    assert "is signed" in house.command("leaving", "list").stdout


def test_who_still_has_something_is_rung_signs_again_and_the_last_word_counts(
    house, sink, parted, pages, unlimited
) -> None:
    before = send(house, sink)
    visitor = Visitor(pages, send(house, sink))
    assert Visitor(pages, before).get().status == 404
    visitor.come_in()
    assert "We will ring you" in visitor.post("/leaving", **SIGNED | {"copies": "SOME"}).text
    house.command("worker", "--once")
    refused = house.command("leaving", "done", str(case_of(house)), check=False)
    assert (refused.returncode, "has not signed that everything" in refused.stderr) == (5, True)
    assert "still have some" in visitor.get("/leaving").text
    assert "We have it, too" in visitor.post("/leaving", **SIGNED).text
    house.command("worker", "--once")
    house.command("leaving", "done", str(case_of(house)))
    assert house.rows(f"select copies from vault_leavingcase where id = {case_of(house)}") == [
        ("all copies are deleted",)
    ]
    assert "C-2" not in house.command("leaving", "list").stdout
    assert "is done" in house.command("leaving", "list", "--all").stdout


def test_who_has_not_signed_after_a_week_gets_the_notice_again(house, sink, parted, pages, unlimited) -> None:
    """With a new link to the same page; another week has to go by before the next."""
    house.rows("update vault_leavingcase set done_at = null where carer = 'C-2'")
    before = send(house, sink)
    week_ago = (SystemClock().now() - timedelta(days=8)).isoformat(sep=" ")
    house.rows(f"update vault_pickupgrant set made_at = '{week_ago}' where ended = ''")
    sink.received.clear()
    for _ in range(2):
        house.command("worker", "--once")
    (notice,) = [m for m in sink.received if m.recipients == (NO_KEY,)]
    assert Visitor(pages, before).get().status == 404
    visitor = Visitor(pages, link_in(notice.content))
    visitor.come_in()
    assert "We have it, too" in visitor.post("/leaving", **SIGNED).text


def test_without_a_page_it_is_settled_on_paper_with_a_reason(house, parted) -> None:
    number = str(case_of(house, "C-1"))
    assert house.command("leaving", "done", number, check=False).returncode == 5
    assert house.command("leaving", "send", number, "--keeps", "All", check=False).returncode == 5
    house.command("leaving", "done", number, "--why", "she signed on paper at the visit")
    events = house.rows("select why from vault_auditevent where action = 'leaving done'")
    assert ("she signed on paper at the visit",) in events
