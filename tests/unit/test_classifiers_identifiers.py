"""NHS numbers, National Insurance numbers, bank accounts, council IDs, dates of birth."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.analysis import Analyser
from classifiers.extract.reading import clean
from classifiers.identifiers import Identifiers, nhs_valid
from domain.model import IdentifierKind, PageText, Part, Place

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
        "Her NHS number is 943 4765919.",
        "NHS No.9434765919",
        "NHS-9434765919",
        "nhs_number=9434765919",
        "NHSNo 9434765919",
        "N.H.S. 943 476 5919",
        "her NHS number is 943 476\n5919 so please use it",
        "NHS number 943\u2013476\u20135919",
        "NHS number 943\u2011476\u20115919",
        "NHS number 943.476.5919",
        "NHS number: 9 4 3 4 7 6 5 9 1 9",
        "NHS number | 9 | 4 | 3 | 4 | 7 | 6 | 5 | 9 | 1 | 9",
        "NHS number\t943\t476\t5919",
        "NHS number 943\u2069 476 \u20685919",
        "NHS 94\ufe0f347\u034f65919",
        "NHS number \u0669\u0664\u0663 \u0664\u0667\u0666 \u0665\u0669\u0661\u0669",
        "NHS number 9434765919/RA",
        "NHS number 1: 94 34 76 59 19",
        "The patient has a diagnosis of asthma. 943\u2013476 5919",
    ],
)
def test_nhs_number_in_whatever_way_it_is_spelt(text: str) -> None:
    """Gaps, dashes, boxes, line ends, invisible signs and other scripts' digits between do not hide it."""
    assert found(clean(text)) == [(NHS, "9434765919")]


def test_no_format_character_and_no_foreign_digit_is_left() -> None:
    """Every code point that Unicode calls a format or a decimal digit is taken out or made one of ten."""
    for point in range(0x80, sys.maxunicode + 1):
        category = unicodedata.category(chr(point))
        if category == "Cf":
            assert clean(f"9{chr(point)}4") == "94", hex(point)
        elif category == "Nd":
            assert clean(chr(point)) == str(unicodedata.decimal(chr(point))), hex(point)


def test_number_over_two_bodies_is_found_in_the_first() -> None:
    """Two inline parts are shown one after the other, so they are read so; attachments are not."""
    halves = (b"Her NHS number is 943 476\r\n", b"5919, thanks")
    shown = [Part(str(n), Place.BODY, "text/plain", "", half) for n, half in enumerate(halves, 1)]
    identifier = Analyser().analyse("", shown).identifiers[0]
    assert (identifier.value, identifier.evidence.part, identifier.evidence.text) == ("9434765919", "1", "943 476")
    apart = [Part(str(n), Place.ATTACHMENT, "text/plain", "", half) for n, half in enumerate(halves, 1)]
    assert Analyser().analyse("", apart).identifiers == ()


@pytest.mark.parametrize(
    "text",
    [
        "NHS clinic on 14.03.2026 16:04, or 14/03/2026 16:00 to 16:16",
        "NHS helpline, call +44 943 47 65 919",
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
