"""Header protection: what goes inside, what stays outside (RFC 9788)."""

from __future__ import annotations

import email
import email.policy
import time
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ProtectionFailed
from domain.model import NULL_SENDER, Address, Envelope
from gateway.protect.headers import divide, read_fields
from tests.support import protect_specimens as s


def divided(raw: bytes, subject: str = s.SUBJECT, real: str | None = None) -> tuple[EmailMessage, EmailMessage, bytes]:
    """Outer header, inner header, body."""
    division = divide(s.message(raw, subject), s.ENVELOPE, subject if real is None else real)
    parse = email.message_from_bytes
    policy = email.policy.default
    return parse(division.outer, policy=policy), parse(division.inner, policy=policy), bytes(division.body)


def test_the_body_is_the_same_octets() -> None:
    """Sliced, not written anew."""
    body = b"a\r\n\xff\x00 \nb\r\r\n"
    assert divided(s.TEXT + body)[2] == body


def test_the_outer_subject_says_nothing_and_the_inner_is_as_written() -> None:
    """RFC 9788 section 3.2."""
    outer, inner, _ = divided(s.TEXT)
    assert outer["Subject"] == "[...]"
    assert inner["Subject"] == s.SUBJECT


def test_only_what_mail_needs_stays_outside() -> None:
    """Everything else is inside alone, such as the topic, which repeats the subject."""
    raw = s.HEADER + b"Thread-Topic: Ann Lee\r\nReply-To: x@council.example\r\nX-Mood: Ann\r\nKeywords: Ann\r\n\r\n"
    outer, inner, _ = divided(raw)
    assert outer.keys() == ["Subject", "From", "To", "Date", "Message-ID"]
    assert inner["Thread-Topic"] == "Ann Lee"
    assert inner["Reply-To"] == "x@council.example"


def test_blind_copies_and_traces_are_nowhere() -> None:
    """Bcc is never shown, not even inside; what concerned the way here is left out."""
    extra = (
        b"Resent-Bcc: hidden@elsewhere.example\r\nDKIM-Signature: hidden@\r\n"
        b"ARC-Seal: hidden@\r\nReturn-Path: <hidden@>\r\n"
        b"Authentication-Results: hidden@\r\nX-MS-Exchange-Organization-SCL: hidden@\r\nX-Sallyport-Mark: hidden@\r\n"
        b"bCC : \r\n folded,\r\n\thidden@elsewhere.example\r\n"
    )
    division = divide(s.message(s.HEADER + extra + b"\r\n"), s.ENVELOPE, s.SUBJECT)
    assert b"hidden@" not in division.outer + division.inner
    assert b"Received" not in division.outer + division.inner


def test_the_outer_fields_are_recorded_inside() -> None:
    """HP-Outer, RFC 9788 section 2.2; those an attacker wrote are not believed."""
    outer, inner, _ = divided(s.HEADER + b"HP-Outer: Subject: forged\r\n\r\n")
    assert [str(v) for v in inner.get_all("HP-Outer")] == [f"{k}: {v}" for k, v in outer.items()]


@pytest.mark.parametrize(
    ("given_type", "kept"),
    [
        (b"text/html; charset=utf-8", {"charset": "utf-8"}),
        (b" text/html", {}),
        (b'multipart/mixed;\r\n boundary="a; hp=x b"', {"boundary": "a; hp=x b"}),
        (b'text/plain; hp="clear"; format=flowed', {"format": "flowed"}),
        (b"text/plain; HP=clear", {}),
        (b"text/plain;", {}),
        (b"rubbish", {}),
    ],
)
def test_the_content_type_is_marked_and_keeps_its_parameters(given_type: bytes, kept: dict[str, str]) -> None:
    """hp="cipher" once, wherever the original's parameters stand, folded or quoted."""
    inner = divided(s.HEADER + b"Content-Type:" + given_type + b"\r\n\r\nx")[1]
    assert inner.get_all("Content-Type").__len__() == 1
    assert dict(inner["Content-Type"].params) == {"hp": "cipher", **kept}


def test_a_mail_without_content_type_is_plain_text() -> None:
    """RFC 2045 section 5.2."""
    inner = divided(s.HEADER + b"\r\nx")[1]
    assert inner.get_content_type() == "text/plain"
    assert inner["Content-Type"].params["hp"] == "cipher"


def test_a_changed_subject_replaces_the_original_and_cannot_add_fields() -> None:
    """Tags are gone, other letters are encoded, line ends are spaces."""
    outer, inner, _ = divided(s.TEXT, real="Über Ann\r\nBcc: evil@elsewhere.example" + " lang" * 40)
    assert inner["Subject"].startswith("Über Ann Bcc: evil@")
    assert "Bcc" not in inner
    assert outer["Subject"] == "[...]"


def test_a_changed_subject_where_there_was_none() -> None:
    """It is added."""
    assert divided(b"From: a@b.example\r\n\r\n", subject="", real="Now there is")[1]["Subject"] == "Now there is"


def test_eight_bit_names_outside_are_encoded_and_inside_left() -> None:
    """The outer header is ASCII and names nobody; the inner one is as it came."""
    raw = "From: Zoë <zoe@council.example>\r\nTo: Jürgen <j@x.example>, zoë@x.example\r\n\r\n".encode()
    division = divide(s.message(raw), s.ENVELOPE, s.SUBJECT)
    assert division.outer.isascii()
    assert "Zoë <zoe@council.example>".encode() in division.inner
    outer = email.message_from_bytes(division.outer, policy=email.policy.default)
    assert outer["From"] == "zoe@council.example"
    assert [a.addr_spec for a in outer["To"].addresses] == ["j@x.example"]


def test_latin_1_rubbish_in_the_author_still_gives_an_author() -> None:
    """Neither UTF-8 nor encoded."""
    raw = b"From: Zo\xeb <zoe@council.example>\r\n\r\n"
    assert divided(raw)[0]["From"].addresses[0].addr_spec == "zoe@council.example"


def test_without_a_writable_author_the_envelope_says_who_or_nothing_leaves() -> None:
    """A mail without From; and one from the null sender besides."""
    assert str(divided(b"To: x@y.example\r\n\r\n")[0]["From"]) == "officer@council.example"
    nobody = Envelope(NULL_SENDER, (Address.of("x@y.example"),), s.NOW)
    with pytest.raises(ProtectionFailed):
        divide(s.message(b"To: x@y.example\r\n\r\n"), nobody, "")


@pytest.mark.parametrize(
    "field",
    [
        b'To: "Marjorie (carer of Ann Lee, NHS 999 000 0018)" <carer@carers.example>',
        b"To: carer@carers.example (sister of Ann Lee)",
        b"To: Safeguarding circle for Ann Lee: carer@carers.example, kim@x.example;",
        b"To: =?utf-8?Q?Ann_Lee?= <carer@carers.example>",
        b'To: carer@carers.example, "Ann Lee"@x.example',
        b'To: carer@carers.example,\r\n "Ann\r\n Lee" <b@x.example>',
    ],
)
@pytest.mark.parametrize("name", [b"To", b"Cc", b"From"])
def test_only_bare_addresses_are_outside(field: bytes, name: bytes) -> None:
    """Display names, comments, groups and quoted local parts are free text, and may say who is whose carer."""
    raw = s.HEADER.replace(b"From: Olive", b"X-From: Olive").replace(b"To: Carer", b"X-To: Carer")
    raw += field.replace(b"To", name, 1) + b"\r\nX: y\r\n\r\n"
    outer = divide(s.message(raw), s.ENVELOPE, s.SUBJECT).outer
    written = email.message_from_bytes(outer)[name.decode()]
    assert b"carer@carers.example" in outer
    assert not {b"Ann", b"Lee", b"999", b"circle"} & set(outer.replace(b"=", b" ").split())
    assert all("@" in word for word in written.split())


SHAPES = [
    b"<3f2504e0-4f89-11d3-9a0c-0305e82c3301@thunder.example>",
    b"<0123456789abcdef0123456789ABCDEF@mail.council.example>",
    b"<LO2P265MB1234C0FFEE0123456789ABCDEF0123456789@LO2P265MB1234.GBRP265.PROD.OUTLOOK.COM>",
    b"<VI1PR0402MB4321C0FFEE0123456789ABCDEF@VI1PR0402MB4321.eurprd04.prod.outlook.com>",
    b"<176389123456.1234.12345678901234567890@host.example>",
    b"<CAHk-=wgXyzAbCdEfGhIjKlMnOpQrStUvWxYz0123456789+_ab@mail.gmail.com>",
]
TELLING = [
    b"<rowan.applegarth-HIV-results-NHS9993395633@trust.example>",
    b"<SL-20417.review@x.example>",
    b"<9990000018@x.example>",
    b"<CAnn-Lee-has-epilepsy-and-takes-levetiracetam-twice@x.example>",
]


def test_threads_keep_identifiers_that_programs_made_and_lose_all_else() -> None:
    """In-Reply-To may hold a phrase (RFC 822), and case systems write references into identifiers."""
    ids = b"\r\n ".join([*SHAPES, *TELLING])
    raw = s.HEADER + b"In-Reply-To: your mail on Ann Lee " + SHAPES[0] + b"\r\nReferences: " + ids + b"\r\n\r\n"
    outer, inner, _ = divided(raw)
    assert outer["In-Reply-To"] == SHAPES[0].decode()
    assert outer["References"].split() == [i.decode() for i in SHAPES]
    assert TELLING[0].decode() in inner["References"]
    assert "References" not in divided(s.HEADER + b"References: " + b" ".join(TELLING) + b"\r\n\r\n")[0]


def test_the_message_id_is_the_same_at_each_try() -> None:
    """The original's, or one made of the message where there is none, or one that a person may have written."""
    made = s.TEXT.replace(b"<one@council.example>", SHAPES[2])
    assert divided(made)[0]["Message-ID"] == SHAPES[2].decode()
    for bare in (b"From: a@b.example\r\n\r\nx", s.TEXT.replace(b"<one@council.example>", TELLING[0])):
        first, second = (divided(bare)[0]["Message-ID"] for _ in range(2))
        assert first == second
        assert first.endswith("@council.example>")
        assert "HIV" not in first


def test_a_date_is_only_a_date() -> None:
    """What rides on it as a comment does not leave; a broken one is replaced by the time of receipt."""
    dated = s.HEADER.replace(b"Date: Mon, 2 Nov 2026 10:00:00 +0000", b"Date: Mon, 2 Nov 2026 10:00:00 +0000 (Ann Lee)")
    assert "Ann" not in divided(dated + b"\r\n")[0]["Date"]
    broken = s.HEADER.replace(b"Date: Mon, 2 Nov", b"Date: Ann Lee")
    assert divided(broken + b"\r\n")[0]["Date"].datetime == s.NOW


def test_a_header_of_a_hundred_thousand_folds_takes_no_time() -> None:
    """Linear, not quadratic."""
    started = time.perf_counter()
    fields = read_fields(b"X: a\r\n" + b" folded\r\n" * 100_000)
    assert len(fields) == 1
    assert time.perf_counter() - started < 2


@settings(max_examples=150, deadline=None)
@given(header=st.binary(max_size=300), body=st.binary(max_size=60), subject=st.text(max_size=60))
def test_any_header_gives_an_ascii_outside_of_known_fields(header: bytes, body: bytes, subject: str) -> None:
    """Whatever the octets, nothing but the listed fields is outside, in CRLF lines."""
    block = header.replace(b"\r\n\r\n", b"")
    raw = b"From: a@b.example\r\n" + block + b"\r\n\r\n" + body
    message = s.message(raw)
    division = divide(message, s.ENVELOPE, subject)
    assert division.outer.isascii()
    known = {"subject", "from", "to", "cc", "date", "message-id", "in-reply-to", "references"}
    assert {f.key for f in read_fields(division.outer)} <= known
    for line in division.outer.split(b"\r\n"):
        assert b"\n" not in line
        assert b"\r" not in line
    assert not {"bcc", "resent-bcc"} & {f.key for f in read_fields(division.inner)}
    assert bytes(division.body) == raw[message.body_offset :]
