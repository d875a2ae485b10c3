"""Words of the header besides the subject, and those that the MIME fields of parts hold, as text to be read.

The bytes come from anybody. A person's words go out in many places that no reader looks at: Comments and
Keywords (RFC 5322 section 3.6.5), display names, comments and groups of addresses, Content-Description,
a file name's folders, fields of a program's own. All are read, so that nothing confidential leaves
there, but those that only programs write and whose codes are easily taken for something else. Total.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from domain.model import HEADER, Part, Place
from gateway.mime.fields import BLIND, Field, Header
from gateway.mime.words import decoded

_NEVER = re.compile(
    r"subject|date|return-path|received|mime-version|received-spf"
    r"|(?:dkim|domainkey)-signature|x-google-dkim-signature|(?:x-)?authentication-results(?:-original)?|arc-.*"
    r"|autocrypt|autocrypt-gossip|openpgp|face|x-face|thread-index|resent-date"
    r"|content-(?:type|disposition|transfer-encoding|md5)"
)
"""Written by programs; read elsewhere, if at all. Codes of theirs look like numbers of people: a time in seconds has
ten digits, as an NHS number has."""
_FOR_PROGRAMS = re.compile(
    r"x-(?:ms|microsoft|forefront|google|gm|originating|originator)-?.*|list-.*|delivered-to|tls-required"
    r"|importance|precedence|auto-submitted|(?:accept|content)-language|x-priority"
)
"""Of these a value of one word is a code, and only prose is told."""
_ADDRESSES = re.compile(
    r"(?:resent-)?(?:from|sender|to|cc|reply-to)|(?:errors|disposition-notification|return-receipt)-to"
)
_ANGLED = re.compile(r"<[^<>\s]*>")
_BARE = re.compile(r"(?<![^\s<>\"(),:;@])[^\s<>\"(),:;@]++@[^\s<>\"(),:;@]+")
"""Tried at the beginning of a word alone, so that a long word costs no more than its length."""
_LONG = 8 * 1024
_WORD = re.compile(r"\w+")


def notes(header: Header, subject: str, told: Iterable[str] = ()) -> tuple[Part, ...]:
    """None, or one part of text: a line for each field that tells something, then what was ``told`` by parts.

    What only repeats the ``subject`` is no news.
    """
    lines = [*words(header.fields, subject), *told]
    content = "\r\n".join(lines).encode("utf-8", "replace")
    return (Part(HEADER, Place.BODY, "text/plain", "", content, "utf-8"),) if content else ()


def words(fields: Iterable[Field], subject: str = "") -> Iterator[str]:
    """A line for each field that tells something."""
    for field in fields:
        if field.name in BLIND or _NEVER.fullmatch(field.name):
            continue
        text = _told(field)
        if text and text not in subject:
            yield f"{field.name}: {text}"


def _told(field: Field) -> str:
    text = decoded(field.value).text.strip()
    if _ADDRESSES.fullmatch(field.name):
        return _beside_addresses(text)
    if not field.name.startswith("content-"):
        text = _ANGLED.sub(" ", text).strip()
    code = _FOR_PROGRAMS.fullmatch(field.name) and b" " not in field.value and b"=?" not in field.value
    return "" if code else text


def _beside_addresses(text: str) -> str:
    """What an address field says besides addresses; nothing where it only says the addresses' own names again."""
    known = " ".join(found.lower() for found in _BARE.findall(text))
    said = " ".join(_BARE.sub(" ", _ANGLED.sub(" ", text)).split())
    news = len(text) > _LONG or any(word not in known for word in _WORD.findall(said.lower()))
    return said if news else ""
