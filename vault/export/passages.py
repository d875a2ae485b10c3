"""``passages.csv`` as it was filled in: what is taken out of which document.

Texts of our own lines are ours, whatever a spreadsheet made of them. But a line that is gone was not answered, a text
that was rewritten was meant otherwise, and one that stands beside another line's id was sorted apart from it: each of
these stops the release, since the alternative is to give what somebody said to take out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vault.export.cases import CaseError
from vault.export.exemptions import Exemption, of_codes
from vault.export.folder import WorkFolder
from vault.export.folding import Folded, folded
from vault.export.tables import read

PASSAGES, SUGGESTED = "passages.csv", "suggested.json"
PASSAGE_COLUMNS = ("id", "document", "text", "why", "times", "take out", "exemption")
EVERYWHERE = "*"
_YES, _NO = {"yes", "y", "x", "true", "1"}, {"no", "n", "false", "0"}
_NUMBER = re.compile(r"[\d.,+ eE]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that is taken out, and the grounds."""

    text: str
    grounds: tuple[Exemption, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What the lines say of a document.

    ``undecided`` and ``unclear`` name lines: without yes or no; and of these, the ones in which somebody wrote
    something all the same.
    """

    taken: list[Passage] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    text: str
    answer: str
    codes: str
    own: bool


class Lines:
    """The passages by document. Raises ``CaseError`` for a table that cannot mean what it says."""

    def __init__(self, folder: WorkFolder) -> None:
        suggested = suggested_in(folder)
        self._by_document: dict[str, list[_Line]] = {}
        self._lost: dict[str, list[str]] = {}
        rows = filled_in(folder)
        for row in rows:
            document, text = suggested.get(row["id"], [row["document"].upper(), row["text"]])
            own = row["id"] not in suggested
            line = _Line(row["id"] or "a line of yours", text, row["take out"].lower(), row["exemption"], own)
            self._by_document.setdefault(document, []).append(line)
        for name in suggested.keys() - {row["id"] for row in rows}:
            self._lost.setdefault(suggested[name][0], []).append(f"{name} (its line is gone; collect again)")
        self._everywhere = _answered(self._by_document.get(EVERYWHERE, ()))
        self._nowhere = {letters for letters, line in self._everywhere.items() if line.answer in _YES}

    @property
    def documents(self) -> set[str]:
        """Those that a line names."""
        return set(self._by_document)

    def of(self, document: str, texts: Iterable[str]) -> Said:
        """What is said of it; ``texts`` are all that stands in it."""
        said = Said(undecided=sorted(self._lost.get(document, ())))
        lines = self._by_document.get(document, ())
        for line in lines:
            every = self._everywhere.get(folded(line.text)) if not line.answer else None
            answer, codes = (every.answer, every.codes or line.codes) if every else (line.answer, line.codes)
            if answer in _YES:
                said.taken.append(Passage(line.text, of_codes(codes)))
            elif answer not in _NO:
                said.undecided.append(line.name)
                said.unclear.extend([line.name] if answer or line.own else [])
        said.taken.extend(self._said_of_all(texts, {folded(line.text) for line in lines}))
        return said

    def _said_of_all(self, texts: Iterable[str], answered: set[str]) -> Iterator[Passage]:
        """What a line for all documents takes out here, though nothing suggested it."""
        wanted = [(letters, line) for letters, line in self._everywhere.items() if line.answer in _YES]
        read_here = Folded.of("\n".join(texts)) if wanted else Folded.of("")
        for letters, line in wanted:
            if letters in answered or read_here.has(line.text):
                self._nowhere.discard(letters)
                if letters not in answered:
                    yield Passage(line.text, of_codes(line.codes))

    def all_stand_somewhere(self) -> None:
        """After each document was asked for: raises ``CaseError`` for a line for all that takes out nothing at all."""
        if self._nowhere:
            text = self._everywhere[min(self._nowhere)].text
            raise CaseError(f"The text '{text}', to be taken out of all documents, stands in none; is it misspelt?")


def filled_in(folder: WorkFolder) -> list[dict[str, str]]:
    """The table's rows. Raises ``CaseError`` where a line of ours stands for another document or another text."""
    suggested, rows = suggested_in(folder), read(folder.inside(PASSAGES), PASSAGE_COLUMNS)
    texts = {folded(text) for _, text in suggested.values()}
    for row in rows:
        if row["id"] in suggested:
            document, text = suggested[row["id"]]
            if row["document"].upper() != document or _another(row["text"], text, texts):
                raise CaseError(
                    f"In {PASSAGES}, the line {row['id']} was about '{text}' in {document}, and is not any more. If "
                    "columns were sorted or moved apart, undo that; if you wrote another text, put this one back and "
                    "write yours in a line of its own, with an empty id."
                )
    return rows


def suggested_in(folder: WorkFolder) -> dict[str, list[str]]:
    """Document and text by the id of the line, as they were written last."""
    path = folder.inside(SUGGESTED)
    found: dict[str, list[str]] = json.loads(path.read_bytes()) if path.exists() else {}
    return found


def _answered(lines: Sequence[_Line]) -> Mapping[str, _Line]:
    """The lines for all documents by their letters. Raises ``CaseError`` for one that says nothing, or yes and no."""
    found: dict[str, _Line] = {}
    for line in lines:
        if line.answer not in _YES | _NO:
            raise CaseError(f"The line for all documents with the text '{line.text}' says neither yes nor no.")
        if (found.setdefault(folded(line.text), line).answer in _YES) != (line.answer in _YES):
            raise CaseError(f"The lines for all documents with the text '{line.text}' say yes and no.")
    return found


def _another(cell: str, text: str, texts: set[str]) -> bool:
    """Whether a cell holds another text than ours, beyond what a spreadsheet does to numbers and foreign letters."""
    if folded(cell) == folded(text):
        return False
    if folded(cell) in texts:
        return True
    if folded(text).isdigit() and _NUMBER.fullmatch(cell):
        return False
    pattern = "".join(re.escape(c.lower()) if c.isascii() else ".{0,4}" for c in text if not c.isascii() or c.isalnum())
    bare = "".join(c.lower() for c in cell if not c.isascii() or c.isalnum())
    return re.fullmatch(pattern, bare) is None
