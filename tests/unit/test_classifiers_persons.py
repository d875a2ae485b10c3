"""Whether a text speaks of one person: records do, topics do not."""

from __future__ import annotations

import pytest

from classifiers.analysis import Analyser, analyse_document
from classifiers.documents import personal, rules
from classifiers.documents.document import Document
from classifiers.documents.persons import spoken_of
from classifiers.documents.tally import tally
from domain.model import Category, PageText, Part, Place


@pytest.mark.parametrize(
    "text",
    [
        "She would not eat.",
        "I told him twice.",
        "Re: Mrs O'Dwyer, your letter of the 4th",
        "Dr A. B. Achterberg will see you",
        "The patient denies chest pain.",
        "A 54 year old with a cough",
    ],
)
def test_one_person_is_spoken_of(text: str) -> None:
    """By a pronoun, a title with a name, a patient who was or did something, an age."""
    assert spoken_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "Epilepsy is common in people with a learning disability.",
        "The carer gives his or her consent; each person signs for himself/herself.",
        "Patients who are unwell should ring. The patient's rights are on page 3.",
        "Wheelchair, self-propelled  GBP 8.00",
        "They are told when their review is due.",
        "",
    ],
)
def test_a_topic_is_nobody(text: str) -> None:
    """Pairs of pronouns, plurals, goods."""
    assert not spoken_of(text)


BLANK = """AUTHORISATION TO DISCLOSE INFORMATION
Permission to share information
I give permission for my records to be released. Information to be disclosed: all.
I understand that I can withdraw. Purpose of disclosure. Withdrawing permission."""


def most(text: str, category: Category) -> float:
    analyser = Analyser(classifiers=(rules.classify, personal.classify))
    found = analyser.analyse("", [Part("1", Place.ATTACHMENT, "text/plain", "", text.encode(), "utf-8")]).findings
    return max((f.likelihood for f in found if f.category is category), default=0.0)


def test_rules_call_nobodys_form_no_record() -> None:
    """The same form fires as soon as somebody's name stands in it."""
    assert 0.05 < most(BLANK, Category.PERMISSION_FORM) < 0.5
    assert most(BLANK + "\nName: Rowan Applegarth\nDate of birth: 14/03/1986", Category.PERMISSION_FORM) >= 0.5


def test_an_account_to_pay_into_is_the_writers() -> None:
    """On an invoice it is the supplier's; beside somebody's name or pronoun it is theirs."""
    invoice = "Invoice 40781. Gloves, 12 boxes. Please pay by transfer: sort code 20-00-00, account number 11223344."
    assert most(invoice, Category.OTHER_PERSONAL) < 0.5
    theirs = "Please pay his rent from now on into his account: sort code 20-00-00, account number 11223344."
    assert most(theirs, Category.OTHER_PERSONAL) >= 0.5
    named = "Please pay Rowan's allowance into sort code 20-00-00, account number 11223344."
    assert most(named, Category.OTHER_PERSONAL) >= 0.5
    alone = "Sort code 20-00-00, account number 11223344."
    assert most(alone, Category.OTHER_PERSONAL) >= 0.5


def test_a_long_text_about_a_topic_says_less_than_a_short_one() -> None:
    """A leaflet's words of illness are what it is about; "dementia" in a line beside a name is somebody's."""
    leaflet = "Dementia, depression and diabetes are common in later life. Ask a chemist about medication. " * 8
    assert most(leaflet, Category.OTHER_PERSONAL) < 0.25
    assert most("Rowan: dementia, depression.", Category.OTHER_PERSONAL) >= 0.25
    assert most(leaflet + "She takes sertraline for it.", Category.OTHER_PERSONAL) >= 0.25


def test_an_invoice_passes_all_layers() -> None:
    """Through the whole analysis, the model among it."""
    invoice = b"""HARLOW HYGIENE LTD  INVOICE 40781  Tax point 3 June  Your order PO 77102
12 gloves, nitrile, box of 100  4.15  49.80
6 hand gel 500 ml  2.60  15.60
Net 65.40  VAT 13.08  TOTAL 78.48
Please pay by transfer within 30 days to sort code 20-00-00, account number 11223344, quoting 40781."""
    assert not [f for f in analyse_document(invoice, "invoice.txt", "text/plain").findings if f.likelihood >= 0.5]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("born 29/02/1980, moved 1.1.2005", ["29/02/1980", "1.1.2005"]),
        ("1980-02-29 and 2003-12-01", ["1980-02-29", "2003-12-01"]),
        ("49/12/1950, 9 / 10 / 1961", ["9 / 10 / 1961"]),
        ("01/02/03/1980, 12/12/2012, 1912-01-01, 12/03/19801, 5-12-1999-1", []),
        ("3980-02-29, 12980-02-29, x1999-01-01", ["1999-01-01"]),
    ],
)
def test_a_whole_date_of_long_ago_is_found_from_its_first_digit(text: str, found: list[str]) -> None:
    """Never from within a number, a longer date or a path."""
    page = PageText("1", Place.BODY, 1, text)
    findings = personal.classify(Document((page,), tally((page,)), ()))
    assert [e.text for f in findings for e in f.evidence if e.rule == "old-date"] == found
