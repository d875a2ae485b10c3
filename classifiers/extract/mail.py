"""Mails inside mails (``message/rfc822``, ``.eml``, ``.mht``), and files of them (mbox, RFC 4155).

Purpose: subject, other words of the headers, bodies and attachments, each as an item of its own; and what stands before
and after the parts. Trust: hostile; sizes and nesting are counted
before the standard parser sees them, since it takes 8 s for 100,000 parts and ends at 1,500 levels.
Failure: ``Unread`` TOO_MANY or TOO_DEEP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import errors, policy
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser

from classifiers.extract.reading import Item, Reading, Unread
from domain.model import UnreadableReason

_STRUCTURE_LINES = 4
_NESTED = 60
_SUFFIXES = (".eml", ".mht", ".mhtml", ".nws")
_HEADED = re.compile(
    rb"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?"
    rb"(?:MIME-Version:|Content-Type:\s*(?:multipart|message)/|Content-Transfer-Encoding:)",
    re.IGNORECASE,
)
_HEAD = 65_536
_POSTMARK = re.compile(rb"^(?=From \S+ .*\d{4}\r?\n[\w-]+:)", re.MULTILINE)


def is_mail(content: bytes, filename: str) -> str:
    """The kind of a text that is a mail, a page saved as one, or a file of mails; empty where it is neither."""
    head = content[:_HEAD].lstrip(b"\xef\xbb\xbf\r\n")
    if _POSTMARK.match(head):
        return "application/mbox"
    return "message/rfc822" if filename.lower().endswith(_SUFFIXES) or _HEADED.match(head) else ""


def read_mbox(item: Item, reading: Reading) -> None:
    """Each mail of a file of them; what stands before the first is text."""
    before, *mails = _POSTMARK.split(item.content)
    reading.say(item.path, item.place, before.decode("utf-8", "replace"))
    for number, mail in enumerate(mails, 1):
        content = mail.partition(b"\n")[2]
        reading.spend(len(content))
        reading.descend(item.inside(f"mail{number}", content, "message/rfc822", filename=""))


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
    reading.say(f"{item.path}/HEADER", item.place, _others(message))
    for number, leaf in enumerate(_leaves(message, 0), 1):
        _read_leaf(item, leaf, number, reading)


def _leaves(message: Message, depth: int) -> Iterator[Message]:
    """Leaf parts; an inner mail is a leaf, so that its depth is counted as a container."""
    if message.get_content_maintype() != "multipart" or not message.is_multipart():
        yield message
        return
    if depth > _NESTED:
        raise Unread(UnreadableReason.TOO_DEEP)
    for words in (message.preamble, message.epilogue):
        if words and words.strip():
            outside = Message()
            outside.set_payload(words)
            yield outside
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


def _others(message: Message) -> str:
    """The fields besides the subject, all levels."""
    return "\n".join(
        f"{name}: {_words(str(value))}"
        for part in message.walk()
        for name, value in part.items()
        if part is not message or name.lower() != "subject"
    )


def _header(message: Message, name: str) -> str:
    """A header's words."""
    return _words(str(message.get(name, "")))


def _words(raw: str) -> str:
    """Decoded words (RFC 2047). What cannot be decoded stands as it came."""
    try:
        return str(make_header(decode_header(raw)))
    except (LookupError, ValueError, errors.MessageError):
        return raw


def _filename(leaf: Message) -> str:
    try:
        return str(make_header(decode_header(leaf.get_filename("") or "")))
    except (LookupError, ValueError, TypeError, errors.MessageError):
        return "attachment"
