"""Labelled documents: folders of text files with a small header, and lines of JSON.

Purpose: what the model is trained and measured on. Each folder inside a labelled folder is a *source*: an author, a
publisher, the reviewers' corrections. Sources named in a file ``held-out`` beside them are for measuring alone; those
in ``lesser`` teach, with a published document's weight, and choose nothing; those in ``brief`` are mails of a line or
two, and teach only what judges such. Trust: the operator's files. Failure:
``LabelError`` naming file and line; a wrong label is never skipped over.

A file is ``Classes:`` (categories with blanks between, or nothing for "not confidential"), more fields such as
``Kind:`` and ``Title:``, an empty line, and the text, with a form feed between pages. Short ones may stand together in
one file, with a line ``=====`` between two.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from classifiers.extract.reading import clean
from domain.errors import SallyportError
from domain.model import Category, PageText, Place

HELD_OUT, LESSER, BRIEF = "held-out", "lesser", "brief"
_BETWEEN = "\n=====\n"
_PUBLIC = {
    "medical": frozenset({Category.MEDICAL}),
    "not_confidential": frozenset[Category](),
    # Release forms as hospitals publish them: nobody has filled them in, and blank forms are not confidential.
    "permission_to_share": frozenset[Category](),
}


class LabelError(SallyportError):
    """A labelled file cannot be used; ``public`` says which and why."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One document. ``kinds`` empty is "not confidential"; ``form`` is what the header's ``Kind`` says."""

    source: str
    name: str
    kinds: frozenset[Category]
    text: str = field(repr=False)
    form: str = ""

    @property
    def confidential(self) -> bool:
        """Whether it is of any category."""
        return bool(self.kinds)

    @property
    def pages(self) -> tuple[PageText, ...]:
        """As a reader hands it on: single blanks, among other things."""
        return tuple(PageText("1", Place.ATTACHMENT, n, clean(p)) for n, p in enumerate(self.text.split("\f"), 1))


def named(folder: Path, what: str) -> frozenset[str]:
    """The sources of a labelled folder that its file ``held-out``, ``lesser`` or ``brief`` names."""
    listed = folder / what
    return frozenset(listed.read_text(encoding="utf-8").split()) if listed.is_file() else frozenset()


def groups(folder: Path, what: str) -> tuple[frozenset[str], ...]:
    """The same, a line each: sources of one line were measured at one time, and are told together."""
    listed = folder / what
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.is_file() else []
    return tuple(frozenset(line.split()) for line in lines if line.strip())


def read_folder(folder: Path, *, tests: bool = False) -> Iterator[Labelled]:
    """The documents for training, or (``tests``) those of the held-out sources. Raises ``LabelError``."""
    kept = named(folder, HELD_OUT)
    for source in sorted(path for path in folder.iterdir() if path.is_dir()):
        if (source.name in kept) is tests:
            for file in sorted(source.glob("*.txt")):
                yield from _read(source.name, file)


def read_lines(file: Path) -> Iterator[Labelled]:
    """Documents of other people's publishing: a JSON object a line with text, label, source, name."""
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                said = json.loads(line)
                yield Labelled(said["source"], f"{said['name']}", _PUBLIC[said["label"]], said["text"])
            except (ValueError, KeyError, TypeError) as error:
                public = f"Line {number} of {file} is no labelled document."
                raise LabelError("labelled line", public=public) from error


def _read(source: str, file: Path) -> Iterator[Labelled]:
    first, *more = file.read_text(encoding="utf-8").split(_BETWEEN)
    yield _one(source, file, file.name, first)
    for number, said in enumerate(more, 2):
        yield _one(source, file, f"{file.stem}-{number}{file.suffix}", said)


def _one(source: str, file: Path, name: str, said: str) -> Labelled:
    head, _, text = said.lstrip("\n").partition("\n\n")
    fields = dict(line.partition(":")[::2] for line in head.splitlines())
    if "Classes" not in fields or not text.strip():
        raise LabelError(
            "labelled file", public=f"{file} ({name}) has no line 'Classes:', or no text after an empty line."
        )
    try:
        kinds = frozenset(Category(name) for name in fields["Classes"].split())
    except ValueError as error:
        raise LabelError("label", public=f"{file}: {error}; the categories are {', '.join(Category)}.") from error
    return Labelled(source, name, kinds, text, fields.get("Kind", "").strip())
