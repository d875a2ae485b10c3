"""Words in the header besides the subject: read, so that nothing goes out where nobody looks."""

from __future__ import annotations

import pytest

from domain.model import Unreadable, UnreadableReason
from gateway.parse import parse

HEAD = b"From: a@council.example\r\nTo: b@carers.example\r\nSubject: RE: Ann's visit\r\n"


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (b"Comments: Ann Lee has epilepsy", "comments: Ann Lee has epilepsy"),
        (b"Keywords: epilepsy,\r\n levetiracetam", "keywords: epilepsy, levetiracetam"),
        (b"X-Note: =?utf-8?B?QW5uIExlZSBoYXMgZXBpbGVwc3k=?=", "x-note: Ann Lee has epilepsy"),
        (b"X-Note: 999 000 0018", "x-note: 999 000 0018"),
        (b"X-NHS-Number: 9990000018", "x-nhs-number: 9990000018"),
        (b"X-MS-Exchange-Comment: Ann Lee has epilepsy", "x-ms-exchange-comment: Ann Lee has epilepsy"),
        (b"List-Help: <mailto:help@council.example> (Ann Lee)", "list-help: (Ann Lee)"),
        (b"Content-Description: Ann Lee's letter", "content-description: Ann Lee's letter"),
        (b"Content-ID: <ann.lee-9990000018@x>", "content-id: <ann.lee-9990000018@x>"),
        (b"Content-Location: file:///Ann%20Lee/9990000018", "content-location: file:///Ann%20Lee/9990000018"),
        (b'Cc: "Ann Lee has epilepsy" <c@x.example>', 'cc: "Ann Lee has epilepsy"'),
        (b"Cc: c@x.example (Ann Lee has epilepsy)", "cc: (Ann Lee has epilepsy)"),
        (b"Cc: Circle of Ann Lee: c@x.example, d@x.example;", "cc: Circle of Ann Lee: , ;"),
        (b"Reply-To: =?utf-8?Q?Ann_Lee?= <c@x.example>", "reply-to: Ann Lee"),
        (b"In-Reply-To: your mail on Ann Lee <9990000018@x.example>", "in-reply-to: your mail on Ann Lee"),
        (b'Content-Type: text/plain; x-about="Ann Lee"', "x-about: Ann Lee"),
        (b"Content-Type: text/plain; charset=utf-8 (Ann Lee)", "charset: utf-8 (Ann Lee)"),
        (b"Content-Disposition: inline; filename=a.txt; x-about=9990000018", "x-about: 9990000018"),
        (b'Content-Disposition: inline; filename="Ann Lee/9990000018/a.txt"', "name: Ann Lee/9990000018/a.txt"),
    ],
)
def test_words_in_any_field_are_read(field: bytes, told: str) -> None:
    """Decoded and unfolded, a line for each field; the octets themselves are not touched."""
    raw = HEAD + field + b"\r\n\r\nHello\r\n"
    message = parse(raw)
    assert [(p.path, p.content.decode()) for p in message.notes] == [("HEADER", told)]
    assert message.raw == raw
    assert [p.path for p in message.parts] == ["1"]


@pytest.mark.parametrize(
    "field",
    [
        b"Thread-Topic: Ann's visit",
        b"X-MS-Exchange-CrossTenant-Id: 9990000018",
        b"In-Reply-To: <9990000018@x.example>",
        b"ARC-Seal: i=1; a=rsa-sha256; t=9990000018; cv=none",
        b"Envelope-To: Ann Lee <hidden@x.example>",
        b"Received: from a by b with ESMTP; Mon, 23 Nov 2026 09:00:00 +0000",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=council.example; b=abc def",
        b"X-MS-Exchange-Organization-AuthAs: Internal",
        b"List-Unsubscribe: <mailto:help@council.example>,<https://x.example/9990000018>",
        b"Cc: Carer Jones <carer.jones@x.example>, j.smith@x.example",
        b"Cc: J Smith <jsmith@x.example>",
        b"Content-Type: text/plain; charset=utf-8; format=flowed",
        b"Content-Disposition: attachment; filename=a.txt; size=9990000018",
    ],
)
def test_what_programs_write_for_programs_is_no_text(field: bytes) -> None:
    """Nor is what only repeats the subject line."""
    assert parse(HEAD + field + b"\r\n\r\nHello\r\n").notes == ()


def test_the_end_of_the_header_may_be_the_end_of_the_mail() -> None:
    """Fields without an empty line after them are read all the same."""
    assert b"epilepsy" in parse(HEAD + b"X-Note: Ann Lee has epilepsy\r\n").notes[0].content


def test_words_in_the_fields_of_any_part_are_read() -> None:
    """Two names, folders, descriptions, a field of nobody's own: on a part, and in a mail inside a mail."""
    part = (
        b'Content-Type: text/plain; name="Ann Lee, NHS number 999 000 0018.txt"\r\n'
        b'Content-Disposition: attachment; filename="a.txt"\r\nContent-Description: epilepsy\r\nX-Who: Ann\r\n\r\nhi'
    )
    inner = b"Content-Type: message/rfc822\r\n\r\nSubject: s\r\nContent-Description: seizures\r\n\r\nhi"
    parts = b"--b\r\n" + part + b"\r\n--b\r\n" + inner + b"\r\n--b--\r\n"
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts
    (note,) = parse(raw).notes
    assert note.content.decode().split("\r\n") == [
        "name: Ann Lee, NHS number 999 000 0018.txt",
        "content-description: epilepsy",
        "x-who: Ann",
        "content-description: seizures",
    ]
    assert [p.filename for p in parse(raw).parts if p.path == "1"] == ["a.txt"]


def test_a_field_too_long_to_decode_at_once_is_decoded_word_by_word() -> None:
    """Else a long list of recipients would hide its words in base64."""
    words = b" ".join(b"=?utf-8?B?QW5uIExlZSBoYXMgZXBpbGVwc3k=?= <c%d@x.example>," % n for n in range(600))
    assert b"Ann Lee has epilepsy" in parse(HEAD + b"Cc: " + words + b"\r\n\r\nHello\r\n").notes[0].content


def test_a_subject_that_no_reader_reads_to_its_end_is_reported() -> None:
    """The rest of it would be seen by nobody but the recipient."""
    long = parse(b"Subject: " + b"hello\r\n " * 1800 + b"NHS number 999 000 0018\r\n\r\nHello\r\n")
    assert Unreadable("subject", UnreadableReason.TOO_LARGE) in long.unreadable
    assert parse(b"Subject: " + b"hello\r\n " * 200 + b"x\r\n\r\nHello\r\n").unreadable == ()


@pytest.mark.parametrize("filling", [b"a", b"a@", b"=?", b"<", b"=?utf-8?q?", b'"a" ', b"a@b c ", b"(", b"=?a?q?b?="])
def test_a_field_of_rubbish_comes_to_an_end(filling: bytes) -> None:
    """Read in time that is quadratic in its length, it would take hours."""
    raw = HEAD + b"Cc: " + filling * (200_000 // len(filling)) + b" Ann Lee\r\n\r\nHello\r\n"
    assert parse(raw).notes[0].content.endswith(b"Ann Lee")
