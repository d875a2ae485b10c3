"""When disposal may be proposed: one life after another, rule by rule."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.retention import load
from domain.errors import ConfigurationError
from domain.model import Category
from domain.retention import (
    RetentionPeriod,
    Trigger,
    Variant,
    begins,
    check,
    end_of_financial_year,
    first_guess,
    kept_until,
    retain_until,
)
from domain.retention_reckoning import ClassFacts, Event, Life, RecordFacts, Stay, reckon

SCHEDULE = load(Path("config/retention.toml"))
FILED = date(2026, 11, 23)
PLAIN = ClassFacts()
PLACED = Life((Stay(date(2020, 1, 1), None),), contact_on=FILED)
WROTE = Life((Stay(date(2020, 1, 1), date(2027, 5, 31)),), contact_on=date(2030, 1, 1))
ENDED = Life((Stay(date(2020, 1, 1), date(2027, 5, 31)),), contact_on=FILED)


def kept(name, life=PLACED, facts=PLAIN, used=FILED, schedule=SCHEDULE):
    """What counts for a record of one class about Ann."""
    return reckon(RecordFacts({name: facts}, used, frozenset({"ann"})), {"ann": life}, schedule)[0]


def said(found):
    return found.event, found.until


@pytest.mark.parametrize(
    ("name", "life", "event", "until"),
    [
        ("assessment", PLACED, Event.CARE_GOES_ON, None),
        ("assessment", ENDED, Event.END_OF_CARE, date(2035, 6, 1)),
        ("assessment", Life(contact_on=FILED), Event.NEVER_PLACED, None),
        ("assessment", Life(left_on=date(2027, 6, 30)), Event.END_OF_CARE, date(2035, 7, 1)),
        ("assessment", Life(ENDED.stays, left_on=date(2027, 6, 30)), Event.END_OF_CARE, date(2035, 7, 1)),
        ("assessment", Life(ENDED.stays, contact_on=date(2029, 2, 1)), Event.LAST_CONTACT, date(2037, 2, 2)),
        ("assessment", Life(left_on=date(2020, 1, 1), contact_on=FILED), Event.LAST_CONTACT, date(2034, 11, 24)),
        ("assessment", Life(known=False), Event.NOT_IN_THE_REGISTER, None),
        ("medical", PLACED, Event.CARE_GOES_ON, None),
        ("medical", Life(contact_on=date(2028, 2, 29)), Event.LAST_CONTACT, date(2048, 3, 1)),
        ("medical", ENDED, Event.END_OF_CARE, date(2047, 6, 1)),
        ("medical", Life(contact_on=FILED), Event.FILING, date(2046, 11, 24)),
        ("medical", Life(PLACED.stays, died_on=date(2028, 1, 1)), Event.DEATH, date(2038, 1, 2)),
        ("medical", Life(ENDED.stays, died_on=date(2028, 1, 1)), Event.DEATH, date(2038, 1, 2)),
        ("medical", Life(died_on=date(2028, 1, 1), contact_on=date(2029, 1, 1)), Event.LAST_CONTACT, date(2039, 1, 2)),
        ("assessment", Life(PLACED.stays, died_on=date(2028, 1, 1)), Event.END_OF_CARE, date(2036, 1, 2)),
        ("assessment", Life(ENDED.stays, died_on=date(2028, 1, 1)), Event.END_OF_CARE, date(2036, 1, 2)),
        ("placement-agreement", PLACED, Event.PLACEMENT_GOES_ON, None),
        ("placement-agreement", ENDED, Event.END_OF_PLACEMENT, date(2033, 6, 1)),
        ("placement-agreement", WROTE, Event.END_OF_PLACEMENT, date(2033, 6, 1)),
        ("placement-agreement", Life(ENDED.stays, date(2029, 1, 1)), Event.END_OF_PLACEMENT, date(2033, 6, 1)),
        ("placement-agreement", Life(left_on=date(2029, 1, 1)), Event.END_OF_PLACEMENT, date(2035, 1, 2)),
        ("placement-agreement", Life(), Event.NEVER_PLACED, None),
        ("placement-agreement", Life(PLACED.stays, died_on=date(2028, 1, 1)), Event.END_OF_PLACEMENT, date(2034, 1, 2)),
        ("incident", PLACED, Event.NOT_CLOSED, None),
        ("financial", PLACED, Event.FINANCIAL_YEAR, date(2033, 4, 1)),
        ("correspondence", Life(left_on=date(2020, 1, 1)), Event.FILING, date(2028, 11, 24)),
        ("an-old-class", PLACED, Event.NO_RULE, None),
    ],
)  # fmt: skip
def test_one_class_and_one_life(name, life, event, until):
    """The clock starts with the event of the class; while care goes on there is no day."""
    assert said(kept(name, life)) == (event, until)


def test_a_class_may_count_from_filing():
    """Whatever becomes of the people."""
    schedule = _without("assessment", trigger=Trigger.FILING)
    assert said(kept("assessment", PLACED, schedule=schedule)) == (Event.FILING, date(2034, 11, 24))


def test_a_deed_is_kept_twelve_years():
    """Limitation Act 1980 s.8 in place of s.5."""
    deed = kept("placement-agreement", ENDED, ClassFacts("deed"))
    assert (deed.years, deed.until, deed.source) == (
        12,
        date(2039, 6, 1),
        SCHEDULE["placement-agreement"].variants["deed"].source,
    )


@pytest.mark.parametrize(
    ("variant", "until"),
    [("", date(2037, 2, 2)), ("low-priority", date(2030, 2, 2)), ("high-priority", date(2057, 2, 2))],
)
def test_a_safeguarding_record_goes_by_its_priority_once_it_is_closed(variant, until):
    """3, 10 or 30 years."""
    assert said(kept("incident", facts=ClassFacts(variant, date(2027, 2, 1)))) == (Event.CLOSURE, until)


def test_a_case_closed_before_the_mail_counts_from_the_mail():
    """Filing again is use."""
    assert said(kept("complaint", facts=ClassFacts("", date(2020, 1, 1)))) == (Event.FILING, date(2036, 11, 24))


def test_a_variant_that_the_schedule_has_no_more_keeps_the_record():
    """Nothing is destroyed by a rule that nobody can read."""
    assert said(kept("complaint", facts=ClassFacts("gone", date(2020, 1, 1)))) == (Event.NO_RULE, None)


def test_the_death_rule_is_no_variant_that_somebody_could_choose():
    """It is for the dead."""
    assert kept("medical", PLACED, ClassFacts("after-death")).event is Event.NO_RULE


def test_who_comes_back_stops_the_clock():
    """A new placement after leaving; and it starts anew when that ends."""
    left = Life((Stay(date(2018, 1, 1), date(2020, 1, 1)),), left_on=date(2020, 1, 1))
    back = Life((*left.stays, Stay(date(2030, 1, 1), None)), left_on=left.left_on)
    gone = Life((*left.stays, Stay(date(2030, 1, 1), date(2031, 1, 1))), left_on=left.left_on)
    found = [said(kept("assessment", life, used=date(2019, 1, 1))) for life in (left, back, gone)]
    assert found == [
        (Event.END_OF_CARE, date(2028, 1, 2)), (Event.CARE_GOES_ON, None), (Event.END_OF_CARE, date(2039, 1, 2)),
    ]  # fmt: skip


def test_a_placement_that_nobody_ended_keeps_the_record():
    """Leaving with a placement that still runs is a contradiction; the record waits until it is put right."""
    life = Life(PLACED.stays, left_on=date(2027, 1, 1))
    names = ("assessment", "medical", "placement-agreement")
    assert {said(kept(name, life)) for name in names} == {(Event.LEFT_BUT_PLACED, None)}


def test_a_day_entered_wrong_and_put_right_leaves_no_trace_in_the_reckoning():
    """The result rests on what stands now."""
    wrong, right = Life(ENDED.stays, died_on=date(2027, 6, 1)), ENDED
    assert kept("medical", wrong).years == 10
    assert said(kept("medical", right)) == (Event.END_OF_CARE, date(2047, 6, 1))


def test_the_longest_of_all_classes_and_people_counts():
    """Ann has left, Ben lives with us."""
    record = RecordFacts({"assessment": ClassFacts(), "financial": ClassFacts()}, FILED, frozenset({"ann", "ben"}))
    gone = {"ann": ENDED, "ben": Life(left_on=date(2030, 1, 1))}
    assert [(k.record_class, k.person, k.until) for k in reckon(record, gone, SCHEDULE)] == [
        ("assessment", "ben", date(2038, 1, 2)),
        ("assessment", "ann", date(2035, 6, 1)),
        ("financial", "", date(2033, 4, 1)),
    ]  # fmt: skip
    first = reckon(record, gone | {"ann": PLACED}, SCHEDULE)[0]
    assert (first.person, first.until, first.run_out(date.max)) == ("ann", None, False)


def test_nobody_known_counts_from_filing():
    """And so does a record without any class."""
    record = RecordFacts({}, FILED)
    only = reckon(record, {}, SCHEDULE)
    assert [(k.record_class, k.event, k.until) for k in only] == [
        ("correspondence", Event.NOBODY_KNOWN, date(2028, 11, 24))
    ]


def test_it_runs_out_on_the_day_and_not_before():
    """The anniversary itself is still kept."""
    found = kept("financial")
    assert not found.run_out(date(2033, 3, 31))
    assert found.run_out(date(2033, 4, 1))


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2027, 3, 31), date(2027, 3, 31)),
        (date(2027, 4, 1), date(2028, 3, 31)),
        (date(2027, 1, 1), date(2027, 3, 31)),
        (date(2027, 12, 31), date(2028, 3, 31)),
    ],
)
def test_the_financial_year_ends_on_31_march(day, end):
    """The council's, not the tax year."""
    assert end_of_financial_year(day) == end


def test_leap_days_and_the_end_of_time():
    """29 February's anniversary is 1 March; a mistyped year does not break the reckoning."""
    assert kept_until(date(2028, 2, 29), 2) == date(2030, 3, 2)
    assert kept_until(date(2028, 2, 29), 4) == date(2032, 3, 1)
    assert kept_until(date(9995, 1, 1), 20) == date.max


def test_the_guess_on_filing():
    """A medical letter with an agreement is kept as long as the letter; by the day here, not in UTC."""
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert first_guess({Category.MEDICAL, Category.PLACEMENT_AGREEMENT}, FILED, SCHEDULE)[0].record_class == "medical"
    assert retain_until((), late, SCHEDULE) == datetime(2028, 7, 1, 23, tzinfo=UTC) == begins(date(2028, 7, 2))
    assert retain_until([Category.FINANCIAL], late, SCHEDULE) == begins(date(2033, 4, 1))


def _without(name, **changed):
    period = {"record_class": name, "years": 8, "trigger": Trigger.FILING, "source": "rule"} | changed
    return {**SCHEDULE, name: RetentionPeriod(**period)}


@pytest.mark.parametrize(
    ("schedule", "says"),
    [
        ({k: v for k, v in SCHEDULE.items() if k != "medical"}, "no period for 'medical'"),
        (_without("medical", years=0), "years of 'medical' must be 1 to 150"),
        (_without("medical", years=1000), "years of 'medical' must be 1 to 150"),
        (_without("medical", source=" "), "'medical' has no source"),
        (_without("medical", variants={"old": Variant("old", 3, "rule")}), "'medical.old' is shorter than 'medical'"),
        (_without("medical", variants={"old": Variant("old", 9, "")}), "'medical.old' has no source"),
    ],
)
def test_a_schedule_with_a_hole_is_refused(schedule, says):
    """One sentence, with the class."""
    with pytest.raises(ConfigurationError) as caught:
        check(schedule)
    assert says in caught.value.public


def test_a_rule_may_allow_less():
    """After a death, or where it says so."""
    less = {"after-death": Variant("after-death", 2, "r"), "low": Variant("low", 3, "r", shorter=True)}
    assert check(_without("medical", variants=less))["medical"].marks == ("low",)


GONE, GOES_ON = Life(left_on=date(2010, 1, 1)), Life((Stay(date(2020, 1, 1), None),))


@pytest.mark.parametrize(
    ("alone", "others", "ended"),
    [
        (GONE, [], date(2010, 1, 1)),
        (GONE, [Life()], date(2010, 1, 1)),
        (GONE, [GOES_ON], None),
        (Life(), [GOES_ON], None),
        (Life(), [GONE], None),
        (Life(died_on=date(2015, 1, 1)), [GOES_ON], None),
        (GONE, [Life(left_on=date(2015, 1, 1)), Life(left_on=date(2012, 1, 1))], date(2015, 1, 1)),
        (GONE, [Life(left_on=date(2005, 1, 1))], date(2010, 1, 1)),
        (Life(died_on=date(2015, 1, 1)), [GONE], date(2015, 1, 1)),
    ],
)
def test_a_person_under_two_references_is_kept_for_the_longer(alone, others, ended):
    """Never shorter than by one reference alone."""
    assert alone.together(others).ended() == ended
