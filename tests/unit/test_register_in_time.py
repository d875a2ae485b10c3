"""What changes while its row stays: a mailbox, a carer's home, whose officer somebody is, what a line lets know."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from domain.model import Address, Category
from domain.permission import Circle, PermissionState, Relation, ReviewIntervals, relation, state
from register import as_known, circle, due, recording
from register import models as m
from register.acting import acting
from register.recording import Form, Impossible, Line
from tests.build import RULES
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")
DAY, HOUR, TODAY = timedelta(days=1), timedelta(hours=1), NOW.date()
YESTERDAY, TOMORROW = TODAY - DAY, TODAY + DAY
CARA, NEW = Address.of("cara@carers.example"), Address.of("cara@new.example")
REVIEWS = ReviewIntervals()


@pytest.fixture
def carer() -> m.Party:
    """Cara, whose home is H-1, where Ann lives; Ben lives in H-2."""
    with acting("tests", at=NOW - 100 * DAY):
        homes = [m.Household.objects.create(code=code) for code in ("H-1", "H-2")]
        for code, home in zip(("SL-1", "SL-2"), homes, strict=True):
            person = m.Person.objects.create(ref=f"p-{code}", council_id=code)
            m.Placement.objects.create(person=person, household=home, starts=date(2020, 1, 1))
        return m.Party.objects.create(code="C-1", kind="carer", name="Cara", email=CARA.key, household=homes[0])


def read(on: date, *, known: int = 0) -> Circle:
    """Of that day's noon; known: days from now by which it was recorded, 0 for the rows as they are."""
    at = NOW + (on - TODAY)
    asked = ["p-SL-1", "p-SL-2"], [CARA, NEW], at, frozenset[str]()
    return as_known.read(*asked, known_at=NOW + known * DAY) if known else circle.read(*asked)


def of_whom(on: date, *, known: int = 0, by: Address = CARA) -> str:
    """Whose carer they are that day."""
    found = read(on, known=known)
    (party,) = found.parties[by]
    return " ".join(ref for ref, facts in found.people.items() if relation(party, facts) is Relation.CURRENT_CARER)


def test_a_carer_who_moves_is_theirs_with_whom_they_live_that_day(carer: m.Party) -> None:
    """Before, of those before; planned ahead, from the day on; and nobody is both at once."""
    recording.move_carer("C-1", "H-2", TOMORROW, NOW)
    for known in (0, 1):
        assert of_whom(TODAY - 50 * DAY, known=known) == of_whom(TODAY, known=known) == "p-SL-1"
        assert of_whom(TOMORROW, known=known) == of_whom(TODAY + 900 * DAY, known=known) == "p-SL-2"
    assert of_whom(TOMORROW, known=-1) == "p-SL-1"


def test_a_move_that_is_called_off_leaves_no_trace_in_the_present(carer: m.Party) -> None:
    """What was planned ends before it begins."""
    recording.move_carer("C-1", "H-2", TODAY + 10 * DAY, NOW)
    recording.move_carer("C-1", "H-1", TODAY, NOW + HOUR)
    assert of_whom(TODAY) == of_whom(TODAY + 20 * DAY) == "p-SL-1"
    assert of_whom(TODAY + 20 * DAY, known=1) == "p-SL-1"
    assert [(e.household.code, e.ends) for e in m.EarlierHousehold.objects.all()] == [("H-1", YESTERDAY)]


def test_a_move_began_later_than_was_thought(carer: m.Party) -> None:
    """The same household from another day puts right when it began; between the two there is no gap."""
    recording.move_carer("C-1", "H-2", TODAY - 20 * DAY, NOW)
    recording.move_carer("C-1", "H-2", TODAY - 5 * DAY, NOW)
    assert of_whom(TODAY - 6 * DAY) == "p-SL-1"
    assert of_whom(TODAY - 5 * DAY) == "p-SL-2"
    recording.move_carer("C-1", "H-2", TODAY - 9 * DAY, NOW)
    assert of_whom(TODAY - 9 * DAY) == "p-SL-2"
    assert of_whom(TODAY - 10 * DAY) == "p-SL-1"


def test_whoever_changes_a_home_and_says_no_day_means_now(carer: m.Party) -> None:
    """Also one who sends back a day that they have only read."""
    row, other = m.Party.objects.get(code="C-1"), m.Household.objects.get(code="H-2")
    row.household = other
    with acting("case system", at=NOW):
        row.save()
    assert (row.household_from, of_whom(YESTERDAY), of_whom(TODAY)) == (TODAY, "p-SL-1", "p-SL-2")
    row.household = m.Household.objects.get(code="H-1")
    with acting("case system", at=NOW + 3 * DAY):
        row.save()
    assert [of_whom(TODAY + n * DAY) for n in (-1, 0, 2, 3)] == ["p-SL-1", "p-SL-2", "p-SL-2", "p-SL-1"]


def test_a_mailbox_is_theirs_from_a_day_on_and_the_old_one_nobodys(carer: m.Party) -> None:
    """An address that was given up may be anybody's tomorrow."""
    recording.change_mailbox("C-1", " Cara@New.Example ", TODAY, NOW)
    for known in (0, 1):
        assert set(read(YESTERDAY, known=known).parties) == {CARA}
        assert set(read(TODAY, known=known).parties) == {NEW}
    with pytest.raises(Impossible) as wrong:
        recording.change_mailbox("C-1", "cara", TODAY, NOW)
    assert "not complete" in wrong.value.public


def test_what_is_recorded_again_changes_nothing(carer: m.Party) -> None:
    """A retry is harmless."""
    person = m.Person.objects.get(council_id="SL-1")
    m.Party.objects.create(code="O-1", kind="officer", name="Olu", email="olu@council.example")
    for _ in range(2):
        recording.move_carer("C-1", "H-2", TODAY, NOW)
        recording.change_mailbox("C-1", NEW.text, TODAY, NOW)
        recording.give_officer("SL-1", "O-1", TODAY, NOW)
    assert [table.history.count() for table in (m.EarlierHousehold, m.EarlierMailbox)] == [1, 1]
    assert (m.Party.history.filter(code="C-1").count(), person.history.count()) == (3, 2)


def test_a_carer_alone_has_a_home_of_their_own() -> None:
    """Others have none that could change."""
    m.Household.objects.create(code="H-1")
    m.Party.objects.create(code="O-1", kind="officer", name="Olu", email="olu@council.example")
    with pytest.raises(Impossible) as wrong:
        recording.move_carer("O-1", "H-1", TODAY, NOW)
    assert wrong.value.public.startswith("Only a carer")


def test_reminders_go_to_whose_person_it_is_that_day(carer: m.Party) -> None:
    """To the mailbox that is theirs that day; also of the carer with whom the person lives that day."""
    for code in ("O-1", "O-2"):
        m.Party.objects.create(code=code, kind="officer", name=code, email=f"{code}@council.example".lower())
    with acting("tests", at=NOW - 50 * DAY):
        recording.give_officer("SL-1", "O-1", TODAY - 50 * DAY, NOW - 50 * DAY)
    recording.give_officer("SL-1", "O-2", TOMORROW, NOW)
    recording.change_mailbox("O-2", "o-2@new.example", TODAY + 3 * DAY, NOW)
    told = [next(d.officers for d in due.read(NOW + n * DAY, RULES) if d.about == "C-1") for n in range(4)]
    assert told == [
        ("o-1@council.example",), ("o-2@council.example",), ("o-2@council.example",), ("o-2@new.example",)
    ]  # fmt: skip
    recording.move_carer("C-1", "H-2", TOMORROW, NOW)
    told = [next(d.officers for d in due.read(NOW + n * DAY, RULES) if d.about == "C-1") for n in range(2)]
    assert told == [("o-1@council.example",), ()]


def states(category: Category, *instants: object, known_at: object = None) -> list[PermissionState]:
    found = []
    for at in instants:
        asked = ["p-SL-1"], [CARA], at, frozenset[str]()
        said = as_known.read(*asked, known_at=known_at) if known_at else circle.read(*asked)
        found.append(state(CARA, said.parties[CARA][0], said.people["p-SL-1"], category, at, REVIEWS))
    return found


def test_a_line_that_was_changed_let_know_before_what_it_said_before(carer: m.Party) -> None:
    """Each time it was changed; as far as was recorded at a time, too."""
    form = Form("F-1", "SL-1", TODAY - 10 * DAY, (Line("C-1", frozenset({Category.MEDICAL})),))
    recording.record_permission(form, NOW - 9 * DAY, REVIEWS)
    recording.change_grants("F-1", [Line("C-1", frozenset({Category.FINANCIAL}))], NOW - 5 * DAY)
    recording.change_grants("F-1", [Line("C-1", frozenset(Category))], NOW)
    instants = NOW - 9 * DAY, NOW - 5 * DAY, NOW - HOUR, NOW
    granted, not_covered = PermissionState.GRANTED, PermissionState.NOT_COVERED
    for known_at in (None, NOW):
        assert states(Category.MEDICAL, *instants, known_at=known_at) == [granted, not_covered, not_covered, granted]
        assert states(Category.FINANCIAL, *instants, known_at=known_at) == [not_covered, granted, granted, granted]
    assert states(Category.FINANCIAL, NOW, known_at=NOW - 6 * DAY) == [not_covered]


def test_no_two_facts_are_recorded_for_one_time(carer: m.Party) -> None:
    """Neither beside the present one, nor beside another earlier one."""
    home = m.Household.objects.get(code="H-2")
    with pytest.raises(ValidationError, match="say since when"):
        m.EarlierHousehold.objects.create(party=carer, household=home, ends=YESTERDAY)
    recording.move_carer("C-1", "H-1", TODAY, NOW)
    carer.refresh_from_db()
    for starts, ends in ((None, TODAY), (TODAY - 9 * DAY, TODAY)):
        with pytest.raises(ValidationError, match="before the present one"):
            m.EarlierHousehold.objects.create(party=carer, household=home, starts=starts, ends=ends)
    m.EarlierHousehold.objects.create(party=carer, household=home, starts=TODAY - 9 * DAY, ends=TODAY - 2 * DAY)
    for starts, ends in ((None, TODAY - 9 * DAY), (TODAY - 2 * DAY, YESTERDAY), (TODAY - 5 * DAY, TODAY - 4 * DAY)):
        with pytest.raises(ValidationError, match="something else is recorded"):
            m.EarlierHousehold.objects.create(party=carer, household=home, starts=starts, ends=ends)
    with pytest.raises(ValidationError, match="end before it starts"):
        m.EarlierHousehold.objects.create(party=carer, household=home, starts=YESTERDAY, ends=TODAY - 9 * DAY)
    assert of_whom(TODAY - 2 * DAY) == "p-SL-2"
    assert of_whom(YESTERDAY) == ""
