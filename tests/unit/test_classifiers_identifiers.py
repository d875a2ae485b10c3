"""NHS numbers, National Insurance numbers, bank accounts, council IDs, dates of birth."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.analysis import Analyser, analyse_document
from classifiers.extract.reading import clean
from classifiers.identifiers import Identifiers, nhs_valid
from classifiers.limits import Limits
from domain.model import Category, IdentifierKind, PageText, Part, Place

NHS, NI = IdentifierKind.NHS_NUMBER, IdentifierKind.NATIONAL_INSURANCE
BANK, BIRTH, COUNCIL = IdentifierKind.BANK_ACCOUNT, IdentifierKind.DATE_OF_BIRTH, IdentifierKind.COUNCIL_ID
CARD, POSTCODE, PHONE = IdentifierKind.PAYMENT_CARD, IdentifierKind.POSTCODE, IdentifierKind.PHONE
EMAIL, UPRN = IdentifierKind.EMAIL, IdentifierKind.UPRN


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


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Card number 4929 1234 5678 9015 exp 04/29", CARD, "4929123456789015"),
        ("paid by debit card ending - long number: 5425233430109903", CARD, "5425233430109903"),
        ("4929-1234-5678-9015", CARD, "4929123456789015"),  # in a card's own groups
        ("Amex 3782 822463 10005", CARD, "378282246310005"),
        ("maestro card 6759649826438453", CARD, "6759649826438453"),
        ("Winchester SO23 8UJ", POSTCODE, "SO23 8UJ"),
        ("WINCHESTER SO238UJ", POSTCODE, "SO23 8UJ"),
        ("London W1A 1AA", POSTCODE, "W1A 1AA"),
        ("postcode: so23 8uj", POSTCODE, "SO23 8UJ"),
        ("Tel: 01962 841841", PHONE, "+441962841841"),
        ("mobile 07700 900123.", PHONE, "+447700900123"),
        ("(020) 7946 0018", PHONE, "+442079460018"),
        ("+44 (0)1962 841 841", PHONE, "+441962841841"),
        ("0044 1962 841841", PHONE, "+441962841841"),
        ("tel 016977 2345", PHONE, "+44169772345"),
        ("+33 1 70 18 99 00", PHONE, "+33170189900"),
        ("Write to Olu.Ade@Council.example.", EMAIL, "olu.ade@council.example"),
        ("<o'neil@a-b.example>", EMAIL, "o'neil@a-b.example"),
        ("UPRN: 100060004587", UPRN, "100060004587"),
        ("Unique Property Reference Number (UPRN) 010008023451", UPRN, "10008023451"),
        ("DOB 03 04 1961", BIRTH, "1961-04-03"),
        ("sort code 12\u201334\u201356, a/c 12345678", BANK, "12345612345678"),
    ],
)
def test_cards_and_how_somebody_is_reached(text: str, kind: IdentifierKind, value: str) -> None:
    """Checked by their own rules; normalised."""
    assert found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "card number 4929 1234 5678 9014",  # check digit
        "card number 9929 1234 5678 9017",  # no issuer's
        "Library card 4929 1234 5678 9015",
        "order 4929123456789015",
        "4929123456789015",  # nothing says card, and not in groups
        "our tracking number: 4929 1234 5678 9015",
        "QQ12 3AB",  # no area
        "SO23 8UC",  # no such inward letters
        "purchase order AB12 3CD",
        "so23 8uj",
        "invoice 01962 841841",
        "01962 8418",
        "00000 000000",
        "0191 on 12/03/2026",
        "minutes 2026-01962841841",
        "rowan at council dot example, or @council",
        "UPRN to follow, 12 Mill Lane",
        "Serial no: AB123456C",
        "NHS trust invoice 9434765919",
        "The group was born out of a meeting on 03/04/2014",
        "her birthday party is on 03/04/2026",
    ],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    """Order numbers, meters, library cards, days of meetings."""
    assert found(text) == []


def test_a_number_is_not_told_twice() -> None:
    """What is an NHS number is not somebody's telephone too."""
    assert [k for k, _ in found("NHS number 0943 476 5919 or 943 476 5919")].count(NHS) == 1


@pytest.mark.parametrize("text", ["Tel 01962 841841, Winchester SO23 8UJ, olu@council.example, UPRN 100060004587"])
def test_a_signature_makes_no_mail_confidential(text: str) -> None:
    """Evidence in the analysis, and no finding."""
    analysis = analyse_document(f"Dear all, the rota is attached.\n\n{text}\n".encode(), place=Place.BODY)
    assert {i.kind for i in analysis.identifiers} == {PHONE, POSTCODE, EMAIL, UPRN}
    assert all(i.kind.everyday for i in analysis.identifiers)
    assert analysis.findings == ()


def test_a_card_number_makes_one() -> None:
    """As bank details do."""
    analysis = analyse_document(b"Her card number is 4929 1234 5678 9015", place=Place.BODY)
    assert [(f.category, f.likelihood) for f in analysis.findings] == [(Category.OTHER_PERSONAL, 0.7)]


def test_a_long_list_of_telephones_can_be_read() -> None:
    """They decide nothing, so there may be any number of them; only so many are told."""
    listed = "\n".join(f"Tel 01962 {n:06}" for n in range(800_000, 803_000))
    analysis = analyse_document(listed.encode(), place=Place.BODY)
    assert analysis.unreadable == ()
    assert len(analysis.identifiers) == Limits().identifiers
