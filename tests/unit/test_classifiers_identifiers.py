"""NHS numbers, National Insurance numbers, bank accounts, council IDs, dates of birth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.identifiers import Identifiers, nhs_valid
from domain.model import IdentifierKind, PageText, Place

NHS, NI = IdentifierKind.NHS_NUMBER, IdentifierKind.NATIONAL_INSURANCE
BANK, BIRTH, COUNCIL = IdentifierKind.BANK_ACCOUNT, IdentifierKind.DATE_OF_BIRTH, IdentifierKind.COUNCIL_ID


def found(text: str) -> list[tuple[IdentifierKind, str]]:
    return [(i.kind, i.value) for i in Identifiers().find(PageText("1", Place.BODY, 1, text))]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("NHS No: 943 476 5919", NHS, "9434765919"),
        ("NHS number\n9434765919", NHS, "9434765919"),
        ("943-476-5919 (NHS)", NHS, "9434765919"),
        ("The patient has a diagnosis of asthma. 943 476 5919", NHS, "9434765919"),
        ("NI number AB 12 34 56 C", NI, "AB123456C"),
        ("national insurance ab123456c", NI, "AB123456C"),
        ("Sort code 12-34-56 Account number 12345678", BANK, "12345612345678"),
        ("Account 12345678, sort code: 123456", BANK, "12345612345678"),
        ("Acc no 1234 5678 at 12-34-56", BANK, "12345612345678"),
        ("GB82 WEST 1234 5698 7654 32", BANK, "12345698765432"),
        ("about sl-20417 again", COUNCIL, "SL-20417"),
        ("DOB: 03/04/1961", BIRTH, "1961-04-03"),
        ("d.o.b. 3.4.61", BIRTH, "1961-04-03"),
        ("Date of birth\n3rd April 1961", BIRTH, "1961-04-03"),
        ("born on 1961-04-03", BIRTH, "1961-04-03"),
        ("Birthday: April 3, 1961", BIRTH, "1961-04-03"),
        ("DOB 01/02/08", BIRTH, "2008-02-01"),
    ],
)
def test_is_found_and_normalised(text: str, kind: IdentifierKind, value: str) -> None:
    """Whatever way people write it, the value comes out one way."""
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "NHS No: 943 476 5918",  # check digit
        "Call 943 476 5919 for a taxi",  # valid by chance, no context of care
        "The patient's diagnosis is known; telephone 943 476 5919",
        "NHS 0000000000",
        "NI number GB 12 34 56 C",
        "qq123456c",
        "12-34-56 and 12345678",  # nothing says bank
        "sort code 12-34-56 alone",
        "GB83 WEST 1234 5698 7654 32",  # check digits
        "DOB: 31/02/1961",
        "The meeting is on 03/04/2026",
        "SL-123456 and XSL-12345",
        "date of birth unknown. Reviewed by the team last year, and on 03/04/2025 again",
    ],
)
def test_is_left_alone(text: str) -> None:
    """Numbers that only look alike are nobody's."""
    assert found(text) == []


def test_evidence_points_at_the_words() -> None:
    """The span counts in the page's own text."""
    text = "Dear all, NHS No: 943 476 5919 is hers."
    evidence = Identifiers().find(PageText("1.2", Place.ATTACHMENT, 3, text))[0].evidence
    assert (evidence.part, evidence.page, evidence.text) == ("1.2", 3, "943 476 5919")
    assert text[evidence.start : evidence.end] == "943 476 5919"


def test_council_pattern_is_a_setting() -> None:
    """Another council writes its references otherwise."""
    page = PageText("1", Place.BODY, 1, "About HC/0042 and SL-20417")
    assert [i.value for i in Identifiers(r"\bHC/\d{4}\b").find(page)] == ["HC/0042"]


@given(st.integers(100_000_000, 999_999_999))
def test_exactly_one_check_digit_or_none_is_right(nine: int) -> None:
    """Each nine digits have at most one tenth; changing a single digit is always noticed."""
    right = [d for d in range(10) if nhs_valid(f"{nine}{d}")]
    assert len(right) <= 1


@given(st.text(max_size=300))
def test_never_raises(text: str) -> None:
    """Any text at all has an answer, and spans lie inside it."""
    for identifier in Identifiers().find(PageText("1", Place.BODY, 1, text)):
        assert text[identifier.evidence.start : identifier.evidence.end] == identifier.evidence.text
