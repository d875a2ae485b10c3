"""No reader shows what we do not see: whatever text another program decodes, ours has it too, or the mail is held."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from email.quoprimime import body_encode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.parse import parse
from tests.support.corpus import specimens
from tests.support.oddities import BOUNDARIES, ENCODINGS, KINDS, LEAF_TYPES, NAMES
from tests.support.readers import READERS, Reader, python_old

_NEEDLE = re.compile(rb"NEEDLE[A-Z]{2}")


def _needle(number: int) -> bytes:
    return b"NEEDLE" + bytes((65 + number // 26 % 26, 65 + number % 26))


def seen_here(raw: bytes) -> set[bytes] | None:
    """The needles that our parser gives to the classifiers; None if it holds the mail."""
    message = parse(raw)
    if message.unreadable:
        return None
    texts = [message.subject.encode("utf-8", "replace"), *(p.content for p in (*message.parts, *message.notes))]
    texts += [p.filename.encode("utf-8", "replace") for p in message.parts]
    return {needle for text in texts for needle in _NEEDLE.findall(text)}


def unseen(raw: bytes, reader: Reader) -> set[bytes]:
    """What the other one shows and we neither see nor hold."""
    ours = seen_here(raw)
    if ours is None:
        return set()
    return {needle for text in reader(raw) for needle in _NEEDLE.findall(text)} - ours


FOUND = [
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\nNEED= \t\r\nLEAA\r\n",
    b"Content-Type: message/rfc822\r\n\r\nSubject: x\rContent-Transfer-Encoding: base64\r\rTkVFRExFQUIhIQ==",
    b"Content-Type: message/rfc822; name=NEEDLEAA.eml\r\n\r\nSubject: x\r\n\r\nHello\r\n",
    b"Content-Disposition: attachment, filename=NEEDLEAA\r\n\r\nHello\r\n",
    (
        b"Content-Type: multipart/digest; boundary=b b\r\n\r\n--b b x\r\nContent-Type: text/plain\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nTkVFRExFQUQ=\r\n--b b--\r\n"
    ),
    b"Content-Type: message/news\r\n\r\nContent-Transfer-Encoding: base64\r\n\r\nTkVFRExFQUQ=\r\n",
    b"Content-Type: message/feedback-report\r\n\r\nContent-Transfer-Encoding: base64\r\n\r\nTkVFRExFQUQ=\r\n",
    b"Content-Type: multipart/mixed; boundary=b; name=NEEDLEAA\r\n\r\n--b\r\n\r\nHello\r\n--b--\r\n",
]
"""White space behind a soft line break; CR alone as a line end in a message inside; names of what only holds others, or
behind a comma; a boundary that ends at its space for some; any message/* is a mail for some."""


# Encoders of a needle, each as some program would undo it.


def _uuencoded(text: bytes) -> bytes:
    return b"begin 644 a.txt\r\n" + binascii.b2a_uu(text).rstrip() + b"\r\n`\r\nend\r\n"


_BODIES: list[Callable[[bytes], bytes]] = [
    lambda n: b"Dear all, " + n + b"\r\n",
    lambda n: base64.encodebytes(b"Dear all, " + n + b" bye").replace(b"\n", b"\r\n"),
    lambda n: base64.b64encode(b"Hello") + b"\r\n" + base64.b64encode(n + b"!!"),
    lambda n: b"!!" + base64.b64encode(n + b"12") + b"\r\n--\r\n",
    lambda n: base64.b64encode(n)[:5] + b"\r\n \r\n" + base64.b64encode(n)[5:],
    lambda n: body_encode(n.decode().replace("E", "=45")).encode() + b"=\r\n",
    lambda n: n[:4] + b"=\r\n" + n[4:] + b"\r\n",
    lambda n: n[:4] + b"= \t\r\n" + n[4:] + b"\r\n",
    lambda n: b"".join(b"=%02x" % c for c in n) + b"\r\n",
    _uuencoded,
    lambda n: b"\r\n\r\nContent-Type: text/html\r\n\r\n" + n,
]  # fmt: skip
_CLOSERS = [b"--", b"--\t ", b"--x", b"-- x", b"-", b"--\r\n--", b"", b" --", b"--\x0b", b"--\xa0"]
_OPENERS = [b"", b" ", b"\t", b"x", b"\x0b", b"--", b"\xa0", b" x"]
_ENDS = [b"\r\n", b"\n", b"\r"]


def mostly(*usual: bytes, odd: list[bytes]) -> st.SearchStrategy[bytes]:
    """Something usual, and now and then something odd: mail that is odd everywhere is held for one thing or another."""
    common = st.sampled_from(usual)
    return st.integers(0, 7).flatmap(lambda roll: common if roll else st.sampled_from(odd))


@st.composite
def leaves(draw: st.DrawFn, counter: list[int]) -> bytes:
    """One part with its header."""
    counter[0] += 1
    fields = [
        f
        for f in (
            draw(mostly(*LEAF_TYPES[:4], odd=LEAF_TYPES)),
            draw(mostly(*ENCODINGS[:4], odd=ENCODINGS)),
        )
        if f
    ]
    if draw(st.booleans()):
        counter[0] += 1
        fields.append(draw(mostly(*NAMES[:2], odd=NAMES)) % _needle(counter[0]))
        counter[0] += 1
    body = draw(st.sampled_from(_BODIES))(_needle(counter[0]))
    return b"".join(field + b"\r\n" for field in fields) + draw(mostly(b"\r\n", odd=[b" \r\n", b"x\r\n\r\n"])) + body


@st.composite
def entities(draw: st.DrawFn, counter: list[int], depth: int) -> bytes:
    """A leaf, a multipart of a sort, or a message that is packed up."""
    shape = draw(st.integers(0, 3)) if depth else 0
    if shape < 2:
        return draw(leaves(counter))
    if shape == 2:
        inner = b"Subject: inside\r\n" + draw(entities(counter, depth - 1))
        inner = inner.replace(b"\r\n", draw(st.sampled_from(_ENDS)))
        packed = draw(st.booleans())
        counter[0] += 1
        name = draw(mostly(b"Content-ID: <a@b>", odd=NAMES[:2] + NAMES[4:])).replace(b"%s", _needle(counter[0]))
        head = (
            b"Content-Type: message/rfc822\r\n"
            + name
            + b"\r\n"
            + (b"Content-Transfer-Encoding: base64\r\n" if packed else b"")
        )
        return head + b"\r\n" + (base64.encodebytes(inner).replace(b"\n", b"\r\n") if packed else inner)
    return draw(multiparts(counter, depth))


@st.composite
def multiparts(draw: st.DrawFn, counter: list[int], depth: int) -> bytes:
    """With whatever may go wrong at its boundaries."""
    boundary = draw(st.sampled_from([b"b", b"bb", b"b b", b"=_b", b"'b'", b"b:c"]))
    kind, parameter = draw(mostly(*KINDS[:5], odd=KINDS)), draw(mostly(*BOUNDARIES[:5], odd=BOUNDARIES)) % boundary
    encoding = draw(mostly(b"", odd=ENCODINGS))
    pieces = [b"Content-Type: " + kind + parameter + b"\r\n", encoding + b"\r\n" if encoding else b"", b"\r\n"]
    if draw(st.booleans()):
        counter[0] += 1
        pieces.append(b"before " + _needle(counter[0]) + b"\r\n")
    for _ in range(draw(st.integers(1, 3))):
        used = draw(mostly(boundary, odd=[b"other", boundary.upper(), boundary + b" "]))
        pieces += [
            b"--" + used + draw(mostly(b"", odd=_OPENERS)) + b"\r\n",
            draw(entities(counter, depth - 1)),
            b"\r\n",
        ]
    pieces.append(b"--" + boundary + draw(mostly(b"--", odd=_CLOSERS)) + b"\r\n")
    if draw(st.booleans()):
        counter[0] += 1
        pieces += [b"after " + _needle(counter[0]) + b"\r\n", draw(mostly(b"", odd=[b"--" + boundary + b"\r\n\r\n"]))]
        counter[0] += 1
        pieces.append(_needle(counter[0]))
    return b"".join(pieces)


@st.composite
def mails(draw: st.DrawFn) -> bytes:
    """A whole mail."""
    counter = [0]
    head = b"From: a@b.c\r\nSubject: x\r\n" + draw(
        st.sampled_from([b"", b"MIME-Version: 1.0\r\n", b"MIME-Version: 2.0\r\n"])
    )
    return head + draw(entities(counter, 3))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(raw=mails())
def test_no_reader_shows_what_we_do_not_see(raw: bytes) -> None:
    """Or the mail is held."""
    assert {reader.__name__: unseen(raw, reader) for reader in READERS} == {r.__name__: set() for r in READERS}


@pytest.mark.parametrize("raw", FOUND)
def test_what_was_found(raw: bytes) -> None:
    """Each of these was shown by somebody and not seen here, once."""
    assert [reader.__name__ for reader in READERS if unseen(raw, reader)] == []


@pytest.mark.parametrize("reader", READERS, ids=lambda r: r.__name__)
def test_the_readers_read(reader: Reader) -> None:
    """They decode, so what they do not find is not there. Python's first policy leaves encoded words as they are."""
    body = base64.encodebytes(b"Dear all, " + _needle(2)) + b"\r\n"
    raw = b"Content-Type: multipart/mixed; boundary=b\r\nSubject: =?utf-8?q?=4E" + _needle(1)[1:]
    raw += b"?=\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body + b"--b--\r\n"
    found = {n for text in reader(raw) for n in _NEEDLE.findall(text)}
    assert found | ({_needle(1)} if reader is python_old else set()) == {_needle(1), _needle(2)}
    assert seen_here(raw) == {_needle(1), _needle(2)}
    assert _NEEDLE.findall(raw) == []


_MIME_FIELD = re.compile(rb"^(?:content-[a-z-]+|mime-version):.*\n(?:[ \t].*\n)*", re.IGNORECASE | re.MULTILINE)
_CODED = re.compile(rb"=\?[^ ]+\?=")
_WORD = re.compile(rb"[a-z0-9]{4,}")
_OPAQUE = {"signed-letter-smime-opaque", "signed-newsletter-smime-opaque"}
"""Others show these as a file; we open it."""


def _words(texts: list[bytes]) -> set[bytes]:
    return {w for text in texts for w in _WORD.findall(_CODED.sub(b"", _MIME_FIELD.sub(b"", text)).lower())}


@pytest.mark.parametrize("reader", READERS, ids=lambda r: r.__name__)
def test_the_corpus_is_read_alike(reader: Reader) -> None:
    """Each word that another reader takes out of a specimen, we take out too, or it is held."""
    compared = 0
    for specimen in specimens():
        message = parse(specimen.raw)
        if not message.unreadable and specimen.name not in _OPAQUE:
            ours = [p.content for p in (*message.parts, *message.notes)]
            ours += [message.subject.encode(), *(p.filename.encode() for p in message.parts)]
            assert _words(reader(specimen.raw)) - _words(ours) == set(), specimen.name
            compared += 1
    assert compared > 40
