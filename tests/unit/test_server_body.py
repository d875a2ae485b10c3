"""The end of a body, and what is refused in one, however the octets are cut into chunks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp.body import Body, Flaw

_SALAD = st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"a", b"\r\n.\r\n", b"..", b"\0"]), max_size=30).map(
    b"".join
)


def _feed(data: bytes, cuts: list[int]) -> tuple[Body, bytes | None]:
    body, rest, position = Body(10_000), None, 0
    for cut in [*sorted(c % (len(data) + 1) for c in cuts), len(data)]:
        chunk, position = data[position:cut], max(cut, position)
        if rest is not None:
            rest += chunk
        elif chunk:
            rest = body.feed(chunk)
    return body, rest


def _reference(data: bytes) -> tuple[bytes, bytes] | None:
    """By lines, as RFC 5321 section 4.5.2 tells it."""
    lines, position = [], 0
    while (end := data.find(b"\r\n", position)) >= 0:
        line, position = data[position:end], end + 2
        if line == b".":
            return b"".join(line + b"\r\n" for line in lines), data[position:]
        lines.append(line.removeprefix(b"."))
    return None


@given(_SALAD, st.lists(st.integers(0, 200), max_size=8))
def test_any_chunks_give_what_the_rfc_says(data: bytes, cuts: list[int]) -> None:
    """Content, rest and flaw do not depend on how the network cut the octets."""
    expected = _reference(data)
    body, rest = _feed(data, cuts)
    if expected is None:
        assert rest is None
        return
    content, beyond = expected
    assert rest == beyond
    assert body.size == len(content)
    before = data[: len(data) - len(beyond)]
    bare = before.replace(b"\r\n", b"")
    assert (body.flaw is None) == (not {*b"\r\n\0"} & {*bare})
    if body.flaw is None:
        assert body.content() == content


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b"a\n.\nMAIL FROM:<x@y>\r\n", Flaw.BARE_LF),
        (b"a\r.\rMAIL FROM:<x@y>\r\n", Flaw.BARE_CR),
        (b"a\r\n.\nMAIL\r\n", Flaw.BARE_LF),
        (b"a\n.\r\nMAIL\r\n", Flaw.BARE_LF),
        (b"a\r\n.\rMAIL\r\n", Flaw.BARE_CR),
        (b"a\r.\r\nMAIL\r\n", Flaw.BARE_CR),
        (b"a\0b\r\n", Flaw.NUL),
    ],
)
def test_every_false_end_is_content_and_refuses_the_whole(data: bytes, flaw: Flaw) -> None:
    """Nothing but CRLF.CRLF ends a body."""
    body = Body(1000)
    assert body.feed(data) is None
    assert body.feed(b".\r\nQUIT\r\n") == b"QUIT\r\n"
    assert body.flaw is flaw


def test_dots_of_transparency_go_and_an_empty_body_is_empty() -> None:
    """RFC 5321 section 4.5.2."""
    body = Body(1000)
    assert body.feed(b"..\r\n.a\r\nb.\r\n.\r\n") == b""
    assert body.content() == b".\r\na\r\nb.\r\n"
    empty = Body(1000)
    assert empty.feed(b".\r\n") == b""
    assert empty.content() == b""


def test_the_limit_is_of_content_and_exact() -> None:
    """RFC 1870 section 6.3: what is said in EHLO is taken; one octet more is not."""
    fits, exceeds = Body(10), Body(10)
    assert fits.feed(b"12345678\r\n.\r\n") == b""
    assert exceeds.feed(b"123456789\r\n.\r\n") == b""
    assert (fits.flaw, exceeds.flaw) == (None, Flaw.TOO_LARGE)


def test_a_refused_body_is_not_kept() -> None:
    """What is over the limit costs no memory."""
    body = Body(1000)
    for _ in range(100):
        assert body.feed(b"x" * 1000) is None
    assert body.size == 100_000
    assert body._kept.getbuffer().nbytes == 0
