"""From bytes to parts: an explicit stack, offsets, and limits; never recursion.

The bytes come from anybody. Whatever cannot be read, or would be read differently by different
programs, becomes an ``Unreadable``; the rest is still read. Paths count as IMAP does (RFC 3501
section 6.4.5); besides them ``0`` is the message as a whole, ``P.HEADER`` the header of a message
inside, ``P.MIME`` a part's own, ``P.NAME`` the file name of a message or multipart, which is no file
here, ``P.OUTSIDE.n`` text before or after the parts of a multipart, which some programs show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from domain.model import Part, Place, Unreadable, UnreadableReason
from gateway.mime.boundaries import Cuts, cut
from gateway.mime.calendar import methods_disagree
from gateway.mime.cms import open_signed
from gateway.mime.entity import IDENTITY, Entity, read_entity
from gateway.mime.fields import Header, read_header
from gateway.mime.messages import FRAGMENTS, MESSAGES, mistaken_for_a_mail
from gateway.mime.notes import words
from gateway.mime.transfer import decode
from gateway.mime.words import decoded

_OPAQUE = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_NAMES_OF_ENVELOPES = frozenset({"", "smime.p7m"})
"""Programs give them (RFC 8551 section 3.2.1)."""
_SHOWN = frozenset({"text/plain", "text/html"})
_EMBEDDED = re.compile(rb"^(?:begin(?:-base64)? [0-7]{3,4} \S|=ybegin )", re.MULTILINE)
_BOILERPLATE = re.compile(
    rb"\s*This is (?:a|an) (?:[A-Za-z/]+ ){0,3}multi-?part message in MIME format\.{0,3}\s*", re.IGNORECASE
)
_MAX_OUTSIDE = 64 * 1024
_MAX_INNER_HEADERS = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """``depth`` of multiparts and messages in one another, ``parts`` in all, octets of each ``header``."""

    depth: int = 20
    parts: int = 1000
    header: int = 256 * 1024


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of it. ``header`` is the message's own; ``told`` are lines of text that the fields of parts hold."""

    header: Header
    parts: tuple[Part, ...]
    unreadable: tuple[Unreadable, ...]
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Todo:
    """One entity to read. ``message``: it is a whole message inside ``path``, so that its single part is ``path.1``."""

    raw: bytes
    start: int
    end: int
    path: str
    depth: int
    message: bool
    body: bool
    default: str = "text/plain"
    outer: tuple[bytes, ...] = ()
    alternative: bool = False

    def child(self, number: int) -> str:
        return f"{self.path}.{number}" if self.path else str(number)

    @property
    def name(self) -> str:
        """What it is called when something is wrong with it as a whole."""
        return self.path or "0"

    @property
    def leaf(self) -> str:
        return self.child(1) if self.message else self.path

    def shows(self, entity: Entity) -> bool:
        """Whether it is the writer's own words: a text of the body, or an invitation that is another form of it."""
        words = entity.type in _SHOWN or (self.alternative and entity.type == "text/calendar")
        return self.body and words and not entity.attached and not entity.filename


class Walk:
    """One walk over one message."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parts: list[Part] = []
        self._told: list[str] = []
        self._unreadable: dict[Unreadable, None] = {}
        self._stack: list[_Todo] = []
        self._seen = 0
        self._header_room = _MAX_INNER_HEADERS

    def run(self, raw: bytes) -> Walked:
        """Total for any bytes."""
        self._stack.append(_Todo(raw, 0, len(raw), "", 0, message=True, body=True))
        top: Header | None = None
        while self._stack:
            header = self._visit(self._stack.pop())
            top = top or header
        top = top or Header((), 0, odd=False, cut=False)
        return Walked(top, tuple(self._parts), tuple(self._unreadable), tuple(dict.fromkeys(self._told)))

    def _visit(self, todo: _Todo) -> Header:
        header = read_header(todo.raw, todo.start, todo.end, self._limits.header)
        entity = read_entity(header, todo.default)
        self._report(todo.name if todo.message else todo.path, entity.faults, entity.filename)
        self._told += entity.told
        if todo.path:
            self._inner_header(todo, header)
        inside = replace(todo, start=header.body)
        holds = entity.multipart or entity.type in MESSAGES | _OPAQUE
        if holds and entity.filename.lower() not in _NAMES_OF_ENVELOPES:
            # What it holds are parts of their own, with other names.
            whose = f"{todo.path}.TEXT" if todo.message and todo.path else todo.name
            self._parts.append(Part(f"{whose}.NAME", Place.ATTACHMENT, "text/plain", entity.filename, b""))
        if entity.multipart:
            self._multipart(inside, entity)
        elif entity.type in MESSAGES:
            self._message(inside, entity)
        else:
            self._leaf(inside, entity)
        return header

    # Containers

    def _multipart(self, todo: _Todo, entity: Entity) -> None:
        if entity.type == "multipart/encrypted":
            self._report(todo.name, {UnreadableReason.ENCRYPTED})
        if todo.depth >= self._limits.depth:
            self._report(todo.name, {UnreadableReason.TOO_DEEP})
            return
        room = self._limits.parts - self._seen
        cuts = cut(todo.raw, todo.start, todo.end, entity.boundary, room) if entity.boundary else Cuts()
        self._report(todo.name, {UnreadableReason.TOO_MANY} if cuts.too_many else set())
        if not cuts.parts:
            # No program knows what to do with it; some show it all as text.
            self._report(todo.name, {UnreadableReason.AMBIGUOUS})
            self._leaf(todo, replace(entity, type="text/plain", encoding="7bit"))
            return
        doubtful = cuts.doubtful or entity.boundary in todo.outer or entity.encoding not in IDENTITY
        self._report(todo.name, {UnreadableReason.AMBIGUOUS} if doubtful else set())
        self._seen += len(cuts.parts)
        self._outside(todo, cuts)
        self._children(todo, entity, cuts)

    def _children(self, todo: _Todo, entity: Entity, cuts: Cuts) -> None:
        default = "message/rfc822" if entity.type == "multipart/digest" else "text/plain"
        self._stack.extend(
            replace(
                todo,
                start=start,
                end=end,
                path=todo.child(number),
                depth=todo.depth + 1,
                message=False,
                default=default,
                outer=(*todo.outer, entity.boundary),
                alternative=entity.type == "multipart/alternative",
            )
            for number, (start, end) in reversed(list(enumerate(cuts.parts, 1)))
        )

    def _outside(self, todo: _Todo, cuts: Cuts) -> None:
        """Text before the first and after the last delimiter: shown by some, so it is read."""
        for number, (start, end) in enumerate(cuts.outside, 1):
            content = todo.raw[start:end]
            if len(content) > _MAX_OUTSIDE:
                self._report(todo.name, {UnreadableReason.AMBIGUOUS})
            if not _BOILERPLATE.fullmatch(content[:_MAX_OUTSIDE]):
                path = f"{todo.path}.OUTSIDE.{number}".lstrip(".")
                self._parts.append(Part(path, Place.ATTACHMENT, "text/plain", "", content))

    def _message(self, todo: _Todo, entity: Entity) -> None:
        path = todo.leaf
        if todo.depth >= self._limits.depth:
            self._report(path, {UnreadableReason.TOO_DEEP}, entity.filename)
            return
        raw, start, end = todo.raw, todo.start, todo.end
        if entity.encoding not in IDENTITY:
            raw, fault = decode(raw, start, end, entity.encoding)
            start, end = 0, len(raw)
            self._report(path, {fault} if fault else set(), entity.filename)
        self._push(replace(todo, raw=raw, start=start, end=end, path=path, body=False))

    def _push(self, todo: _Todo) -> None:
        """A message, or an entity that stands for one."""
        self._seen += 1
        if self._seen > self._limits.parts:
            self._report(todo.name, {UnreadableReason.TOO_MANY})
            return
        self._stack.append(
            replace(todo, depth=todo.depth + 1, message=True, default="text/plain", outer=(), alternative=False)
        )

    def _inner_header(self, todo: _Todo, header: Header) -> None:
        """What the header of a message inside says, or a part's protected subject (RFC 9788), as text to be read.

        A part's other fields are told beside the message's own.
        """
        told = tuple(f for f in header.fields if f.name == "subject" or (todo.message and not _about_mime(f.name)))
        self._header_room -= sum(len(field.value) for field in header.fields)
        if self._header_room < 0:
            self._report(f"{todo.path}.HEADER", {UnreadableReason.TOO_LARGE})
            return
        self._told += words(f for f in header.fields if not todo.message or _about_mime(f.name))
        lines = (f"{field.name}: {decoded(field.value).text}" for field in told)
        content = "\r\n".join(lines).encode("utf-8", "replace")
        if content:
            self._parts.append(
                Part(
                    f"{todo.path}.{'HEADER' if todo.message else 'MIME'}",
                    Place.ATTACHMENT,
                    "text/plain",
                    "",
                    content,
                    "utf-8",
                )
            )

    # Leaves

    def _leaf(self, todo: _Todo, entity: Entity) -> None:
        content, fault = decode(todo.raw, todo.start, todo.end, entity.encoding)
        path = todo.leaf
        self._report(path, {fault} if fault else set(), entity.filename)
        if entity.type in _OPAQUE:
            self._opaque(todo, entity, content)
            return
        if entity.type in FRAGMENTS:
            self._report(path, {UnreadableReason.UNSUPPORTED}, entity.filename)
        elif mistaken_for_a_mail(entity.type, content):
            self._report(path, {UnreadableReason.AMBIGUOUS}, entity.filename)
        if entity.type == "text/calendar" and methods_disagree(entity.method, content):
            self._report(path, {UnreadableReason.AMBIGUOUS}, entity.filename)
        shown = todo.shows(entity)
        if shown and _EMBEDDED.search(content):
            # A file written into the text (uuencode, yEnc): some programs show it as an attachment.
            self._report(path, {UnreadableReason.AMBIGUOUS})
        if content.strip() or entity.filename:
            place = Place.BODY if shown else Place.ATTACHMENT
            self._parts.append(Part(path, place, entity.type, entity.filename, content, entity.charset))

    def _opaque(self, todo: _Todo, entity: Entity, content: bytes) -> None:
        """S/MIME in one blob: sealed, or signed around a readable entity."""
        path, opened = todo.leaf, open_signed(content)
        if isinstance(opened, UnreadableReason):
            self._report(path, {opened}, entity.filename)
        elif todo.depth >= self._limits.depth:
            self._report(path, {UnreadableReason.TOO_DEEP}, entity.filename)
        else:
            self._push(replace(todo, raw=opened, start=0, end=len(opened), path=path))

    def _report(self, path: str, reasons: set[UnreadableReason], filename: str = "") -> None:
        for reason in sorted(reasons):
            self._unreadable[Unreadable(path, reason, filename)] = None


def _about_mime(name: str) -> bool:
    return name.startswith("content-") or name == "mime-version"
