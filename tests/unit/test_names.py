"""The ways in which people write names: short forms, accents and apostrophes, double names, slips, initials."""

from __future__ import annotations

import pytest

from register.kin import SHORT_FORMS, kin
from register.names import Names

NAMES = Names(
    [
        ("rowan", "Rowan Applegarth"),
        ("bernice", "Bernice Hollowell"),
        ("will", "William Hughes"),
        ("peg", "Margaret O'Neil"),
        ("anne", "Anne Smith-Jones"),
        ("jose", "José Núñez"),
        ("mary", "Mary-Ann Fletcher"),
        ("karl", "Karl van der Berg"),
        ("ford", "Mark Ford"),
        ("sarah", "Sarah Johnson"),
        ("james", "James Lawson"),
        ("ingrid", "Ingrid Lawson"),
        *((f"j{n}", f"{first} Johnson") for n, first in enumerate(("Amy", "Beth", "Carl"))),
    ]
)


def found(text: str, *, faint: bool = False) -> list[tuple[str, set[str]]]:
    return [(text[h.start : h.end], set(h.people)) for h in NAMES.find(text) if h.faint is faint]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Bill Hughes came", "will"),
        ("Hughes, Bill", "will"),
        ("Peggy O\u2019Neil", "peg"),
        ("Margaret ONeil", "peg"),
        ("Margaret O Neil", "peg"),
        ("Margaret O`Neil's", "peg"),
        ("Anne Jones", "anne"),
        ("Anne Smith", "anne"),
        ("SMITH-JONES, Anne", "anne"),
        ("Jose Nunez", "jose"),
        ("JOSÉ NÚÑEZ", "jose"),
        ("Jose\u0301 Nu\u0301n\u0303ez", "jose"),
        ("Maryann Fletcher", "mary"),
        ("Mr van der Berg", "karl"),
        ("Name\tRowan\tApplegarth", "rowan"),
        ("| Applegarth | Rowan |", "rowan"),
        ("Bernice Holowell", "bernice"),
        ("Bernise Hollowell", "bernice"),
        ("Holowell, Bernice", "bernice"),
        ("Rovvan App1egarth", "rowan"),
    ],
)
def test_is_found_however_it_is_written(text: str, who: str) -> None:
    """One person, and by nothing that needs more than the name."""
    hits = found(text)
    assert hits
    assert all(people == {who} for _, people in hits)


@pytest.mark.parametrize(
    "text",
    [
        "Bill met Hughes",
        "bill hughes",
        "Rowan Atkinson",
        "Sarah Johnston",  # one letter away, and many are called Johnson
        "Rowena Applegarth-Fields of Kent",
        "Joan Ford, Mark Hill",  # the end of one name and the beginning of the next
        "Hughes, D.O.B. 1/2/1960",
    ],
)
def test_is_nobody(text: str) -> None:
    """Somebody else's name, a list, a date of birth."""
    assert found(text) == []


def test_a_slip_that_may_be_another_name_is_faint() -> None:
    """It counts only with the date of birth, or for somebody whom the sender or a recipient knows."""
    assert found("Sarah Johnsen", faint=True) == [("Sarah Johnsen", {"sarah"})]


def test_a_longer_name_is_read_too_where_its_end_is_somebody_elses() -> None:
    """Ingrid James Lawson may be Ingrid Lawson; James Lawson is in it as well."""
    assert [p for _, p in found("Ingrid James Lawson")] == [{"james"}, {"ingrid"}]


def test_near_a_date_of_birth_less_is_enough() -> None:
    """Both names garbled, turned round, or initials: candidates that the day of birth has to confirm."""
    text = "Re: Holowel, Bernise (also RA and R A), DOB 30/01/1971"
    around = [(text[h.start : h.end], set(h.people)) for h in NAMES.around(text, 0, len(text))]
    assert ("Holowel, Bernise", {"bernice"}) in around
    assert [words for words, people in around if people == {"rowan"}] == ["R A", "RA"]
    assert all(h.faint for h in NAMES.around(text, 0, len(text)))


def test_an_empty_register_finds_nothing() -> None:
    assert list(Names([]).find("Rowan Applegarth")) == list(Names([]).around("Rowan Applegarth", 0, 9)) == []


def test_short_forms_go_both_ways() -> None:
    """Whichever of them the register has; nobody is their own short form."""
    assert "william" in kin("bill")
    assert "bill" in kin("william")
    assert kin("applegarth") == frozenset()
    assert all(name not in others for name, others in SHORT_FORMS.items())
    assert all(name == name.lower() and name.isalpha() for name in SHORT_FORMS)
