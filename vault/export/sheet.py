"""The two tables of a review as a page shows them, and back: what somebody decided there stands in the tables.

So one review can be done on the pages and in a spreadsheet by turns, and everything that is asked of the tables
(``review.py``, ``passages.py``) is asked of it. Values are plain, for JSON: they travel sealed (``vault/errands/``).
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from vault.export.cases import CaseError
from vault.export.documents import Collected, Document, PageOf, seen
from vault.export.folder import WorkFolder
from vault.export.folding import Folded, folded
from vault.export.passages import EVERYWHERE, PASSAGE_COLUMNS, PASSAGES, SUGGESTED, filled_in
from vault.export.review import DOCUMENT_COLUMNS, DOCUMENTS, judged, texts_of
from vault.export.tables import read, written

_MOST_LETTERS = 200_000
"""Of one document; more is said to be left out."""
_WEB_PAGES = frozenset({"text/html", "application/xhtml+xml"})
OTHERS = "OTHERS"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of one text. ``everywhere``: the same in all documents."""

    take_out: str
    ground: str = OTHERS
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody decided about a document. ``answers`` are by the id of the line, ``own`` texts of their own."""

    document: str
    decision: str
    exemptions: str = ""
    remark: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    own: Sequence[str] = ()
    own_ground: str = OTHERS


@contextmanager
def alone(folder: WorkFolder) -> Iterator[None]:
    """One key holder at a time changes a folder's tables."""
    with (folder.path / "case").open("rb") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        yield


def code(folder: WorkFolder) -> str:
    """A digest of all that was collected and decided: whoever agrees to it agrees to exactly this."""
    digest = hashlib.sha256()
    for name in ("collected.jsonl", SUGGESTED, DOCUMENTS, PASSAGES):
        path = folder.inside(name)
        digest.update(hashlib.sha256(path.read_bytes() if path.exists() else b"").digest())
    return digest.hexdigest()


def listed(folder: WorkFolder, collected: Collected) -> dict[str, Any]:
    """Every document with what is decided, and what is missing; how many records stayed closed.

    Raises ``CaseError``, also where nothing is collected.
    """
    if not folder.inside(DOCUMENTS).exists():
        raise CaseError("Nothing is collected yet, or its collection has not ended.")
    rows = {row["document"].upper(): row for row in read(folder.inside(DOCUMENTS), DOCUMENT_COLUMNS)}
    names = ("date", "kind", "title", "from", "to", "times", "note", "decision", "exemption", "remark")
    found = [
        {"id": v.document.id, "missing": v.missing} | {n: rows[v.document.id][n] for n in names}
        for v in judged(folder, collected)
        if v.document.id in rows
    ]
    closed = sum(bool(outcome) for outcome in collected.done.values())
    return {"documents": found, "closed": closed}


def laid_open(document: Document, folder: WorkFolder, collected: Collected) -> dict[str, Any]:
    """One document: its words with the place of each text that may be about others, and what was answered."""
    rows = filled_in(folder)
    mine = [row for row in rows if row["id"] and row["document"].upper() == document.id]
    every = {folded(row["text"]): row for row in rows if row["document"] == EVERYWHERE}
    whole = list(_once(document, collected))
    begun = list(_cut(whole))
    shown = list(seen(begun)) if document.type in _WEB_PAGES else begun
    texts = [
        {"page": page.page, "text": page.text, "marks": list(_marks(page.text, mine)), "beside": page not in shown}
        for page in begun
    ]
    return {
        "texts": texts,
        "cut": sum(len(page.text) for page in whole) > _MOST_LETTERS,
        "passages": [_passage(row, every.get(folded(row["text"]))) for row in mine],
        "own": [row["text"] for row in rows if not row["id"] and row["document"].upper() == document.id],
        "unread": list(document.unread),
    }


def _once(document: Document, collected: Collected) -> Iterator[PageOf]:
    """Each page's words; a mail says the same as text and as a web page, and a name or a subject stands above."""
    said = {"", folded(document.title)}
    for page in collected.pages(document):
        if (letters := folded(page.text)) not in said:
            said.add(letters)
            yield page


def _cut(pages: Sequence[PageOf]) -> Iterator[PageOf]:
    left = _MOST_LETTERS
    for page in pages:
        if left > 0:
            yield replace(page, text=page.text[:left]) if len(page.text) > left else page
        left -= len(page.text)


def _passage(row: Mapping[str, str], every: Mapping[str, str] | None) -> dict[str, Any]:
    """With its own answer, else the one for all documents."""
    by_all = every is not None and not row["take out"]
    said = every if every is not None and by_all else row
    told = {"id": row["id"], "text": row["text"], "why": row["why"], "times": row["times"]}
    return told | {"answer": said["take out"].lower(), "ground": said["exemption"] or OTHERS, "everywhere": by_all}


def _marks(text: str, rows: Sequence[Mapping[str, str]]) -> Iterator[tuple[int, int, str]]:
    letters = Folded.of(text)
    for row in rows:
        yield from ((start, end, row["why"]) for start, end in letters.find(row["text"]))


def write(folder: WorkFolder, collected: Collected, decided: Decided) -> None:
    """Into the tables. Raises ``CaseError`` for a document or a line that is not there, or a text that it has not."""
    document = next((d for d in collected if d.id == decided.document), None)
    if document is None:
        raise CaseError(f"There is no document {decided.document} in this case.")
    passages = _answered(filled_in(folder), document, decided, "\n".join(texts_of(document, collected)))
    folder.write(written(PASSAGE_COLUMNS, passages), PASSAGES)
    rows = read(folder.inside(DOCUMENTS), DOCUMENT_COLUMNS)
    said = {"decision": decided.decision, "exemption": decided.exemptions, "remark": decided.remark}
    new = [row | said if row["document"].upper() == document.id else row for row in rows]
    folder.write(written(DOCUMENT_COLUMNS, new), DOCUMENTS)


def _answered(
    rows: Sequence[dict[str, str]], document: Document, decided: Decided, words: str
) -> Iterator[dict[str, str]]:
    """The lines as they were, with the answers; then those for all documents, then texts of their own."""
    lines = {row["id"]: row for row in rows if row["id"] and row["document"].upper() == document.id}
    if strange := decided.answers.keys() - lines.keys():
        raise CaseError(f"There is no line {min(strange)} about {document.id} any more; look at it again.")
    everywhere = {folded(lines[i]["text"]): (lines[i], a) for i, a in decided.answers.items() if a.everywhere}
    for row in rows:
        if answer := decided.answers.get(row["id"]) if row["id"] in lines else None:
            yield row | {"take out": answer.take_out, "exemption": answer.ground}
        elif not _is_replaced(row, document, everywhere):
            yield row
    for row, answer in everywhere.values():
        yield _line(EVERYWHERE, row["text"], answer.take_out, answer.ground)
    letters = Folded.of(words)
    for text in decided.own:
        if not letters.has(text):
            raise CaseError(f"The text '{text}', to be taken out, does not stand in {document.id}; is it misspelt?")
        yield _line(document.id, text, YES, decided.own_ground)


def _is_replaced(row: Mapping[str, str], document: Document, everywhere: Mapping[str, Any]) -> bool:
    """A line of theirs about this document, or one for all with a text that is answered anew."""
    if row["id"]:
        return False
    return row["document"].upper() == document.id or (
        row["document"] == EVERYWHERE and folded(row["text"]) in everywhere
    )


def _line(document: str, text: str, take_out: str, ground: str) -> dict[str, str]:
    return {"id": "", "document": document, "text": text, "why": "", "times": "", "take out": take_out,
            "exemption": ground}  # fmt: skip
