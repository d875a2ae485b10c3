"""A held mail as it is shown: words in pieces, with what was found marked; files as pictures of their pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from domain.model import Category, Evidence
from vault.held.copy import Copy
from web.console.held.marking import Mark, Piece, pieces

PART = re.compile(r"^[0-9]+(\.[0-9]+)*$")
"""Of an attachment itself, not of what lies in it."""
_DRAWN = re.compile(r"^(application/pdf|image/(png|jpe?g|gif|tiff|bmp|webp))$")
_BY_NAME = re.compile(r"\.(pdf|png|jpe?g|gif|tiff?|bmp|webp)$", re.IGNORECASE)
_MOST_PICTURES = 5
_PLACES = {"subject": "the subject line", "HEADER": "the header"}
_NAME = "#name"
_BODY = "The text of the mail"


@dataclass(frozen=True, slots=True)
class Page:
    """``pictured``: its words were read from a picture, and may hold mistakes."""

    number: int
    pieces: tuple[Piece, ...] = field(repr=False)
    pictured: bool = False

    @property
    def hits(self) -> int:
        """Places where something was found."""
        return sum(1 for piece in self.pieces if piece.found)

    @property
    def written(self) -> bool:
        """Whether there is a word on it."""
        return any(piece.text.strip() for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Document:
    """One part of the mail. ``pictures`` are the numbers of pages that can be drawn; ``unread`` why it was not read."""

    part: str
    name: str = field(repr=False)
    pages: tuple[Page, ...] = field(repr=False)
    pictures: range
    unread: str
    again: bool = False
    """The mail's text once more, in another form."""

    @property
    def hits(self) -> int:
        """Places where something was found."""
        return sum(page.hits for page in self.pages)

    @property
    def first(self) -> tuple[Page, ...]:
        """What people would read: all pages of what has pages; of another file its text, without what stands beside."""
        return tuple(self._along()) if self.pictures else self.pages[:1]

    def _along(self) -> Iterator[Page]:
        """The pages in their order: what belongs to none comes after them under an earlier number."""
        last = 0
        for page in self.pages:
            if page.number > last or page.pictured:
                yield page
            last = max(last, page.number)

    @property
    def beside(self) -> tuple[Page, ...]:
        """Properties, settings and the like, which nobody sees who opens the file."""
        first = self.first
        return tuple(page for page in self.pages if not any(page is each for each in first))


@dataclass(frozen=True, slots=True)
class Text:
    """A page's words with their marks, as they are to be laid out."""

    part: str
    page: int
    text: str = field(repr=False)
    pictured: bool
    marks: tuple[Mark, ...] = ()


def documents(copy: Copy) -> Iterator[Document]:
    """Every part of a held mail with words, and every attachment, in the mail's order."""
    marks = _marks(copy)
    texts = [
        Text(t.part, t.page, t.text, t.pictured, tuple(_standing(t.text, marks[t.part, t.page]))) for t in copy.texts
    ]
    return laid_out(texts, copy.files, dict(copy.unread))


def laid_out(
    texts: Iterable[Text], files: Iterable[tuple[str, str, str]], unread: Mapping[str, str]
) -> Iterator[Document]:
    """The same of any opened mail. ``files`` are path, name and type; ``unread`` says why, by part."""
    files = tuple(files)
    names, kinds = {path: name for path, name, _ in files}, {path: kind for path, _, kind in files}
    pages = defaultdict[str, list[Page]](list)
    for text in texts:
        pages[text.part].append(Page(text.page, tuple(pieces(text.text, text.marks)), text.pictured))
    bodies = 0
    for part in dict.fromkeys((*pages, *names, *unread)):
        title = names.get(part) or place_of(part, names)
        drawn = _pictures(part, names[part], kinds[part], len(pages[part])) if part in names else range(0)
        shown = tuple(page for page in pages[part] if page.written)
        title = title if part in names else title[:1].upper() + title[1:]
        bodies += title == _BODY
        made = Document(part, title, shown, drawn, unread.get(part, ""), again=title == _BODY and bodies > 1)
        if _worth_showing(made):
            yield made


def _worth_showing(document: Document) -> bool:
    """A file's name stands above what is in it, and is shown by itself only where something was found in it."""
    if document.part.endswith(_NAME):
        return document.hits > 0
    return bool(document.pages or document.pictures or document.unread)


def _marks(copy: Copy) -> dict[tuple[str, int], list[tuple[Evidence, str]]]:
    """What was found, by part and page."""
    found = [(e, Category(f.category).label) for f in copy.found for e in f.evidence]
    found += [(named.evidence, "points at a person") for named in copy.named]
    found += [(e, r.why) for decision in copy.decisions for r in decision.reasons for e in r.evidence]
    marks = defaultdict[tuple[str, int], list[tuple[Evidence, str]]](list)
    for evidence, what in found:
        marks[evidence.part, evidence.page].append((evidence, what))
    return marks


def _standing(text: str, found: Iterable[tuple[Evidence, str]]) -> Iterator[Mark]:
    """Those whose words stand there: a file may have several texts that count as its first page."""
    for evidence, what in found:
        here, words = (_bare(t) for t in (text[evidence.start : evidence.end], evidence.text))
        if here and (here.startswith(words) or words.startswith(here)):
            yield Mark(evidence.start, evidence.end, what)


def _bare(words: str) -> str:
    """Letters and digits: what is quoted may have lost spaces, or its end."""
    return "".join(filter(str.isalnum, words)).casefold()


def place_of(part: str, files: Mapping[str, str]) -> str:
    """Where a part is, in words. ``files`` are the attachments' names by their paths."""
    if part in _PLACES:
        return _PLACES[part]
    if part.endswith(_NAME):
        return f"the name of {files.get(part.removesuffix(_NAME), 'a file')}"
    if part in files:
        return files[part] or "a file without a name"
    container = part.partition("/")[0]
    return f"{part.partition('/')[2]} in {files[container]}" if container in files else "the text of the mail"


def drawable(part: str, name: str, kind: str) -> bool:
    """Whether pages of it can be shown as pictures."""
    return bool(PART.match(part) and (_DRAWN.match(kind) or _BY_NAME.search(name)))


def _pictures(part: str, name: str, kind: str, pages: int) -> range:
    if not drawable(part, name, kind):
        return range(0)
    return range(1, max(1, min(pages, _MOST_PICTURES)) + 1)
