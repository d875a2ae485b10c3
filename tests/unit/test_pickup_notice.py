"""The mail that tells of a pick-up: what stands in it, and above all what does not."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP

import pytest

from domain.decision import Method
from domain.errors import ProtectionFailed
from domain.model import Address, Place
from gateway.letters import Letterhead
from gateway.protect.pickup import PickUp, PickupPlace
from tests import build
from tests.build import CARER, GOOD_KEY, NOW, OFFICER, SECRET
from tests.support.reading import reading_age

PLACE = PickupPlace("https://pickup.council.example", "age1pickup", timedelta(days=30))
LINK = re.compile(r"https://pickup\.council\.example/p/([\w-]{43})(?![\w-])")
RAW = (
    b"From: Olu Ade <officer@council.example>\r\nSubject: Ann's epilepsy plan\r\n"
    b"Message-ID: <SL-00001.review@council.example>\r\n\r\n" + SECRET + b"\r\n"
)


def protector(name: str = "Cara Jones", phone: str = "01962 555 0100", language: str = "en") -> PickUp:
    letterhead = Letterhead("Shared Lives", "shared-lives@council.example")
    place = replace(PLACE, language=language)
    return PickUp(place, letterhead, phone, "relay.council.example", lambda address: name)


def notice(raw: bytes = RAW, to: Address = CARER, **more):
    mail = build.message(raw, subject="Ann's epilepsy plan")
    return protector(**more).protect(mail, build.envelope(to), to, [], "Ann's epilepsy plan", NOW)


def opened(protected):
    mail = message_from_bytes(protected.content, policy=SMTP)
    return mail, mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()


def test_it_says_who_sent_it_how_many_documents_until_when_and_whom_to_ring() -> None:
    mail, text, html = opened(notice())
    assert mail["From"] == "Shared Lives <shared-lives@council.example>"
    assert mail["To"] == CARER.text
    assert mail["Subject"] == "You have a message from Shared Lives"
    for body in (text, html):
        for said in (
            "Hello Cara Jones,",
            "Olu Ade at Shared Lives",
            "1 document.",
            "23 December 2026",
            "01962 555 0100",
        ):
            assert said in body


def test_nothing_of_the_mail_is_in_it() -> None:
    content = notice().content
    mail, text, html = opened(notice())
    for word in ("epilepsy", "Ann", "plan", "SL-00001", SECRET.decode(), "plan.pdf"):
        for place in (content.decode(), text, html, *mail.values()):
            assert word not in place


def test_it_has_one_link_and_nothing_that_looks_like_a_trick() -> None:
    """No picture from elsewhere, no form, no script, no attachment, no link that says another address than it has."""
    mail, text, html = opened(notice())
    assert len(LINK.findall(text)) == 1
    assert html.count("href=") == 1
    assert LINK.search(html)[1] == LINK.search(text)[1]
    for trick in ("<img", "<form", "<script", "<iframe", "http://", "src="):
        assert trick not in html
    assert list(mail.iter_attachments()) == []


def test_the_link_is_in_the_notice_alone_and_each_is_another() -> None:
    first, second = notice(), notice()
    secret = LINK.search(opened(first)[1])[1]
    assert first.ticket.link_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert first.ticket.until == NOW + timedelta(days=30)
    assert secret not in repr(first)
    assert opened(second)[1] != opened(first)[1]
    assert opened(second)[0]["Message-ID"] != opened(first)[0]["Message-ID"]  # so that no program takes it for a copy
    assert secret[:16] not in opened(first)[0]["Message-ID"]


def test_it_passes_through_any_mail_system_as_it_is() -> None:
    """Seven bits, short lines: what is signed afterwards (DKIM) stays as it was signed."""
    content = notice(name="Siân Llŷr").content
    assert content.isascii()
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert "Hello Siân Llŷr," in opened(notice(name="Siân Llŷr"))[1]


def test_bounces_go_to_the_officer_and_answers_to_the_service() -> None:
    protected = notice()
    assert (protected.sender, protected.method) == (OFFICER, Method.PICK_UP)
    assert opened(protected)[0]["Auto-Submitted"] == "auto-generated"
    assert opened(protected)[0]["Reply-To"] is None


@pytest.mark.parametrize(
    ("author", "shown"),
    [
        (b"From: Olu Ade <officer@council.example>", "Olu Ade at"),
        (b"From: =?utf-8?q?Ol=C3=BA?= <officer@council.example>", "Olú at"),
        (b"From: The Bank <somebody@else.example>", "officer@council.example at"),
        (b"From: officer@council.example", "officer@council.example at"),
        (b"X-Nothing: x", "officer@council.example at"),
        (b"From: =?utf-8?q?A=0D=0ABcc=3A=20x?= <officer@council.example>", "A Bcc: x at"),
    ],
)
def test_the_name_is_the_senders_own_and_no_header_of_theirs(author: bytes, shown: str) -> None:
    mail, text, _ = opened(notice(author + b"\r\n\r\nx\r\n"))
    assert shown in text
    assert mail["Bcc"] is None


def test_names_are_no_html() -> None:
    _, _, html = opened(notice(name="<b>Cara</b>"))
    assert "<b>" not in html
    assert "&lt;b&gt;Cara" in html


def test_without_a_name_a_number_or_documents_it_is_shorter() -> None:
    plain = build.message(RAW, parts=(replace(build.message().parts[0], place=Place.BODY),))
    protected = protector(name="", phone="").protect(plain, build.envelope(), CARER, [], "x", NOW)
    _, text, _ = opened(protected)
    assert text.startswith("Hello,")
    assert "document" not in text
    assert "Ring" not in text


def test_an_address_to_which_nothing_can_be_written_is_tried_again_and_never_sent_in_the_clear() -> None:
    with pytest.raises(ProtectionFailed):
        notice(to=Address.of("a b\r\nBcc: c@example.org"))


def test_no_key_is_ever_usable_for_it() -> None:
    assert not protector().examine(GOOD_KEY, NOW).usable


def test_a_reader_of_nine_understands_it() -> None:
    lines = LINK.sub("", opened(notice())[1]).splitlines()
    assert reading_age(lines) <= 9
