"""What a collection has found: documents, each once, with everywhere it occurred. A line of JSON a record.

The file is only added to, and each line is written after the files that it names: a collection that was interrupted
goes on with the next record.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vault.export.folder import WorkFolder

_FILE = "collected.jsonl"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where a document was found. ``to`` are the recipients as typed."""

    record: str
    part: str
    sent: str
    sender: str
    to: tuple[str, ...]
    about: tuple[str, ...] = ()


@dataclass(slots=True)
class Document:
    """One mail (its words) or one file that was attached. ``digest`` is what makes it the same as another.

    ``file`` is relative to the working folder; ``unread`` says what of it could not be read.
    """

    id: str
    kind: str
    digest: str
    title: str
    file: str
    type: str
    unread: tuple[str, ...] = ()
    found_by: str = ""
    occurrences: list[Occurrence] = field(default_factory=list)

    @property
    def first(self) -> Occurrence:
        """Where it occurred first, by the day it was sent."""
        return min(self.occurrences, key=lambda o: o.sent)

    @property
    def mail(self) -> bool:
        """Whether it is the words of a mail."""
        return self.kind == "mail"


@dataclass(frozen=True, slots=True)
class PageOf:
    """The text of one page of a document, or of the whole where there are no pages."""

    part: str
    place: str
    page: int
    text: str


def seen(pages: Iterable[PageOf]) -> Iterator[PageOf]:
    """What somebody sees who opens a mail or a web page: its words, without what its tags hold.

    Readers say what stands beside the words after them, as another text of the same page (``classifiers/extract``).
    """
    last = ("", 0)
    for page in pages:
        if (page.part, page.page) != last:
            yield page
        last = (page.part, page.page)


class Collected:
    """All that was found so far, by digest."""

    def __init__(self, folder: WorkFolder) -> None:
        self._folder = folder
        self._path = folder.inside(_FILE)
        self.documents: dict[str, Document] = {}
        self.done: dict[str, str] = {}
        for line in _lines(self._path):
            self._take(line)

    def __iter__(self) -> Iterator[Document]:
        """In the order in which they were sent."""
        return iter(sorted(self.documents.values(), key=lambda d: (d.first.sent, d.id)))

    def has(self, record: str) -> bool:
        """Whether anything in that record was kept."""
        return any(o.record == record for d in self.documents.values() for o in d.occurrences)

    def add(self, record: str, outcome: str, found: list[tuple[Document, Occurrence]]) -> None:
        """A record is done; what was found in it is kept. ``outcome`` is empty, or why it could not all be opened."""
        line = {
            "record": record,
            "outcome": outcome,
            "found": [_described(d) | {"occurrence": asdict(o)} for d, o in found],
        }
        with self._path.open("ab") as out:
            os.fchmod(out.fileno(), 0o600)
            out.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())
        self._take(line)

    def keep_pages(self, document: str, pages: list[PageOf]) -> None:
        """The text that was read in a document."""
        self._folder.write(json.dumps([asdict(p) for p in pages], ensure_ascii=False).encode(), *_pages(document))

    def pages(self, document: Document) -> list[PageOf]:
        """The text that was read in it."""
        path = self._folder.inside(*_pages(document.id))
        return [PageOf(**page) for page in json.loads(path.read_bytes())]

    def content(self, document: Document) -> bytes:
        """The file as it was filed."""
        return self._folder.inside(document.file).read_bytes()

    def _take(self, line: dict[str, Any]) -> None:
        self.done[line["record"]] = line["outcome"]
        for found in line["found"]:
            where = dict(found["occurrence"])
            occurrence = Occurrence(**where | {"to": tuple(where["to"]), "about": tuple(where["about"])})
            described = {k: v for k, v in found.items() if k != "occurrence"}
            described["unread"] = tuple(described["unread"])
            document = self.documents.setdefault(found["digest"], Document(**described))
            if not any((o.record, o.part) == (occurrence.record, occurrence.part) for o in document.occurrences):
                document.occurrences.append(occurrence)


def _described(document: Document) -> dict[str, Any]:
    return {k: v for k, v in asdict(document).items() if k != "occurrences"}


def _pages(document: str) -> tuple[str, str]:
    return "texts", f"{document}.json"


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Whole lines; one that was cut by a crash is dropped from the file, and its record is done again."""
    if not path.exists():
        return
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        path.write_bytes(whole)
    yield from (json.loads(line) for line in whole.splitlines())
