"""Two fields on one line are two fields: filled where they are filled, empty on a blank form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.analysis import Analyser
from classifiers.documents.layout import Form, Standing, standing
from classifiers.documents.lexicon import _labels, label_ending
from classifiers.documents.tally import Tally, tally
from domain.model import Category, PageText, Part, Place

LINE = "Name: Ann Lee   Date of birth: 1.2.1950"


def counted(text: str) -> Tally:
    return tally([PageText("1", Place.ATTACHMENT, 1, text)])


def of(text: str, phrase: str) -> Standing:
    start = text.index(phrase)
    return standing(text, start, start + len(phrase))


@pytest.mark.parametrize("gap", ["   ", " ", "\t", ", ", "; ", " | ", " ("])
def test_both_fields_of_a_line_are_filled(gap: str) -> None:
    """Whatever parts the columns, also the single blank that OCR leaves of it."""
    text = f"Name: Ann Lee{gap}Date of birth: 1.2.1950"
    assert (of(text, "Name").form, of(text, "Name").value) == (Form.FILLED, "Ann Lee")
    assert (of(text, "Date of birth").form, of(text, "Date of birth").value) == (Form.FILLED, "1.2.1950")
    assert counted(text).person.keys() == {"name", "date of birth"}


def test_three_fields_each_have_their_own_value() -> None:
    """Evidence quotes the value of its own field, not the rest of the line."""
    text = "Name: Ann Lee   DOB: 1.2.1950   NHS number: 999 000 0018"
    assert [of(text, label).value for label in ("Name", "DOB", "NHS")] == ["Ann Lee", "1.2.1950", ""]
    assert of(text, "NHS number").value == "999 000 0018"


def test_a_label_that_we_do_not_know_ends_a_value_too() -> None:
    """Behind a gap; behind a single blank nobody can tell it from the value."""
    assert of("Name: Ann Lee   Shoe size: 5", "Name").value == "Ann Lee"
    assert of("Name: Ann Lee Shoe size: 5", "Name").form is Form.EMPTY


@pytest.mark.parametrize(
    "text",
    [
        "Name:   Date of birth:   NHS number:",
        "Name: ________ Date of birth: ________ NHS number: ________",
        "Name: Date of birth: NHS number:\nThe people who come to the review write here.",
        "Name: ......... Date of birth: dd/mm/yyyy   NHS number: .........",
    ],
)
def test_a_blank_line_of_fields_is_blank(text: str) -> None:
    """The label of the second field, its line and what stands below are no value of the first."""
    assert (counted(text).filled, counted(text).empty) == (0, 3)
    assert counted(text).blank_form


def test_one_filled_field_among_blank_ones_is_one() -> None:
    """The second alone is filled."""
    text = "Name: Date of birth: 1.2.1950"
    assert (counted(text).filled, counted(text).empty) == (1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "We asked for her name and date of birth: both are on the list.",
        "Please write the name, then the date of birth: that is all.",
        "The form asks for a name: nobody need give a date of birth.",
    ],
)
def test_prose_with_a_colon_is_no_field(text: str) -> None:
    """A sentence that mentions a label begins with no field."""
    assert counted(text).filled == 0


def test_a_sentence_in_a_field_is_not_cut_by_words_in_it() -> None:
    """Only a label with a colon ends a value."""
    text = "Details of incident: He gave his name and date of birth to the nurse."
    assert of(text, "Details of incident").value == "He gave his name and date of birth to the nurse."


def test_a_review_in_two_columns_is_known() -> None:
    """The same form, its fields under each other or side by side, is the same kind of document."""
    fields = [
        "Service user: Ann Lee",
        "Date of review: 2 June 2026",
        "Those present: Ann, Mary",
        "Date of birth: 1.2.1950",
    ]
    under = "Yearly Review\n" + "\n".join(fields)
    beside = "Yearly Review\n" + "   ".join(fields[:2]) + "\n" + "   ".join(fields[2:])
    assert counted(beside).filled == counted(under).filled == len(fields)
    assert counted(beside).person.keys() == counted(under).person.keys()
    assert _assessment(beside) == pytest.approx(_assessment(under), abs=0.05)


def _assessment(text: str) -> float:
    analysis = Analyser().analyse("", [Part("1", Place.BODY, "text/plain", "", text.encode(), "utf-8")])
    return max(f.likelihood for f in analysis.findings if f.category is Category.ASSESSMENT)


def test_the_longest_label_ends_it() -> None:
    """Of "service user" and "service user name" the second; and no label begins inside a word."""
    assert label_ending("Ann Service user name:", 21) == 4
    assert label_ending("Surename:", 8) is None
    assert label_ending("Reborn:", 6) is None


@given(st.text("Name: Dateofbrh(,;|\t\n_.", max_size=300))
def test_any_line_is_counted_without_more_fields_than_colons_and_rules(text: str) -> None:
    """Whatever the line: no field is filled without a mark of its own."""
    assert counted(text).filled <= sum(text.count(sign) for sign in ":\t_.") + text.count("\n")


@pytest.mark.parametrize("before", ["", "x", "Ann Lee ", "(", "date of "])
def test_the_longest_label_that_ends_there_is_found(before: str) -> None:
    """Each that is known, however it is written; the same as a look at all of them."""
    known = _labels()
    for label in known:
        for text in (before + label, before + label.upper() + " ", f"{before}{label}s"):
            folded = text.lower().rstrip(" ")
            ends = [len(folded) - len(one) for one in known if folded.endswith(one)]
            whole = [at for at in ends if at == 0 or not folded[at - 1].isalnum()]
            assert label_ending(text, len(text)) == min(whole, default=None)
