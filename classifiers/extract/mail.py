"""Mails inside mails (``message/rfc822``, ``.eml``).

Purpose: subject, bodies and attachments, each as an item of its own. Trust: hostile; sizes and nesting are counted
before the standard parser sees them, since it takes 8 s for 100,000 parts and ends at 1,500 levels.
Failure: ``Unread`` TOO_MANY or TOO_DEEP.
"""

from __future__ import annotations

from collections.abc import Iterator
from email import policy
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser

from classifiers.extract.reading import Item, Reading, Unread
from domain.model import UnreadableReason

_STRUCTURE_LINES = 4
_NESTED = 60


def read_rfc822(item: Item, reading: Reading) -> None:
    """A mail as an attachment: its subject at ``path/subject``, its leaves at ``path/1``, ``path/2`` and so on."""
    if item.content.count(b"\n--") > _STRUCTURE_LINES * reading.limits.items:
        raise Unread(UnreadableReason.TOO_MANY)
    if item.content.lower().count(b"message/rfc822") > _NESTED:
        raise Unread(UnreadableReason.TOO_DEEP)
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(item.content)
    except RecursionError:
        raise Unread(UnreadableReason.TOO_DEEP) from None
    reading.say(f"{item.path}/subject", item.place, _header(message, "Subject"))
    for number, leaf in enumerate(_leaves(message, 0), 1):
        _read_leaf(item, leaf, number, reading)


def _leaves(message: Message, depth: int) -> Iterator[Message]:
    """Leaf parts; an inner mail is a leaf, so that its depth is counted as a container."""
    if message.get_content_maintype() != "multipart" or not message.is_multipart():
        yield message
        return
    if depth > _NESTED:
        raise Unread(UnreadableReason.TOO_DEEP)
    for part in message.get_payload():
        if isinstance(part, Message):
            yield from _leaves(part, depth + 1)


def _read_leaf(item: Item, leaf: Message, number: int, reading: Reading) -> None:
    kind = leaf.get_content_type()
    name = _filename(leaf)
    if kind == "message/rfc822" and leaf.is_multipart():
        inner = leaf.get_payload(0)
        content = inner.as_bytes() if isinstance(inner, Message) else b""
    else:
        payload = leaf.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
    reading.spend(len(content))
    charset = leaf.get_content_charset("") or ""
    reading.descend(item.inside(name or str(number), content, kind, filename=name, charset=charset))


def _header(message: Message, name: str) -> str:
    """A header's words (RFC 2047). What cannot be decoded stands as it came."""
    raw = str(message.get(name, ""))
    try:
        return str(make_header(decode_header(raw)))
    except (LookupError, ValueError, UnicodeError):
        return raw


def _filename(leaf: Message) -> str:
    try:
        return str(make_header(decode_header(leaf.get_filename("") or "")))
    except (LookupError, ValueError, UnicodeError, TypeError):
        return "attachment"
