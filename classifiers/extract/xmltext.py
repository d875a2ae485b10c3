"""Words out of XML by expat, under caps.

Purpose: one small engine for DOCX, PPTX and ODF. Trust: hostile XML: no entities, no outside references, capped depth.
Failure: ``Unread`` CORRUPT (malformed, or it declares entities, which office files never do), TOO_DEEP, TOO_LARGE.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from classifiers.extract.reading import Reading, Unread
from classifiers.extract.zips import Members
from domain.model import UnreadableReason

_CELL_END = re.compile(r"\n+\t")
"""A paragraph ends inside its cell; the cell is one line with its neighbours."""


@dataclass(frozen=True, slots=True)
class Words:
    """Which elements hold words, by local name. ``text`` None means all of them.

    ``before`` and ``after`` are what an element puts around its words; ``attributes`` hold words of their own:
    those of any element (``title``), or of one (``a href``).
    ``every`` puts each other element and attribute on a line of its own, for documents of unknown kind.
    """

    text: frozenset[str] | None
    before: Mapping[str, str]
    after: Mapping[str, str]
    attributes: frozenset[str] = frozenset()
    every: bool = False

    @property
    def characters_alone(self) -> bool:
        """Whether an element without character data has nothing to say."""
        return self.text is None and not self.attributes and not self.every and not self.before


def secure_parser() -> expat.XMLParserType:
    """An expat parser that refuses entities and any outside thing. Names come as ``namespace local``."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    return parser


def _refuse(*_: object) -> int:
    raise Unread(UnreadableReason.CORRUPT)


def feed(parser: expat.XMLParserType, chunks: Iterable[bytes]) -> None:
    """Run a document through. Raises ``Unread``."""
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)  # noqa: FBT003 - expat takes it by position only
        parser.Parse(b"", True)  # noqa: FBT003 - the same
    except expat.ExpatError:
        raise Unread(UnreadableReason.CORRUPT) from None


def words(chunks: Iterable[bytes], rules: Words, *, depth: int, characters: int) -> str:
    """The text of one XML document."""
    collector = _Collector(rules, depth, characters)
    parser = secure_parser()
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.characters
    feed(parser, chunks)
    return _CELL_END.sub("\t", "".join(collector.out))


def member_words(members: Members, info: zipfile.ZipInfo, rules: Words, reading: Reading) -> str:
    """The text of one XML member of a package."""
    chunks: Iterable[bytes] = members.chunks(info)
    if rules.characters_alone:
        chunks = list(chunks)
        if not _speaks(chunks):
            return ""
    return words(chunks, rules, depth=reading.limits.xml_depth, characters=reading.limits.characters)


def _speaks(chunks: Iterable[bytes]) -> bool:
    """Whether anything but blanks stands between its tags. Styles and themes are thousands of elements and no word.

    The same parser, as strict, but it calls back for characters only, which takes a tenth of the time.
    """
    found: list[bool] = []
    parser = secure_parser()
    parser.CharacterDataHandler = lambda text: found.append(True) if not text.isspace() else None
    feed(parser, chunks)
    return bool(found)


class _Collector:
    def __init__(self, rules: Words, depth: int, characters: int) -> None:
        self.out: list[str] = []
        self._rules = rules
        self._depth = depth
        self._room = characters
        self._open: list[bool] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._open.append(self._rules.text is None or local in self._rules.text)
        if len(self._open) > self._depth:
            raise Unread(UnreadableReason.TOO_DEEP)
        if before := self._rules.before.get(local):
            self.out.append(before)
        if (self._rules.attributes or self._rules.every) and attributes:
            for key, value in attributes.items():
                if self._rules.every:
                    self.out.append(f"\n{local} {key.rpartition(' ')[2]}={value}\n")
                elif value and not self._rules.attributes.isdisjoint({(it := key.rpartition(" ")[2]), f"{local} {it}"}):
                    self.out.append(f"\n{value}\n")

    def end(self, name: str) -> None:
        self._open.pop()
        if after := self._rules.after.get(name.rpartition(" ")[2], "\n" if self._rules.every else ""):
            self.out.append(after)

    def characters(self, text: str) -> None:
        if self._open and self._open[-1]:
            self._room -= len(text)
            if self._room < 0:
                raise Unread(UnreadableReason.TOO_LARGE)
            self.out.append(text)
