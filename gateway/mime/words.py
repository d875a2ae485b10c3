"""Header text for people: encoded words (RFC 2047), raw UTF-8 (RFC 6532), and whatever else comes.

Total: what cannot be decoded is given as it stands, with ``sure`` false.
"""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses
from typing import NamedTuple

from domain.model import Address

_MAX_ENCODED = 16 * 1024
"""Octets of a field with encoded words: decoding all at once is slow, so in a longer one each word is decoded alone."""
_ENCODED = re.compile(r"=\?[^?\s]{1,64}\?[BbQq]\?[^?\s]*\?=(?:\s+(?==\?))?")


_ONE_LINE = 100


class Decoded(NamedTuple):
    """``sure`` is false where mail programs may show something else."""

    text: str
    sure: bool


def plain(value: bytes) -> str:
    """Octets of a header as text: UTF-8, else as Windows wrote it."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def decoded(value: bytes) -> Decoded:
    """A whole unstructured field."""
    text = plain(value)
    sure = value.isascii() or _is_utf8(value)
    if "=?" not in text:
        return Decoded(text, sure)
    if len(value) > _MAX_ENCODED:
        return Decoded(_ENCODED.sub(lambda word: _decoded(word[0]).text, text), sure=False)
    return _decoded(text, sure=sure)


def _decoded(text: str, *, sure: bool = True) -> Decoded:
    try:
        chunks = decode_header(text)
    except (HeaderParseError, ValueError):
        return Decoded(text, sure=False)
    pieces = [_chunk(chunk, charset) for chunk, charset in chunks]
    return Decoded("".join(p.text for p in pieces), sure and all(p.sure for p in pieces))


def _chunk(chunk: bytes | str, charset: str | None) -> Decoded:
    if isinstance(chunk, str):
        return Decoded(chunk, sure=True)
    if charset is None:
        return Decoded(chunk.decode("raw_unicode_escape", "replace"), sure=True)  # as decode_header encoded it
    try:
        return Decoded(chunk.decode(charset), sure=True)
    except (LookupError, UnicodeError, ValueError):
        return Decoded(chunk.decode("cp1252", "replace"), sure=False)


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def addresses(values: list[bytes]) -> tuple[Address, ...]:
    """The mailboxes of address fields, in order. What is none is left out."""
    try:
        pairs = getaddresses([plain(value) for value in values])
    except (ValueError, IndexError, RecursionError, AttributeError):  # all seen from hostile fields
        return ()
    return tuple(Address.of(address) for _, address in pairs if "@" in address)


def one_line(text: str, limit: int = _ONE_LINE) -> str:
    """No line breaks or control characters (header injection), and not endless."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "\u2026"
