"""Words in the header besides the subject: read, so that nothing goes out where nobody looks."""

from __future__ import annotations

import pytest

from gateway.parse import parse

HEAD = b"From: a@council.example\r\nTo: b@carers.example\r\nSubject: RE: Ann's visit\r\n"


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (b"Comments: Ann Lee has epilepsy", "comments: Ann Lee has epilepsy"),
        (b"Keywords: epilepsy,\r\n levetiracetam", "keywords: epilepsy, levetiracetam"),
        (b"X-Note: =?utf-8?B?QW5uIExlZSBoYXMgZXBpbGVwc3k=?=", "x-note: Ann Lee has epilepsy"),
        (b"X-Note: 999 000 0018", "x-note: 999 000 0018"),
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
        b"X-Correlation-ID: 9990000018",
        b"Received: from a by b with ESMTP; Mon, 23 Nov 2026 09:00:00 +0000",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=council.example; b=abc def",
        b"X-MS-Exchange-Organization-AuthAs: Internal use",
        b"List-Help: <mailto:help@council.example> (how to)",
    ],
)
def test_what_programs_write_for_programs_is_no_text(field: bytes) -> None:
    """Nor is what only repeats the subject line."""
    assert parse(HEAD + field + b"\r\n\r\nHello\r\n").notes == ()


def test_the_end_of_the_header_may_be_the_end_of_the_mail() -> None:
    """Fields without an empty line after them are read all the same."""
    assert b"epilepsy" in parse(HEAD + b"X-Note: Ann Lee has epilepsy\r\n").notes[0].content
