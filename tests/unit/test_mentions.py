"""Whom a text means: looser spellings of a registered name, dates of birth with and without a label."""

from __future__ import annotations

from datetime import date

import pytest

from domain.model import Analysis, Evidence, Identifier, IdentifierKind, PageText, Place
from domain.subjects import MatchedBy
from register.lookup import DatabaseRegister
from register.models import Person, PersonName
from register.names import Names

pytestmark = pytest.mark.usefixtures("database")

PEOPLE = (
    ("SL-00002", "Ben Moss", date(1975, 5, 1)),
    ("SL-00003", "Ben Moss", date(1990, 6, 1)),
    ("SL-00009", "Zoe Park", None),
)


@pytest.fixture
def register() -> DatabaseRegister:
    for council_id, name, born in PEOPLE:
        person = Person.objects.create(ref=council_id.lower(), council_id=council_id, date_of_birth=born)
        PersonName.objects.create(person=person, name=name)
    return DatabaseRegister(["council.example"])


def page(text: str, part: str = "2") -> PageText:
    return PageText(part, Place.ATTACHMENT, 1, text)


@pytest.mark.parametrize(
    ("text", "found", "people"),
    [
        ("then Ann Jane Lee came", "Ann Jane Lee", "a"),
        ("Ann J. Lee", "Ann J. Lee", "a"),
        ("ANN JANE MARY LEE", "ANN JANE MARY LEE", "a"),
        ("to Ann Jane\r\nLee's carer", "Ann Jane\r\nLee's", "a"),
        ("A. Lee has", "A. Lee", "a"),
        ("A.J. Lee has", "A.J. Lee", "a"),
        ("Lee, A.", "Lee, A", "a"),
        ("Ms Lee told us", "Ms Lee", "a"),
        ("mrs. lee told us", "mrs. lee", "a"),
        ("Miss Moss", None, ""),
        ("B Hope", None, ""),
        ("Miss Hope", None, ""),
        ("Bea Mary Hope", "Bea Mary Hope", "h"),
        ("Mary Finch", "Mary Finch", "m"),
        ("Mary Jane Beth Finch", "Mary Jane Beth Finch", "m"),
        ("B. Moss", "B. Moss", "b2 b"),
        ("C. Lee", None, ""),
        ("Lee told us", None, ""),
        ("Ann told us", None, ""),
        ("AL told us", None, ""),
        ("Ann Jane. Lee Valley", None, ""),
        ("Ann met Lee", None, ""),
        ("Ann Jane\n\nLee", None, ""),
        ("Ann Jane Mary Beth Lee", None, ""),
    ],
)
def test_a_surname_with_what_stands_beside_it(text: str, found: str | None, people: str) -> None:
    """Middle names, initials, a title where one alone bears it; never a first name, a surname or initials alone."""
    bearers = [("a", "Ann Lee"), ("b", "Ben Moss"), ("b2", "Bob Moss"), ("h", "Bea Hope"), ("m", "Mary Beth Finch")]
    hits = [(text[h.start : h.end], h.people) for h in Names(bearers).find(text) if not h.faint]
    assert hits == ([(found, frozenset(people.split()))] if found else [])


def test_a_whole_name_is_not_found_again_by_its_parts() -> None:
    """Whoever has the name as it stands is meant, not those who have part of it."""
    names = Names([("a", "Mary Ann Lee"), ("b", "Mary Lee"), ("c", "Ann Lee")])
    assert [h.people for h in names.find("Mary Ann Lee")] == [{"a"}, {"c"}]
    assert [h.people for h in names.find("Mary Jo Lee")] == [{"a", "b"}]


def test_a_long_row_of_surnames_is_read_in_one_pass() -> None:
    """Every word is a surname: each is weighed once, with the few words before it."""
    assert len(list(Names([("a", "Ann Lee")]).find("Ms Lee " * 50_000))) == 50_000


def test_a_bare_date_beside_the_name_says_who_it_is(register: DatabaseRegister) -> None:
    """As people write lists: name, day, address."""
    analysis = Analysis(texts=(page("Ben Moss, 01/05/1975, 4 Mill Lane"), page("Ben Moss, 02/05/1975", "3")))
    assert {(m.by, m.people) for m in register.mentions(analysis)} == {
        (MatchedBy.NAME_AND_BIRTH, frozenset({"sl-00002"})),
        (MatchedBy.NAME, frozenset({"sl-00002", "sl-00003"})),
    }


def births(
    *parts: str, place: Place = Place.ATTACHMENT, rule: str = "date-of-birth", day: str = "1944-04-04"
) -> tuple[Identifier, ...]:
    """A date of birth in each of the parts."""
    found = (Evidence(part, place, rule, day) for part in parts)
    return tuple(Identifier(IdentifierKind.DATE_OF_BIRTH, day, evidence) for evidence in found)


@pytest.mark.parametrize(
    ("identifiers", "strange"),
    [
        (births("3"), 1),
        (births("2"), 1),
        (births("3", place=Place.BODY), 0),
        (births("3", rule="birthday"), 0),
        (births("3", day="1975-05-01"), 0),
    ],
)
def test_a_date_of_birth_that_is_nobodys_who_is_named_is_a_strangers(
    register: DatabaseRegister, identifiers: tuple[Identifier, ...], strange: int
) -> None:
    """Labelled, in an attachment: somebody is described there whom the mail does not name."""
    mentions = register.mentions(Analysis(texts=(page("Ben Moss"),), identifiers=identifiers))
    assert [(m.by, m.evidence.rule) for m in mentions if not m.people] == [
        (MatchedBy.NAME_AND_BIRTH, "date-of-birth")
    ] * strange


def test_a_date_of_birth_may_be_hers_whose_own_was_never_recorded(register: DatabaseRegister) -> None:
    """Where the part names her surely; elsewhere it is a stranger's."""
    number = Identifier(IdentifierKind.COUNCIL_ID, "SL-00009", Evidence("3", Place.ATTACHMENT, "test", "SL-00009"))
    mentions = register.mentions(Analysis(identifiers=(number, *births("3", "4"))))
    assert [m.evidence.part for m in mentions if not m.people] == ["4"]
