"""Step two: a person decides, in two tables. ``documents.csv`` has a line a document, ``passages.csv`` one a text.

Nothing is decided by the program: the columns ``decision`` and ``take out`` are empty until somebody fills them, and
:func:`judged` says what is still missing. Who reviews may add lines of their own to the passages; a line with ``*``
for the document answers for the same text in all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vault.export.cases import CaseError
from vault.export.documents import Collected, Document
from vault.export.exemptions import Exemption, of_codes
from vault.export.folder import WorkFolder
from vault.export.folding import folded
from vault.export.tables import read, written
from vault.export.third_parties import Suggestion, ThirdParties
from vault.models import Choice

DOCUMENTS, PASSAGES, _SUGGESTED = "documents.csv", "passages.csv", "suggested.json"
DOCUMENT_COLUMNS = (
    "document", "date", "kind", "title", "from", "to", "times", "file", "note", "decision", "exemption", "remark",
)  # fmt: skip
PASSAGE_COLUMNS = ("id", "document", "text", "why", "times", "take out", "exemption")
_YES, _NO = {"yes", "y", "x", "true", "1"}, {"no", "n", "false", "0"}
EVERYWHERE = "*"
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that is taken out, and the grounds."""

    text: str
    grounds: tuple[Exemption, ...]


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
    before = {row["document"]: row for row in _existing(folder, DOCUMENTS, DOCUMENT_COLUMNS)}
    rows = [_line(d, ref) | _kept(before.get(d.id), "decision", "exemption", "remark") for d in collected]
    earlier = _existing(folder, PASSAGES, PASSAGE_COLUMNS)
    found = [(d.id, s) for d in collected for s in finder.suggest(_texts(d, collected))]
    suggested = {f"P{number:04}": pair for number, pair in enumerate(found, 1)}
    passages = list(_passages(suggested, earlier, _suggested(folder)))
    folder.write(json.dumps({i: [d, s.text] for i, (d, s) in suggested.items()}).encode(), _SUGGESTED)
    folder.write(written(PASSAGE_COLUMNS, passages), PASSAGES)
    folder.write(written(DOCUMENT_COLUMNS, rows), DOCUMENTS)


def judged(folder: WorkFolder, collected: Collected) -> list[Verdict]:
    """Every document with what the tables say of it. Raises ``CaseError`` for a table that cannot be used."""
    rows = {row["document"].upper(): row for row in read(folder.inside(DOCUMENTS), DOCUMENT_COLUMNS)}
    lines = _Lines(folder)
    strange = (set(rows) | lines.documents) - {d.id for d in collected} - {EVERYWHERE}
    if strange:
        raise CaseError(f"There is no document {min(strange)} in this case; look at the tables.")
    return [_verdict(document, rows.get(document.id), lines) for document in collected]


def _verdict(document: Document, row: dict[str, str] | None, lines: _Lines) -> Verdict:
    verdict = Verdict(document)
    if row is None or not row["decision"]:
        verdict.missing.append("no decision yet")
        return verdict
    try:
        verdict.choice = Choice(row["decision"].lower().replace(" ", "-"))
    except ValueError:
        verdict.missing.append(f"the decision '{row['decision']}' is none of {', '.join(Choice.values)}")
        return verdict
    verdict.grounds = of_codes(row["exemption"])
    taken, undecided = lines.of(document.id)
    if verdict.choice is Choice.REDACT:
        verdict.passages = taken
        verdict.missing += _of_redaction(document, taken, undecided)
    elif verdict.choice is Choice.RELEASE and taken:
        verdict.missing.append(f"it is released whole, but {len(taken)} texts are to be taken out: decide 'redact'")
    elif verdict.choice in {Choice.WITHHOLD, Choice.UNLISTED} and not verdict.grounds:
        verdict.missing.append("what is withheld needs an exemption")
    return verdict


def _of_redaction(document: Document, taken: Sequence[Passage], undecided: Sequence[str]) -> Iterator[str]:
    if undecided:
        named = ", ".join(undecided[:_MOST_NAMED]) + (" ..." if len(undecided) > _MOST_NAMED else "")
        yield f"{len(undecided)} texts without yes or no under 'take out': {named}"
    elif not taken:
        yield "it is to be redacted, but nothing is to be taken out: decide 'release'"
    if document.unread:
        yield f"a part of it could not be read ({document.unread[0]}), so it cannot be redacted: withhold it"
    yield from (f"what is taken out needs an exemption: {p.text}" for p in taken if not p.grounds)


class _Lines:
    """The passages as they were filled in. Texts of our own lines are ours, whatever a spreadsheet made of them."""

    def __init__(self, folder: WorkFolder) -> None:
        suggested = _suggested(folder)
        self._by_document: dict[str, list[tuple[str, str, str, str]]] = {}
        for row in read(folder.inside(PASSAGES), PASSAGE_COLUMNS):
            document, text = suggested.get(row["id"], [row["document"].upper(), row["text"]])
            line = (row["id"] or "a line of yours", text, row["take out"].lower(), row["exemption"])
            self._by_document.setdefault(document, []).append(line)
        self._everywhere = {
            folded(text): (answer, codes) for _, text, answer, codes in self._by_document.get(EVERYWHERE, ())
        }

    @property
    def documents(self) -> set[str]:
        """Those that a line names."""
        return set(self._by_document)

    def of(self, document: str) -> tuple[list[Passage], list[str]]:
        """What is taken out of it; and the lines that nobody has answered."""
        taken, undecided = [], []
        for name, text, typed, typed_codes in self._by_document.get(document, ()):
            answer, codes = typed, typed_codes
            if not answer:
                answer, codes = self._everywhere.get(folded(text), ("", codes))
            if answer in _YES:
                taken.append(Passage(text, of_codes(codes or typed_codes)))
            elif answer not in _NO:
                undecided.append(name)
        return taken, undecided


def _texts(document: Document, collected: Collected) -> list[str]:
    """All that will be shown of it: what was read in it, and whom a mail was from and to."""
    first = document.first
    head = [first.sender, *(to for o in document.occurrences for to in o.to)] if document.mail else []
    return [*(page.text for page in collected.pages(document)), *dict.fromkeys(head)]


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


def _suggested(folder: WorkFolder) -> dict[str, list[str]]:
    """Document and text by the id of the line, as they were written last."""
    path = folder.inside(_SUGGESTED)
    found: dict[str, list[str]] = json.loads(path.read_bytes()) if path.exists() else {}
    return found


def _kept(row: dict[str, str] | None, *names: str) -> dict[str, str]:
    return {name: row[name] for name in names} if row else {}


def _existing(folder: WorkFolder, name: str, columns: Iterable[str]) -> list[dict[str, str]]:
    path = folder.inside(name)
    return read(path, tuple(columns)) if path.exists() else []
