"""Files that LibreOffice made (``scripts/specimens.py``), with a word in every place where words can stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from classifiers.analysis import analyse_document

FOLDER = Path(__file__).parent.parent / "specimens" / "formats"
WORD = "title subject comments keywords header footer body comment cell textbox control hidden deleted"
SHEETS = "title sheetname cell formula hiddenrow comment link header footer prompt hidden veryhidden"
SLIDES = "title subject slide table shape notes"
PLANTED = {
    "word.docx": WORD,
    "word-by-python-docx.docx": WORD,
    "word.doc": WORD,
    "word.odt": WORD,
    "word.rtf": WORD,
    "word.html": "title subject comments keywords header footer body comment cell control hidden deleted",
    "word.pdf": "title subject keywords header footer body cell textbox control deleted",
    "sheets.xlsx": SHEETS,
    "sheets-by-openpyxl.xlsx": SHEETS.replace("formula ", ""),
    "sheets.xls": SHEETS,
    "sheets.ods": SHEETS,
    "sheets.csv": "cell formula hiddenrow",
    "slides.odp": SLIDES,
    "slides.pptx": SLIDES,
    "slides.ppt": SLIDES,
    "slides.pdf": "title subject slide table shape",
}
"""What the file holds: LibreOffice leaves some places out, such as comments when it prints."""


@pytest.mark.parametrize("name", PLANTED)
def test_word_in_every_place_is_found(name: str) -> None:
    """Headers, notes, comments, hidden sheets, properties: whoever opens the file can read them."""
    analysis = analyse_document((FOLDER / name).read_bytes(), name)
    said = "\n".join(text.text for text in analysis.texts).lower()
    assert set(PLANTED[name].split()) - set(re.findall(r"planted([a-z]+)", said)) == set()
    assert analysis.unreadable == ()


@pytest.mark.parametrize("name", PLANTED)
def test_words_of_two_places_stand_apart(name: str) -> None:
    """A name in the title and a number in the subject do not become one word."""
    said = "\n".join(text.text for text in analyse_document((FOLDER / name).read_bytes(), name).texts).lower()
    assert re.findall(r"planted[a-z]+planted", said) == []
