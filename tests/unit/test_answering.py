"""The marks on the addresses that answers go to, what counts as a program's answer, and the first word of one."""

from __future__ import annotations

import hashlib
from time import process_time

import pytest

from domain.model import Address, Part, Place
from gateway.answering import AnswerBox, automatic, first_word
from gateway.parse import parse
from tests import build

BOX = AnswerBox("answers@sallyport.council.example", b"k" * 32)
OLA, PIA = Address.of("Ola@council.example"), Address.of("pia@council.example")
RAW = b"Subject: Plan\r\n\r\nwords\r\n"


def test_an_address_names_its_mail_to_its_officer_alone():
    to = Address.of(BOX.reply_to(RAW, OLA))
    begins = BOX.digest(to, OLA)
    assert hashlib.sha256(RAW).hexdigest().startswith(begins)
    assert len(begins) == 32
    assert BOX.digest(to, PIA) == ""
    assert AnswerBox(BOX.address, b"j" * 32).digest(to, OLA) == ""
    assert len(to.text.partition("@")[0]) <= 64


def test_it_survives_what_mail_systems_do_to_the_case_of_letters():
    to = BOX.reply_to(RAW, OLA)
    assert BOX.digest(Address.of(to.upper()), Address.of("OLA@COUNCIL.EXAMPLE")) == BOX.digest(Address.of(to), OLA)


@pytest.mark.parametrize("place", range(8, 60))
def test_no_letter_of_the_mark_can_be_another(place):
    to = BOX.reply_to(RAW, OLA)
    if to[place] in "+-@":
        return
    other = to[:place] + ("b" if to[place] == "a" else "a") + to[place + 1 :]
    assert BOX.digest(Address.of(other), OLA) == ""


def test_what_is_ours():
    for ours in ("answers+x@sallyport.council.example", "Answers@Sallyport.council.example"):
        assert BOX.takes(Address.of(ours))
    for others in ("answers@council.example", "answersx@sallyport.council.example", "x@sallyport.council.example", ""):
        assert not BOX.takes(Address.of(others))
    assert BOX.digest(Address.of("answers@sallyport.council.example"), OLA) == ""
    assert repr(b"k" * 32) not in repr(BOX)


@pytest.mark.parametrize(
    ("header", "by_a_program"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("auto-submitted: Auto-Generated; x=y", True),
        ("Auto-Submitted: no", False),
        ("Auto-Submitted: no; why=a person", False),
        ("Precedence: bulk", True),
        ("Precedence: first-class", False),
        ("X-Autoreply: yes", True),
        ("List-Id: <all.council.example>", True),
        ("Content-Type: multipart/report; report-type=delivery-status", True),
        ("Content-Type: text/plain", False),
    ],
)
def test_what_a_program_wrote(header, by_a_program):
    assert automatic(f"{header}\r\nSubject: Re: Not sent\r\n\r\nYES\r\n".encode()) is by_a_program


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("YES", "yes"),
        ("\n \n  yes. \n> quoted", "yes"),
        ("\ufeff'Other'!", "other"),
        ("Yes, but wait", "yes, but wait"),
        ("> YES", "> yes"),
        ("On Monday Shared Lives wrote:\n> x\nYES", "on monday shared lives wrote:"),
        ("", ""),
    ],
)
def test_the_first_word(text, word):
    assert first_word(parse(b"Subject: Re\r\n\r\n" + text.encode())) == word


def test_the_first_word_of_a_page():
    page = b"<html><head><style>p {color: red}</style></head><body><p>&nbsp;</p><p>Yes</p><blockquote>no</blockquote>"
    raw = b"Subject: Re\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
    assert first_word(parse(raw)) == "yes"


@pytest.mark.parametrize("piece", ["<", "<a", "<style>", "</head", "<!--", "&nbsp;", "\n"])
def test_a_page_made_to_be_slow_is_not(piece):
    begun = process_time()
    raw = b"Subject: Re\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + piece.encode() * 100_000
    assert first_word(parse(raw)) not in {"yes", "other"}
    assert process_time() - begun < 2


def test_an_answer_without_words_has_none():
    attached = build.message(parts=(Part("1", Place.ATTACHMENT, "text/plain", "a.txt", b"YES"),))
    assert first_word(attached) == ""
