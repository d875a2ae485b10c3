"""What stays visible of a protected message, and what goes inside (RFC 9788, header protection).

Input: a message that an officer's mail program or an attacker wrote; its header block may hold
anything. Failure: a message without a usable author raises ``ProtectionFailed``, so that
it is tried again or bounced, never sent in the clear.

Inside goes the original header, less what must not be shown (Bcc) and what only concerned its
way here (trace and authentication fields), with the body's bytes untouched. Outside stay the
fields that mail needs to travel and to thread, and in them nothing that a person could have
written: the neutral subject, bare addresses (a display name, a group or a comment may say who
somebody is to whom), and identifiers of a shape that programs make. Case systems write their
references into identifiers (``<SL-20417.review@...>``), so any other is left out, and a
Message-ID replaced; threads then hang together by the copy inside (RFC 9788 section 3 leaves it
to the sender what stays outside).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache

from domain.errors import ProtectionFailed
from domain.model import Envelope, Message
from gateway.mime.fields import BLIND
from gateway.mime.retitle import encoded
from gateway.mime.words import addresses

NEUTRAL_SUBJECT = "[...]"
"""The outer subject that RFC 9788 section 3.2.1 recommends."""

CRLF = b"\r\n"
_NOT_INSIDE = BLIND | {"return-path", "received", "authentication-results", "received-spf", "hp-outer"}
_NOT_INSIDE_PREFIXES = ("dkim-", "domainkey-", "arc-", "x-ms-exchange-", "x-sallyport-")

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")
_HOST = rb"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*"
_BARE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@" + _HOST.decode())
_MACHINE_MADE = re.compile(
    rb"<(?:(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"  # Thunderbird, Apple
    rb"|[0-9A-Fa-f]{32,64}"  # Exchange, and we
    rb"|[A-Z0-9]{2,4}PR?[0-9]{2,4}MB[0-9]{4,5}[0-9A-F]{16,40}"  # Exchange Online
    rb"|[0-9]{11,14}\.[0-9]{1,7}\.[0-9]{11,20})@" + _HOST + rb"|CA[\w+=-]{40,80}@mail\.gmail\.com)>"  # Python; Gmail
)
_MEDIA_TYPE = re.compile(rb"\s*([^\s;/()<>@,:\\\"]+/[^\s;/()<>@,:\\\"]+)")
_QUOTED_OR_HP = re.compile(
    rb'("(?:\\.|[^"\\])*")|;\s*hp\s*=\s*(?:"(?:\\.|[^"\\])*"|[^\s;]*)', re.IGNORECASE | re.DOTALL
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


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
    """The mailboxes of an address field and nothing else; one whose local part needs quotes is left out, too."""
    if not value:
        return b""
    found = [a.text for a in addresses([value.replace(CRLF, b"")]) if _BARE.fullmatch(a.text)]
    return b" " + ",\r\n ".join(dict.fromkeys(found)).encode("ascii") if found else b""


def _fallback_author(envelope: Envelope) -> bytes:
    if not _BARE.fullmatch(envelope.sender.text):
        raise ProtectionFailed("no author that can be written in an outer header")
    return b" " + envelope.sender.text.encode("ascii")


def _date(value: bytes, envelope: Envelope) -> bytes:
    """The date as given; where it is none, when we took the mail. Rewritten, so that nothing else rides on it."""
    try:
        return format_datetime(parsedate_to_datetime(value.decode("ascii").strip())).encode("ascii")
    except (ValueError, TypeError, IndexError, OverflowError):
        return format_datetime(envelope.received_at).encode("ascii")


def _identity(value: bytes, message: Message, envelope: Envelope) -> bytes:
    """The original's Message-ID, so that replies find it; else one made from the digest, the same at each try."""
    if match := _MACHINE_MADE.search(value):
        return match[0]
    domain = envelope.sender.domain if envelope.sender.domain.isascii() else ""
    name = hashlib.sha256(message.raw).hexdigest()[:32]
    return f"<{name}@{_CONTROLS.sub('', domain) or 'sallyport.invalid'}>".encode("ascii")


def _identities(value: bytes) -> bytes:
    """Only identifiers that programs made; RFC 822 allowed a phrase among them besides."""
    ids = _MACHINE_MADE.findall(value)
    return b" " + b"\r\n ".join(ids) if ids else b""
