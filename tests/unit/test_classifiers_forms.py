"""The council's own forms: filled, re-typed, scanned copies are known; blank ones pass; a damaged file is an error."""

from __future__ import annotations

import io
import random

import pytest
from docx import Document as Word
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.analysis import Analyser
from classifiers.forms.form import Form, dump, parse
from classifiers.forms.matching import FormBook
from classifiers.knowledge import Knowledge, load
from domain.errors import ConfigurationError
from domain.model import Analysis, Category, PageText, Part, Place

# Deliberately without a word of the lexicon's titles: only the fingerprint can know it.
BLANK = """Fenwick Vale Shared Lives   SL12 (rev 4)
Getting to know each other
Person's full name: ______________________   Date: __/__/____
Things that start my day off well ______________________________
Where I would rather not go on my own ______________________________
Whom you should ring when I am poorly and what to tell them ______________________________
When I say no it usually means ______________________________
Filled in together with ______________________ on behalf of the scheme
Please bring this sheet back to the office at Ropewalk House before the first overnight stay."""
VALUES = ("Rowan Applegarth", "tea before anybody talks", "the market", "my sister Elaine", "ask me later", "Marjorie")


def filled(blank: str = BLANK) -> str:
    text = blank
    for value in VALUES:
        at = text.index("______________________")
        end = at + len(text[at:]) - len(text[at:].lstrip("_"))
        text = text[:at] + value + text[end:]
    return text


def pages(text: str) -> tuple[PageText, ...]:
    return tuple(PageText("1", Place.ATTACHMENT, n, t) for n, t in enumerate(text.split("\f"), 1))


FORM = Form.of("Getting to know", Category.ALL_ABOUT_ME, pages(BLANK))
BOOK = FormBook([FORM])
KNOWLEDGE = Knowledge(forms=dump([FORM]))


def analysed(text: str, knowledge: Knowledge = KNOWLEDGE) -> Analysis:
    part = Part("1", Place.ATTACHMENT, "text/plain", "", text.encode(), "utf-8")
    return Analyser(knowledge=knowledge).analyse("", [part])


def test_a_filled_form_is_known_by_its_blank_alone() -> None:
    """Without the registration nothing would know it; with it, the finding quotes what was written into it."""
    assert [f for f in analysed(filled(), Knowledge()).findings if f.likelihood >= 0.5] == []
    analysis = analysed(filled())
    best = max(analysis.findings, key=lambda f: f.likelihood)
    assert (best.category, best.likelihood >= 0.9) == (Category.ALL_ABOUT_ME, True)
    written = [e.text for e in best.evidence if e.rule == "filled:Getting to know"]
    assert written[:2] == ["Rowan Applegarth", "tea before anybody talks"]
    text = analysis.texts[0].text
    assert all(text[e.start : e.end] == e.text for e in best.evidence)


@pytest.mark.parametrize(
    "text",
    [BLANK, BLANK.replace("_", "."), BLANK.replace("\n", "\n\n"), BLANK + "\f" + BLANK, BLANK.upper()],
    ids=["as registered", "dots", "spaced", "twice", "capitals"],
)
def test_a_blank_form_is_blank(text: str) -> None:
    """However its lines are drawn, and however often it stands in the file."""
    assert BOOK.read(pages(text)).blank
    assert analysed(text).findings == ()


@pytest.mark.parametrize("value", ["Rowan Applegarth", "epilepsy", "14/03/1986", "Ro"])
@pytest.mark.parametrize("field", range(6))
def test_one_box_is_enough(field: int, value: str) -> None:
    """A single value in any box makes it no blank form."""
    parts = BLANK.split("______________________", 6)
    text = "______________________".join(parts[: field + 1]) + value + "______________________".join(parts[field + 1 :])
    assert not BOOK.read(pages(text)).blank


def test_a_name_that_is_a_word_of_the_form_is_written_into_it_all_the_same() -> None:
    """Mr Page and Mrs Day: a word that the form has once stands there twice."""
    assert not BOOK.read(pages(BLANK.replace("full name: ", "full name: Day House "))).blank


def test_a_partly_filled_and_cut_copy_is_known() -> None:
    """The last page alone, half of the boxes filled."""
    half = "\n".join(filled().splitlines()[4:])
    matches = BOOK.read(pages(half)).matches
    assert [m.form.name for m in matches] == ["Getting to know"]
    assert matches[0].filled


def test_a_retyped_copy_is_known() -> None:
    """In another order, with other words at the seams, and with a heading of somebody's own."""
    lines = filled().replace("usually", "normally").replace("Whom you should", "Who to").splitlines()
    typed = "Rowan - getting to know, typed up by Priya\n" + "\n".join([*lines[:2], *reversed(lines[2:])])
    match = BOOK.read(pages(typed)).matches[0]
    assert match.filled
    assert match.likelihood >= 0.75


def misread(text: str, share: float, seed: int) -> str:
    """As OCR reads a poor scan: some letters are others."""
    chance = random.Random(seed)
    return "".join(chance.choice("eoacn") if c.isalpha() and chance.random() < share else c for c in text)


@pytest.mark.parametrize("seed", range(5))
def test_scans_are_known_filled_and_blank(seed: int) -> None:
    """One letter in fifty wrong: the filled one is found, the blank one still passes."""
    assert BOOK.read(pages(misread(filled(), 0.02, seed)), scanned=True).matches[0].filled
    blank = BOOK.read(pages(misread(BLANK, 0.02, seed)), scanned=True)
    assert blank.blank
    assert not blank.matches[0].filled


def test_a_form_inside_other_words_is_left_to_the_other_layers() -> None:
    """A handbook that prints the blank is not a filled form, and not nothing either."""
    forms = BOOK.read(pages("How to fill in the sheet. Ask the person first.\n" + BLANK + "\nKeep a copy."))
    assert (forms.blank, [m.filled for m in forms.matches]) == (False, [()])
    told = analysed(BLANK + "\nHer NHS number is 943 476 5919.")
    assert Category.OTHER_PERSONAL in {f.category for f in told.findings if f.likelihood >= 0.5}


def test_what_a_file_says_beside_its_pages_is_judged_by_itself() -> None:
    """Properties do not make a blank form a filled one; what somebody wrote into them is found all the same."""
    document = Word()
    for line in BLANK.splitlines():
        document.add_paragraph(line)
    for comments, expected in (("Made by Priya", set()), ("NHS number 943 476 5919", {Category.OTHER_PERSONAL})):
        document.core_properties.comments = comments
        out = io.BytesIO()
        document.save(out)
        part = Part("1", Place.ATTACHMENT, "application/octet-stream", "", out.getvalue())
        findings = Analyser(knowledge=KNOWLEDGE).analyse("", [part]).findings
        assert {f.category for f in findings if f.likelihood >= 0.5} == expected


def test_words_shared_with_another_form_do_not_count_twice() -> None:
    """Two forms under one letterhead and one privacy notice: the better one explains both."""
    notice = "We keep this sheet for six years after the stay has ended and show it to nobody without your leave. " * 2
    one = Form.of("one", Category.FINANCIAL, pages(notice + "Money that comes in each week: Money that goes out:"))
    two = Form.of("two", Category.COMPLAINT, pages(notice + "What went wrong for you: What should happen now:"))
    found = FormBook([one, two]).read(pages(notice + "Money that comes in each week: £91 Money that goes out: £40"))
    assert [m.form.name for m in found.matches] == ["one"]


def test_unlike_texts_hold_no_form() -> None:
    """Ordinary letters share a triple or two, never three tenths."""
    assert BOOK.read(pages("Please bring this sheet back to the office. Thank you. " * 3)).matches == ()


def test_too_short_a_form_is_refused() -> None:
    """It would be found everywhere."""
    with pytest.raises(ValueError, match="triples"):
        Form.of("short", Category.MEDICAL, pages("Name: Date: Signed:"))


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[1",
        b"\x00",
        dump([FORM]).replace(b"all-about-me", b"all-about-you"),
        dump([FORM])[:-40],
        dump([FORM]).replace(b"forms-1", b"forms-9"),
        dump([FORM, FORM]),
        b'{"format": "sallyport-forms-1", "forms": [{"name": "a", "category": "legal", "shingles": [], "words": {}}]}',
    ],
)
def test_a_damaged_file_is_an_error(content: bytes, tmp_path) -> None:
    """Never a shorter list of forms."""
    with pytest.raises(ConfigurationError):
        parse(content)
    (tmp_path / "forms.json").write_bytes(content)
    with pytest.raises(ConfigurationError):
        load(tmp_path / "forms.json")


def test_a_missing_file_is_an_error(tmp_path) -> None:
    """A setting that names nothing is a slip that nobody would notice otherwise."""
    with pytest.raises(ConfigurationError):
        load(tmp_path / "none.json")


def test_the_file_holds_what_was_registered() -> None:
    """There and back; and as a reader is told it."""
    assert parse(dump([FORM])) == (FORM,)
    frame = KNOWLEDGE.frame()
    size = int.from_bytes(frame[:4])
    assert Knowledge.of_frame(frame[8 : 8 + size], frame[8 + size :]) == KNOWLEDGE
    with pytest.raises(ValueError, match="cut off"):
        Knowledge.of_frame(frame[8 : 8 + size], frame[9 + size :])


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300), st.text(max_size=60), st.booleans())
def test_any_text_has_an_answer(before: str, inside: str, scanned: bool) -> None:
    """Spans lie in their page; what is blank has nothing written into it."""
    said = pages(before + BLANK.replace("means ", "means " + inside))
    forms = BOOK.read(said, scanned=scanned)
    for match in forms.matches:
        assert not (forms.blank and match.filled)
        for e in (*match.filled, *match.recognised):
            assert said[e.page - 1].text[e.start : e.end] == e.text
