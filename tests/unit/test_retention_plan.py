"""The yearly plan: counts, table, CSV, picture; and the words of an explanation."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.retention.planning import as_csv
from domain.retention_plan import Falls, Plan, plan
from domain.retention_reckoning import Event, Kept
from domain.retention_words import headline, reason
from tests.support.retaining import HERE_NOW, IN_CARE, SCHEDULE, Told, gone, record
from vault.models import HoldTarget, LegalHold, RecordState, TargetKind, VaultRecord
from vault.retention import Retention
from vault.retention.picture import _SHADES, _number, draw
from vault.retention.planning import read
from vault.retention.sweeping import sweep

TODAY = date(2026, 11, 23)
FALLS = [
    Falls("medical", 2031, 5), Falls("medical", None, 2), Falls("financial", 2026, 3, overdue=True),
    Falls("financial", 2026, 1), Falls("incident", 2060, 12_345),
]  # fmt: skip
_SVG = "{http://www.w3.org/2000/svg}"


def test_every_year_has_its_column():
    """Overdue before this year, what is later and what is open after the last."""
    found = plan(FALLS, TODAY, 6)
    assert found.columns == ("overdue", "2026", "2027", "2028", "2029", "2030", "2031", "later", "open")
    assert dict(found.rows)["financial"] == (3, 1, 0, 0, 0, 0, 0, 0, 0)
    assert found.totals == (3, 1, 0, 0, 0, 0, 5, 12_345, 2)
    assert found.years == ("2026", "2027", "2028", "2029", "2030", "2031")


ANY = st.builds(Falls, st.sampled_from("abc"), st.none() | st.integers(2026, 2100), st.integers(1, 9), st.booleans())


@given(st.lists(ANY), st.integers(1, 40))
def test_nothing_is_left_out_of_the_plan(falls, years):
    """Whatever is shown."""
    assert sum(plan(falls, TODAY, years).totals) == sum(one.records for one in falls)


def test_the_csv_has_a_line_a_year_and_class():
    """For a spreadsheet."""
    assert as_csv(plan(FALLS, TODAY, 6)).splitlines() == [
        "falls_due,class,records", "overdue,financial,3", "2026,financial,1", "2031,medical,5", "later,incident,12345",
        "open,medical,2",
    ]  # fmt: skip


def _contrast(one, other):
    """WCAG 2.2, relative luminance."""

    def light(colour):
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted([light(one), light(other)], reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_the_picture_says_all_without_colours_and_without_eyes():
    """Title and description, each number as text, enough contrast."""
    root = ET.fromstring(draw(plan(FALLS, TODAY, 6), "What falls due <soon>"))
    texts = [t.text for t in root.iter(f"{_SVG}text")]
    assert root.find(f"{_SVG}title").text == "What falls due <soon>"
    assert "overdue: 3 records; 2026: 1 records" in root.find(f"{_SVG}desc").text
    assert {"12k", "medical information", "no day yet", "overdue", "2031"} <= set(texts)
    assert root.get("role") == "img"
    assert all(_contrast(back, ink) >= 4.5 for back, ink in _SHADES)


def test_an_empty_plan_has_a_picture():
    """A service's first day."""
    root = ET.fromstring(draw(plan([], TODAY, 3), "x"))
    assert root.find(f"{_SVG}desc").text == "no records. By class: none."
    assert isinstance(plan([], TODAY, 3), Plan)


@pytest.mark.parametrize(
    ("count", "text"), [(7, "7"), (9999, "9999"), (10_000, "10k"), (999_400, "999k"), (1_234_567, "1.2M")]
)
def test_numbers_fit_their_cells(count, text):
    """Five characters at most."""
    assert _number(count) == text


FROM, TO = date(2021, 2, 1), date(2031, 2, 2)
KEPT = Kept("incident", Event.CLOSURE, TO, FROM, "high-priority", 10, "rule", "p-1")
DIED = Kept("medical", Event.DEATH, TO, FROM, "after-death", 10, "rule", "p-1")
NOBODY = Kept("correspondence", Event.NOBODY_KNOWN, date(2022, 2, 2), FROM, "", 1, "rule")
IN_HAND = Kept("assessment", Event.CARE_GOES_ON, years=8, person="p-1")
GONE = Kept("carer-file", Event.NO_RULE, variant="gone")
REASONS = """
incident or safeguarding record (high priority), because of SL-1: \
10 years from the closing of the case on 1 February 2021, so until 1 February 2031.
medical information (after a death), because of SL-1: \
10 years from the person's death on 1 February 2021, so until 1 February 2031.
correspondence: 1 year from the filing of the mail on 1 February 2021, \
because it is about nobody in the register, so until 1 February 2022.
assessment or review, because of SL-1: care goes on, so the 8 years have not begun.
carer file (gone): the schedule has no such rule (any more), so it is kept until it has.
"""


def test_reasons_are_sentences():
    """Class, person, years, event, day."""
    found = [reason(kept, lambda ref: ref.replace("p-", "SL-")) for kept in (KEPT, DIED, NOBODY, IN_HAND, GONE)]
    assert found == REASONS.strip().splitlines()


def test_headlines():
    """Until when, or since when, or nobody knows."""
    assert headline(KEPT, TODAY) == ("It is kept until 1 February 2031; from the next day on disposal may be proposed.")
    assert (
        headline(KEPT, date(2031, 2, 2)) == "Its retention has run out: disposal may be proposed since 2 February 2031."
    )
    assert headline(Kept("a", Event.NOT_CLOSED), TODAY) == "It is kept, and nobody can say yet until when."


@pytest.mark.parametrize("event", Event)
def test_every_event_has_words(event):
    """Dated or not."""
    dated = list(Event)[: list(Event).index(Event.CARE_GOES_ON)]
    day = date(2021, 2, 1) if event in dated else None
    kept = Kept("assessment", event, day and date(2029, 2, 2), day, "", 8, "rule", "p-1")
    assert reason(kept, str).startswith("assessment or review, because of p-1: ")


@pytest.mark.usefixtures("database")
def test_the_counts_come_from_the_rows():
    """By the governing class; what was disposed of or not yet reckoned is not in them."""
    old = datetime(2010, 5, 1, 12, tzinfo=UTC)
    for classes, person in [
        (["financial"], "ann"), (["financial"], "ann"), (["assessment"], "ann"), (["assessment"], "ben"),
        (["complaint", "assessment"], "ben"), (["medical"], "ben"),
    ]:  # fmt: skip
        record(old, person, classes=classes)
    list(sweep(Retention(Told({"ann": IN_CARE, "ben": gone(date(2020, 1, 1))}), SCHEDULE), HERE_NOW, "w"))
    VaultRecord.objects.filter(classes=["medical"]).update(state=RecordState.DISPOSING)
    record(old, "ann")
    found = read(TODAY)
    assert set(found.falls) == {
        Falls("assessment", 2028, 1), Falls("financial", 2017, 2, overdue=True), Falls("assessment", None, 1),
        Falls("complaint", None, 1),
    }  # fmt: skip
    assert len(found.falls) == 4
    assert found.because == {"care goes on": 1, "not closed yet": 1}
    assert (found.unreckoned, found.held) == (1, 0)
    hold = LegalHold.objects.create(
        id="H" * 26, reason="a claim", reference="C-1", review_on=TODAY, set_by="cli:olu", set_at=HERE_NOW
    )
    HoldTarget.objects.create(hold=hold, kind=TargetKind.PERSON, value="ann")
    assert read(TODAY).held == 2
