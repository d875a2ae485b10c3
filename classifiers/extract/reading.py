"""What one request has read so far, and what it may still read.

Purpose: the one collector that all readers write to, with the budget in it. Trust: everything said to it comes from
hostile documents; text is cleaned here, once. Failure: a spent budget raises ``Unread`` with the cap's reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from classifiers.limits import Limits
from domain.model import PageText, PartPath, Place, TypeDisagreement, Unreadable, UnreadableReason

if TYPE_CHECKING:
    import numpy.typing as npt

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Controls, halves of pairs, and every format or default-ignorable character (Unicode 15.1, DerivedCoreProperties)."""
_BLANKS = re.compile("[ \u00a0\u2000-\u200a\u202f\u2800\u3000]{2,}")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_LINE_ENDS = "\r\x0b\x0c\x85\u2028\u2029"
_LINES = str.maketrans("", "", "\t\n\r")
_NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Sight:
    """What was read on a picture: the words in lines, and whether there is nothing else on it that could be writing."""

    text: str
    whole: bool


class Looks(Protocol):
    """Reads pictures (``classifiers/ocr``). Both ways raise ``Unread``."""

    def begin(self) -> None:
        """A new mail, with a whole budget of time."""
        ...

    def file(self, content: bytes) -> Iterator[Sight]:
        """What each frame of a picture file shows."""
        ...

    def said_by(self, content: bytes) -> str:
        """What a picture file says about itself: comments, captions."""
        ...

    def page(self, grey: npt.NDArray[Any], dpi: int) -> Sight:
        """What a drawn page shows: rows of brightness, drawn at so many pixels to the inch."""
        ...


class Unread(Exception):
    """A document, or the rest of it, cannot be vouched for. ``reason`` says why."""

    def __init__(self, reason: UnreadableReason) -> None:
        super().__init__(reason.name)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to read: a part of the mail, or what lies inside one. ``depth`` counts the containers around it."""

    path: PartPath
    place: Place
    declared_type: str
    filename: str
    content: bytes = field(repr=False)
    charset: str = ""
    depth: int = 0

    def inside(
        self, name: str, content: bytes, declared_type: str = "", *, filename: str | None = None, charset: str = ""
    ) -> Item:
        """What this one contains, one level deeper, with a path below its own. ``filename`` defaults to ``name``."""
        label = _safe(name)
        return Item(
            path=f"{self.path}/{label}",
            place=Place.ATTACHMENT if self.place is not Place.BODY else Place.BODY,
            declared_type=declared_type,
            filename=label if filename is None else _safe(filename) if filename else "",
            content=content,
            charset=charset,
            depth=self.depth + 1,
        )


@dataclass(slots=True)
class Reading:
    """The collector. ``reader`` reads one item; it is set by the dispatcher so that containers can recurse.

    ``known_pictures`` are SHA-256 in lower-case hexadecimal of picture files that may pass unread. ``pictures`` reads
    the others; without it nobody does.
    """

    limits: Limits
    reader: Callable[[Item, Reading], None]
    known_pictures: frozenset[str] = frozenset()
    pictures: Looks | None = None
    texts: list[PageText] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    disagreements: list[TypeDisagreement] = field(default_factory=list)
    true_types: list[tuple[PartPath, str]] = field(default_factory=list)
    characters: int = 0
    items: int = 0
    unpacked: int = 0
    _paths: set[str] = field(default_factory=set)

    def say(self, path: PartPath, place: Place, text: str, page: int = 1, *, pictured: bool = False) -> bool:
        """Keep a page's text; ``pictured`` text was read from a picture. True when there was any.

        Raises ``Unread`` (TOO_LARGE) when the mail's text is used up.
        """
        room = self.limits.characters - self.characters
        cleaned = clean(text[: room + 1])
        if len(text) > room:
            self.characters = self.limits.characters
            raise Unread(UnreadableReason.TOO_LARGE)
        if not cleaned.strip():
            return False
        self.characters += len(cleaned)
        self.texts.append(PageText(path, place, page, cleaned, pictured))
        return True

    def see(self, path: PartPath, place: Place, content: bytes) -> bool:
        """Read a picture file. True if nothing on it is left unread.

        Raises ``Unread``, UNSUPPORTED where pictures are not read.
        """
        if self.pictures is None:
            raise Unread(UnreadableReason.UNSUPPORTED)
        whole = True
        self.say(path, place, self.pictures.said_by(content))
        for number, sight in enumerate(self.pictures.file(content), 1):
            self.say(path, place, sight.text, number, pictured=True)
            whole = whole and sight.whole
        return whole

    def cannot(self, path: PartPath, reason: UnreadableReason, filename: str = "") -> None:
        """Note that this part cannot be vouched for; once a part and reason."""
        finding = Unreadable(path, reason, filename)
        if finding not in self.unreadable:
            self.unreadable.append(finding)

    def said(self, path: PartPath) -> bool:
        """Whether this very part gave any text."""
        return any(t.part == path for t in self.texts)

    def descend(self, item: Item) -> None:
        """Read what lies inside a container. Raises ``Unread`` when it is too deep or one too many."""
        if item.depth > self.limits.depth:
            raise Unread(UnreadableReason.TOO_DEEP)
        self.items += 1
        if self.items > self.limits.items:
            raise Unread(UnreadableReason.TOO_MANY)
        self.reader(self._named_once(item), self)

    def spend(self, size: int) -> None:
        """Account for bytes unpacked. Raises ``Unread`` (TOO_LARGE)."""
        self.unpacked += size
        if self.unpacked > self.limits.total_bytes:
            raise Unread(UnreadableReason.TOO_LARGE)

    def _named_once(self, item: Item) -> Item:
        """Two files of one name in one archive must not become one part."""
        path, turn = item.path, 1
        while path in self._paths:
            turn += 1
            path = f"{item.path}~{turn}"
        self._paths.add(path)
        return item if path == item.path else replace(item, path=path)


def clean(text: str) -> str:
    """The text as it is looked at: compatibility forms composed, invisible characters out, blanks single, lines by LF.

    A soft hyphen inside a name, or a ligature from a PDF, must not hide a word; digits of any script are digits.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
        text = _OTHER_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0], "")), text)
    elif not text.translate(_LINES).isprintable():
        text = _INVISIBLE.sub("", text)
    text = text.replace("\r\n", "\n")
    for end in _LINE_ENDS:
        text = text.replace(end, "\n")
    return text if text.isascii() and "  " not in text else _BLANKS.sub(" ", text)


def _safe(name: str) -> str:
    """A file name fit for a path and for showing: printable, without dots that climb, at most 120 characters."""
    kept = "".join(c if c.isprintable() and c not in "#\\" else "_" for c in name).strip("/ ")
    kept = "/".join(step for step in kept.split("/") if step not in {"", ".", ".."})
    if len(kept) > _NAME_LENGTH:
        stem, dot, suffix = kept.rpartition(".")
        kept = f"{stem[: _NAME_LENGTH - 12]}.{suffix[:10]}" if dot else kept[:_NAME_LENGTH]
    return kept or "unnamed"
