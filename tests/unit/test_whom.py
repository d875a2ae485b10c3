"""Whom a mail means when it says less, or more, than a name: over real tables."""

from __future__ import annotations

from datetime import date

import pytest

from domain.model import (
    Address,
    Analysis,
    Category,
    Evidence,
    Finding,
    Identifier,
    IdentifierKind,
    PageText,
    Place,
)
from domain.subjects import Match, MatchedBy, Mention, Role, SubjectMatch, match
from register import models as m
from register import recording
from register.lookup import DatabaseRegister
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")
OFFICER, CARER = Address.of("olu@council.example"), Address.of("cara@carers.example")
STRANGER = Address.of("somebody@else.example")
PEOPLE = (
    ("rowan", "Rowan Applegarth", date(1986, 3, 14)),
    ("rowan2", "Rowan Thistlewood", date(1990, 1, 1)),
    ("ann", "Ann Lee", date(1980, 2, 29)),
    ("bernice", "Bernice Hollowell", date(1971, 1, 30)),
    ("sarah", "Sarah Johnson", date(1955, 5, 5)),
    *((f"j{n}", f"{first} Johnson", None) for n, first in enumerate(("Amy", "Beth", "Carl"))),
)


@pytest.fixture
def register() -> DatabaseRegister:
    officer = m.Party.objects.create(code="O-1", kind="officer", name="Olu Ade", email=OFFICER.key)
    home = m.Household.objects.create(code="H-1")
    m.Party.objects.create(code="C-1", kind="carer", name="Cara Jones", email=CARER.key, household=home)
    for number, (ref, name, born) in enumerate(PEOPLE):
        theirs = officer if ref in {"rowan", "sarah"} else None
        person = m.Person.objects.create(ref=ref, council_id=f"SL-{number:05}", date_of_birth=born, officer=theirs)
        m.PersonName.objects.create(person=person, name=name)
        if ref == "ann":
            m.Placement.objects.create(person=person, household=home, starts=date(2020, 1, 1))
    return DatabaseRegister(["council.example"])


def body(text: str, *, telling: str = "seizure") -> Analysis:
    """A mail's own words, with what the classifiers make of them."""
    at = text.find(telling)
    evidence = Evidence("1", Place.BODY, "health-word", telling, 1, at, at + len(telling))
    findings = (Finding("1", Category.OTHER_PERSONAL, 0.3, (evidence,)),) if at >= 0 else ()
    return Analysis(texts=(PageText("1", Place.BODY, 1, text),), findings=findings)


def whom(mentions: tuple[Mention, ...]) -> list[tuple[MatchedBy, set[str]]]:
    return [(mention.by, set(mention.people)) for mention in mentions]


HINT = MatchedBy.CONTEXT


@pytest.mark.parametrize(
    ("text", "near", "people"),
    [
        ("Rowan had a seizure.", (OFFICER, STRANGER), {"rowan"}),
        ("Hello all,\nRowan's seizure was bad", (OFFICER, STRANGER), {"rowan"}),
        ("RA had a seizure.", (OFFICER, STRANGER), {"rowan"}),
        ("I hear that Annie had a seizure.", (STRANGER, CARER), {"ann"}),
        ("Rowan had a seizure.", (STRANGER,), None),  # nobody there knows a Rowan
        ("Dear Rowan,\n\nshe had a seizure.", (OFFICER,), None),
        ("Rowan\n\nshe had a seizure.", (OFFICER,), None),
        ("She had a seizure.\n\nRegards\nRowan", (OFFICER,), None),
        ("Rowan Atkinson had a seizure.", (OFFICER,), None),
        ("Mary Rowan had a seizure.", (OFFICER,), None),
        ("Rowan comes on Friday.", (OFFICER,), None),  # nothing is given away
        ("Rowan comes on Friday. " + "And so on. " * 200 + "A seizure is a medical matter.", (OFFICER,), None),
    ],
)
def test_a_first_name_means_whom_the_sender_or_a_recipient_looks_after(
    register: DatabaseRegister, text: str, near: tuple[Address, ...], people: set[str] | None
) -> None:
    """Beside words that give something away; never whoever is greeted or signs, nor somebody with another surname."""
    assert whom(register.mentions(body(text), near)) == ([(HINT, people)] if people else [])


def test_a_first_name_means_whom_a_support_carer_stands_in_for(register: DatabaseRegister) -> None:
    """Also after they have stood in; and whom a carer lived with before moving."""
    home = m.Household.objects.create(code="H-2")
    sid = m.Party.objects.create(code="C-2", kind="carer", name="Sid", email="sid@carers.example", household=home)
    analysis, near = body("Annie had a seizure."), (STRANGER, Address.of(sid.email))
    assert not register.mentions(analysis, near)
    support = m.Support.objects.create(
        party=sid, household=m.Household.objects.get(code="H-1"), starts=date(2020, 1, 1)
    )
    assert whom(register.mentions(analysis, near)) == [(HINT, {"ann"})]
    support.delete()
    recording.move_carer("C-2", "H-1", date(2021, 1, 1), NOW)
    recording.move_carer("C-2", "H-2", date(2022, 1, 1), NOW)
    assert whom(register.mentions(analysis, near)) == [(HINT, {"ann"})]


@pytest.mark.parametrize(
    ("text", "team", "colleagues", "people"),
    [
        ("Bernice had a seizure.", "T-1", "T-1", {"bernice"}),
        ("Bernice had a seizure.", None, None, {"bernice"}),  # without teams the service is one
        ("Bernice had a seizure.", "T-1", "T-2", None),
        ("Bernice had a seizure.", "T-1", None, None),
        ("BH had a seizure.", "T-1", "T-1", None),  # initials are too often something else
        ("Amy had a seizure.", "T-1", "T-1", None),  # one of two: nobody can say which
        ("Rowan had a seizure.", "T-1", "T-1", {"rowan"}),  # the officer's own comes first
    ],
)
def test_a_first_name_means_the_only_one_on_a_colleagues_caseload(
    register: DatabaseRegister, text: str, team: str | None, colleagues: str | None, people: set[str] | None
) -> None:
    """An officer who stands in for another writes about their people; whoever is no officer stands in for nobody."""
    teams = {code: m.Team.objects.create(code=code) for code in ("T-1", "T-2")} | {None: None}
    olu, other = m.Party.objects.get(code="O-1"), m.Party(code="O-2", kind="officer", name="Ola", email="ola@c.example")
    for row, code in ((olu, team), (other, colleagues)):
        row.team = teams[code]
        row.save()
    amy = m.Person.objects.create(ref="amy2", council_id="SL-99999")
    m.PersonName.objects.create(person=amy, name="Amy Whitlow")
    for person in m.Person.objects.filter(ref__in=["bernice", "rowan2", "j0", "amy2"]):
        person.officer = other
        person.save()
    assert whom(register.mentions(body(text), (OFFICER, STRANGER))) == ([(HINT, people)] if people else [])
    assert not register.mentions(body("Bernice had a seizure."), (STRANGER, CARER))


def test_a_first_name_means_who_is_named_in_full_elsewhere(register: DatabaseRegister) -> None:
    """Before anybody whom the officer looks after."""
    analysis = body("Rowan Thistlewood came. Later Rowan had a seizure.")
    assert whom(register.mentions(analysis, (OFFICER,))) == [(MatchedBy.NAME, {"rowan2"})]


def test_a_subject_line_or_the_name_of_a_file_may_hold_a_first_name(register: DatabaseRegister) -> None:
    """Where the file is confidential: the wrong file is how breaches happen."""
    texts = (
        PageText("subject", Place.SUBJECT_LINE, 1, "Rowan - letter"),
        PageText("2#name", Place.FILE_NAME, 1, "rowan letter.pdf"),
        PageText("3#name", Place.FILE_NAME, 1, "Rowan.pdf"),
        PageText("2", Place.ATTACHMENT, 1, "Re: Ann Lee, a letter"),
    )
    letter = Finding("2", Category.MEDICAL, 0.9, (Evidence("2", Place.ATTACHMENT, "title", "letter"),))
    found = match(register.mentions(Analysis(texts=texts, findings=(letter,)), (OFFICER,)))
    assert [e.part for e in found.disagreement] == ["subject"]
    assert found.hinted == {"rowan"}


@pytest.mark.parametrize(
    ("name", "day", "by"),
    [
        ("Sarah Johnsen", "1955-05-05", MatchedBy.NAME_AND_BIRTH),
        ("Sara Jonson", "1955-05-05", MatchedBy.NAME_AND_BIRTH),
        ("SJ", "1955-05-05", MatchedBy.NAME_AND_BIRTH),
        ("Sarah Johnsen", "1955-05-06", None),
        ("SJ", "1955-05-06", None),
    ],
)
def test_the_date_of_birth_confirms_less_than_a_name(
    register: DatabaseRegister, name: str, day: str, by: MatchedBy | None
) -> None:
    """A slip, two slips, initials."""
    text = f"Name: {name} DOB {day}"
    start = text.index(day)
    evidence = Evidence("2", Place.ATTACHMENT, "date-of-birth", day, 1, start, start + len(day))
    analysis = Analysis(
        texts=(PageText("2", Place.ATTACHMENT, 1, text),),
        identifiers=(Identifier(IdentifierKind.DATE_OF_BIRTH, day, evidence),),
    )
    assert {m.by for m in register.mentions(analysis) if m.people} == ({by} if by else set())
    assert {p for m in register.mentions(analysis) for p in m.people} == ({"sarah"} if by else set())


def test_a_slip_means_whom_the_sender_looks_after(register: DatabaseRegister) -> None:
    """Nobody else: somebody's real name may be one letter away."""
    text = body("Sarah Johnsen was here")
    assert whom(register.mentions(text, (OFFICER,))) == [(MatchedBy.NAME, {"sarah"})]
    assert whom(register.mentions(text, (STRANGER,))) == []


def about(register: DatabaseRegister, text: str) -> SubjectMatch:
    return match(register.mentions(Analysis(texts=(PageText("2", Place.ATTACHMENT, 1, text),))))


def test_a_worker_who_has_somebodys_name_is_not_that_person(register: DatabaseRegister) -> None:
    """By the words beside the name."""
    found = about(register, "Re: Bernice Hollowell\n\nCarer: Ann Lee\nSeen by Dr Rowan Applegarth\n")
    assert found.people == {"bernice"}
    assert [m.role for m in found.bystanders] == [Role.CARER, Role.PROFESSIONAL]


def test_a_name_that_stands_unmarked_as_well_stays_somebodys(register: DatabaseRegister) -> None:
    """Unless the register knows a worker of that name; then it is the worker throughout."""
    text = "Re: Bernice Hollowell\n\nCarer: Ann Lee\n\nThen at the weekend they went to the sea with Ann Lee.\n"
    assert about(register, text).people == {"bernice", "ann"}
    home = m.Household.objects.get(code="H-1")
    m.Party.objects.create(code="C-9", kind="carer", name="Ann Lee", email="ann@carers.example", household=home)
    assert about(register, text).people == {"bernice"}
    assert about(register, text.replace("Carer: Ann", "Name: Ann")).people == {"bernice", "ann"}


def test_what_could_be_read_in_two_ways_needs_the_register(register: DatabaseRegister) -> None:
    """Who told the officer Ann Lee had fallen speaks of Ann Lee, if no officer is called so."""
    text = "They rang at noon, and told the officer Ann Lee had fallen."
    assert about(register, text).people == {"ann"}
    m.Party.objects.create(code="O-9", kind="officer", name="Ann Lee", email="ann.lee@council.example")
    assert about(register, text).people == frozenset()


def test_who_is_named_most_often_is_whom_it_is_about(register: DatabaseRegister) -> None:
    """Where no label says it; another resident is merely mentioned, and still in it."""
    text = "One long day with Ann Lee.\n" * 3 + "x " * 200 + "In the house of Ann Lee also lives Bernice Hollowell."
    found = about(register, "x " * 200 + text)
    assert {tuple(m.people): m.role for m in found.mentions} == {
        ("ann",): Role.ABOUT,
        ("bernice",): Role.MENTIONED,
    }
    assert (found.match, found.unsure) == (Match.SEVERAL, {"ann", "bernice"})


def test_a_piece_of_a_sure_name_is_nobody_else(register: DatabaseRegister) -> None:
    """Mary Ann Lee with her date of birth: not also Ann Lee."""
    mary = m.Person.objects.create(ref="mary", council_id="SL-00099", date_of_birth=date(1944, 4, 4))
    m.PersonName.objects.create(person=mary, name="Mary Lee")
    assert about(register, "x " * 200 + "Then Mary Ann Lee (04/04/1944) came in.").people == {"mary"}


def test_the_name_of_a_worker_is_known_at_once(register: DatabaseRegister) -> None:
    """Nothing about parties is kept from one mail to the next."""
    text = "They rang at noon, and told the officer Ann Lee had fallen."
    party = m.Party.objects.create(code="O-9", kind="officer", name="Ann Lee", email="ann.lee@council.example")
    assert about(register, text).people == frozenset()
    party.delete()
    assert about(register, text).people == {"ann"}
