"""What stays visible of a protected message, and what goes inside (RFC 9788, header protection).

Input: a message that an officer's mail program or an attacker wrote; its header block may hold
anything. Failure: a message without a usable author raises ``ProtectionFailed``, so that
it is tried again or bounced, never sent in the clear.

Inside goes the original header, less what must not be shown (Bcc) and what only concerned its
way here (trace and authentication fields), with the body's bytes untouched. Outside stay the
fields that mail needs to travel and to thread; the subject there says nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime, formataddr, getaddresses, parsedate_to_datetime
from functools import cache

from domain.errors import ProtectionFailed
from domain.model import Envelope, Message
from gateway.mime.retitle import encoded

NEUTRAL_SUBJECT = "[...]"
"""The outer subject that RFC 9788 section 3.2.1 recommends."""

CRLF = b"\r\n"
_MAX_LINE = 998  # RFC 5322 section 2.1.1
_NOT_INSIDE = frozenset(
    {"bcc", "resent-bcc", "return-path", "received", "authentication-results", "received-spf", "hp-outer"}
)
_NOT_INSIDE_PREFIXES = ("dkim-", "domainkey-", "arc-", "x-ms-exchange-", "x-sallyport-")

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")
_MESSAGE_ID = re.compile(rb"<[!-;=?-~]+@[!-;=?-~]+>")
_MEDIA_TYPE = re.compile(rb"\s*([^\s;/()<>@,:\\\"]+/[^\s;/()<>@,:\\\"]+)")
_QUOTED_OR_HP = re.compile(
    rb'("(?:\\.|[^"\\])*")|;\s*hp\s*=\s*(?:"(?:\\.|[^"\\])*"|[^\s;]*)', re.IGNORECASE | re.DOTALL
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_CONTROLS_BUT_TAB = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n[ \t])|(?<!\r)\n")


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One field. ``value`` is what follows the colon, folded with CRLF, without the last line end."""

    name: bytes
    value: bytes

    @property
    def key(self) -> str:
        """The name, for comparing."""
        return self.name.decode("ascii").lower()

    def line(self) -> bytes:
        """As it stands in a header block."""
        return self.name + b":" + self.value + CRLF


@dataclass(frozen=True, slots=True)
class Division:
    """A message divided. ``outer`` lacks the MIME fields, which the engine adds; ``inner`` ends with the empty line.

    ``inner`` followed by ``body`` is the cryptographic payload; they are kept apart so that a large body is not copied.
    """

    outer: bytes
    inner: bytes = field(repr=False)
    body: memoryview = field(repr=False)


def divide(message: Message, envelope: Envelope, subject: str, neutral_subject: str = NEUTRAL_SUBJECT) -> Division:
    """Outer header and cryptographic payload (RFC 9788 section 2), ``subject`` being the real one.

    Raises ``ProtectionFailed`` where there is no author that can be written in ASCII.
    """
    original = read_fields(message.raw[: message.body_offset])
    outer = _outer_fields(original, message, envelope, neutral_subject)
    inner = [*_inner_fields(original, message, subject), *_recorded(outer)]
    return Division(
        outer=b"".join(f.line() for f in outer),
        inner=b"".join(f.line() for f in inner) + CRLF,
        body=memoryview(message.raw)[message.body_offset :],
    )


def read_fields(block: bytes) -> list[HeaderField]:
    """The fields of a header block, in order. Lines that are no field and continue none are left out."""
    fields: list[tuple[bytes, list[bytes]]] = []
    for line in _LINE.findall(block):
        text = line.rstrip(b"\r\n")
        if not text:
            break
        if text[:1] in b" \t":
            if fields and text.strip():
                fields[-1][1].append(text)
        elif match := _FIELD.fullmatch(text):
            fields.append((match[1], [match[2]]))
    return [HeaderField(name, CRLF.join(lines)) for name, lines in fields]


def _inner_fields(original: Sequence[HeaderField], message: Message, subject: str) -> list[HeaderField]:
    kept = [f for f in original if f.key not in _NOT_INSIDE and not f.key.startswith(_NOT_INSIDE_PREFIXES)]
    if subject != message.subject:
        kept = _with_subject(kept, subject)
    inner = [_marked(f) if f.key == "content-type" else f for f in kept]
    if not any(f.key == "content-type" for f in inner):
        inner.append(HeaderField(b"Content-Type", b' text/plain; hp="cipher"'))  # RFC 2045 section 5.2
    return inner


def _with_subject(fields: Sequence[HeaderField], subject: str) -> list[HeaderField]:
    """The fields with this subject in the place of theirs."""
    ours = HeaderField(b"Subject", b" " + encoded(subject))
    places = [i for i, f in enumerate(fields) if f.key == "subject"]
    place = places[0] if places else len(fields)
    rest = [f for f in fields if f.key != "subject"]
    return [*rest[:place], ours, *rest[place:]]


def _marked(content_type: HeaderField) -> HeaderField:
    """``Content-Type`` with ``hp="cipher"`` right after the media type, where no odd parameter can swallow it."""
    value = _QUOTED_OR_HP.sub(lambda m: m[1] or b"", content_type.value)
    match = _MEDIA_TYPE.match(value)
    if match is None:  # not a media type: read as text/plain (RFC 2045 section 5.2)
        return HeaderField(content_type.name, b' text/plain; hp="cipher"')
    return HeaderField(content_type.name, b" " + match[1] + b'; hp="cipher"' + value[match.end() :])


def _recorded(outer: Iterable[HeaderField]) -> list[HeaderField]:
    """``HP-Outer`` fields: what the outside says, so that a reader can tell tampering (RFC 9788 section 2.2)."""
    return [HeaderField(b"HP-Outer", b" " + f.name + b":" + f.value) for f in outer]


def _outer_fields(
    original: Sequence[HeaderField], message: Message, envelope: Envelope, neutral_subject: str
) -> list[HeaderField]:
    first = {f.key: f.value for f in reversed(original)}
    values = {
        b"Subject": _neutral(neutral_subject),
        b"From": _addresses(first.get("from", b"")) or _fallback_author(envelope),
        b"To": _addresses(first.get("to", b"")),
        b"Cc": _addresses(first.get("cc", b"")),
        b"Date": b" " + _date(first.get("date", b""), envelope),
        b"Message-ID": b" " + _identity(first.get("message-id", b""), message, envelope),
        b"In-Reply-To": _identities(first.get("in-reply-to", b"")),
        b"References": _identities(first.get("references", b"")),
    }
    return [HeaderField(name, value) for name, value in values.items() if value]


@cache
def _neutral(text: str) -> bytes:
    """The outer subject's value: one setting, the same for every mail, and nothing of anybody's."""
    return b" " + encoded(text)


def _addresses(value: bytes) -> bytes:
    """An address field in ASCII with lines of a lawful length; as it came wherever it is so already."""
    clean = _CONTROLS_BUT_TAB.sub(b" ", value)
    if clean.isascii() and all(len(line) < _MAX_LINE - len("From:") for line in clean.split(CRLF)):
        return clean if clean.strip() else b""
    pairs = getaddresses([_text(clean.replace(CRLF, b""))])
    written = [formataddr((name, address)) for name, address in pairs if address and address.isascii()]
    return b" " + ",\r\n ".join(written).encode("ascii") if written else b""


def _fallback_author(envelope: Envelope) -> bytes:
    sender = envelope.sender.text
    if "@" not in sender or not sender.isascii() or _CONTROLS.search(sender):
        raise ProtectionFailed("no author that can be written in an outer header")
    return b" <" + sender.encode("ascii") + b">"


def _date(value: bytes, envelope: Envelope) -> bytes:
    """The date as given; where it is none, when we took the mail. Rewritten, so that nothing else rides on it."""
    try:
        return format_datetime(parsedate_to_datetime(value.decode("ascii").strip())).encode("ascii")
    except (ValueError, TypeError, IndexError, OverflowError):
        return format_datetime(envelope.received_at).encode("ascii")


def _identity(value: bytes, message: Message, envelope: Envelope) -> bytes:
    """The original's Message-ID, so that a retry is the same mail; for a mail without, one made from its digest."""
    if match := _MESSAGE_ID.search(value):
        return match[0]
    domain = envelope.sender.domain if envelope.sender.domain.isascii() else ""
    name = hashlib.sha256(message.raw).hexdigest()[:32]
    return f"<{name}@{_CONTROLS.sub('', domain) or 'sallyport.invalid'}>".encode("ascii")


def _identities(value: bytes) -> bytes:
    """Only the identifiers: RFC 822 allowed a phrase among them, which may tell what the mail is about."""
    ids = _MESSAGE_ID.findall(value)
    return b" " + b"\r\n ".join(ids) if ids else b""


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
