"""Step two: a person decides, in two tables. ``documents.csv`` has a line a document, ``passages.csv`` one a text.

Nothing is decided by the program: the columns ``decision`` and ``take out`` are empty until somebody fills them, and
:func:`judged` says what is still missing. Who reviews may add lines of their own to the passages; a line with ``*``
for the document answers for the same text in all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from vault.export.cases import CaseError
from vault.export.documents import Collected, Document
from vault.export.exemptions import Exemption, of_codes
from vault.export.folder import WorkFolder
from vault.export.folding import folded
from vault.export.passages import (
    EVERYWHERE,
    PASSAGE_COLUMNS,
    PASSAGES,
    SUGGESTED,
    Lines,
    Passage,
    Said,
    filled_in,
    suggested_in,
)
from vault.export.tables import read, written
from vault.export.third_parties import Suggestion, ThirdParties
from vault.models import Choice

DOCUMENTS = "documents.csv"
DOCUMENT_COLUMNS = (
    "document", "date", "kind", "title", "from", "to", "times", "file", "note", "decision", "exemption", "remark",
)  # fmt: skip
_MOST_NAMED = 3


@dataclass(slots=True)
class Verdict:
    """What was decided about a document; ``missing`` says what is not, a sentence each."""

    document: Document
    choice: Choice | None = None
    grounds: tuple[Exemption, ...] = ()
    passages: list[Passage] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def all_grounds(self) -> tuple[Exemption, ...]:
        """The document's and its passages', each once."""
        return tuple(dict.fromkeys((*self.grounds, *(g for p in self.passages for g in p.grounds))))


def prepare(folder: WorkFolder, collected: Collected, finder: ThirdParties, ref: str) -> None:
    """Write both tables. What was filled in before stays, also where more was collected meanwhile."""
    before = _rows(folder) if folder.inside(DOCUMENTS).exists() else {}
    documents = {d.id: d for d in collected}
    _not_sorted_apart({name: row for name, row in before.items() if name in documents}, documents)
    rows = [_line(d, ref) | _kept(before.get(d.id), "decision", "exemption", "remark") for d in collected]
    earlier = filled_in(folder) if folder.inside(PASSAGES).exists() else []
    were = suggested_in(folder)
    suggested = _numbered([(d.id, s) for d in collected for s in finder.suggest(texts_of(d, collected))], were)
    passages = list(_passages(suggested, earlier, were))
    folder.write(json.dumps({i: [d, s.text] for i, (d, s) in suggested.items()}).encode(), SUGGESTED)
    folder.write(written(PASSAGE_COLUMNS, passages), PASSAGES)
    folder.write(written(DOCUMENT_COLUMNS, rows), DOCUMENTS)


def _numbered(
    found: Sequence[tuple[str, Suggestion]], were: Mapping[str, list[str]]
) -> dict[str, tuple[str, Suggestion]]:
    """By id. What had one keeps it: a table that is open in a spreadsheet meanwhile still means the same."""
    known = {(document, folded(text)): name for name, (document, text) in were.items()}
    new = count(max((int(name[1:]) for name in were), default=0) + 1)
    return {known.get((d, folded(s.text))) or f"P{next(new):04}": (d, s) for d, s in found}


def judged(folder: WorkFolder, collected: Collected) -> list[Verdict]:
    """Every document with what the tables say of it. Raises ``CaseError`` for a table that cannot be used."""
    rows = _rows(folder)
    lines = Lines(folder)
    documents = {d.id: d for d in collected}
    strange = (set(rows) | lines.documents) - documents.keys() - {EVERYWHERE}
    if strange:
        raise CaseError(f"There is no document {min(strange)} in this case; look at the tables.")
    _not_sorted_apart(rows, documents)
    verdicts = [_verdict(document, rows.get(document.id), lines, collected) for document in collected]
    lines.all_stand_somewhere()
    return verdicts


def _rows(folder: WorkFolder) -> dict[str, dict[str, str]]:
    """By document, each once: of two lines nobody could say which one is meant."""
    rows: dict[str, dict[str, str]] = {}
    for row in read(folder.inside(DOCUMENTS), DOCUMENT_COLUMNS):
        if rows.setdefault(row["document"].upper(), row) is not row:
            raise CaseError(f"{row['document']} stands in {DOCUMENTS} twice; leave one line of the two.")
    return rows


def _not_sorted_apart(rows: Mapping[str, dict[str, str]], documents: Mapping[str, Document]) -> None:
    """A spreadsheet can sort one column and leave the others: then decisions stand beside other documents."""
    for name, row in rows.items():
        if row["file"].partition(" ")[0] != documents[name].file.partition(" ")[0]:
            raise CaseError(
                f"In {DOCUMENTS}, the line of {name} has another document's file: a column was sorted or moved without "
                "the others. Undo that, or delete the file, collect again, and decide anew."
            )


def _verdict(document: Document, row: dict[str, str] | None, lines: Lines, collected: Collected) -> Verdict:
    verdict = Verdict(document)
    said = lines.of(document.id, texts_of(document, collected))
    if row is None or not row["decision"]:
        verdict.missing.append("no decision yet")
        return verdict
    try:
        verdict.choice = Choice(row["decision"].lower().replace(" ", "-"))
    except ValueError:
        verdict.missing.append(f"the decision '{row['decision']}' is none of {', '.join(Choice.values)}")
        return verdict
    try:
        verdict.grounds = of_codes(row["exemption"])
    except CaseError as error:
        verdict.missing.append(error.public)
        return verdict
    if verdict.choice is Choice.REDACT:
        verdict.passages = said.taken
        verdict.missing += _of_redaction(document, said.taken, said.undecided)
    elif verdict.choice is Choice.RELEASE:
        verdict.missing += _of_release(said)
    elif verdict.choice in {Choice.WITHHOLD, Choice.UNLISTED} and not verdict.grounds:
        verdict.missing.append("what is withheld needs an exemption")
    return verdict


def _of_release(said: Said) -> Iterator[str]:
    if said.taken:
        taken = _named([p.text for p in said.taken])
        yield f"it is released whole, but this must come out of it: {taken}. Take texts out ('redact')"
    if said.unclear:
        yield f"it is released whole, but under 'take out' is neither yes nor no: {_named(said.unclear)}"


def _of_redaction(document: Document, taken: Sequence[Passage], undecided: Sequence[str]) -> Iterator[str]:
    if undecided:
        yield f"{len(undecided)} texts without yes or no under 'take out': {_named(undecided)}"
    elif not taken:
        yield "it is to be redacted, but nothing is to be taken out: decide 'release'"
    if document.unread:
        yield f"a part of it could not be read ({document.unread[0]}), so it cannot be redacted: withhold it"
    yield from (f"what is taken out needs an exemption: {p.text}" for p in taken if not p.grounds)


def _named(lines: Sequence[str]) -> str:
    return ", ".join(lines[:_MOST_NAMED]) + (" ..." if len(lines) > _MOST_NAMED else "")


def texts_of(document: Document, collected: Collected) -> Iterator[str]:
    """All that will be shown of it: what was read in it, and whom a mail was from and to."""
    yield from (page.text for page in collected.pages(document))
    if document.mail:
        yield from dict.fromkeys((document.first.sender, *(to for o in document.occurrences for to in o.to)))


def _line(document: Document, ref: str) -> dict[str, object]:
    first = document.first
    return {
        "document": document.id,
        "date": first.sent[:10],
        "kind": document.kind,
        "title": document.title,
        "from": first.sender,
        "to": ", ".join(dict.fromkeys(to for o in document.occurrences for to in o.to)),
        "times": len(document.occurrences),
        "file": document.file,
        "note": "; ".join(_notes(document, ref)),
    }


def _notes(document: Document, ref: str) -> Iterator[str]:
    if document.found_by:
        yield f"was filed under nobody, found by {document.found_by}"
    about = {person for o in document.occurrences for person in o.about}
    if about and ref not in about:
        yield "seems to be about other people only: is it theirs?"
    elif len(about) > 1:
        yield f"also about {len(about) - 1} other people in the register"
    yield from (f"not all of it could be read: {reason}" for reason in document.unread)


def _passages(
    suggested: dict[str, tuple[str, Suggestion]], earlier: list[dict[str, str]], were: Mapping[str, list[str]]
) -> Iterator[dict[str, str]]:
    """Ours with the answers that they had, by what they were, whatever a spreadsheet made of the text; then theirs."""
    answers = {(were[i][0], folded(were[i][1])): row for row in earlier for i in [row["id"]] if i in were}
    for name, (document, suggestion) in suggested.items():
        line = {"id": name, "document": document, "text": suggestion.text, "why": suggestion.why}
        line |= {"times": str(suggestion.times), "exemption": "OTHERS"}
        yield line | _kept(answers.get((document, folded(suggestion.text))), "take out", "exemption")
    yield from (row for row in earlier if not row["id"])


def _kept(row: dict[str, str] | None, *names: str) -> dict[str, str]:
    return {name: row[name] for name in names} if row else {}
