"""What the models hold by themselves, whoever saves: history is never passed by, and nothing ended comes back."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from register import models as m
from register.acting import acting
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")
HOUR, DAY, TODAY = timedelta(hours=1), timedelta(days=1), NOW.date()


def person() -> m.Person:
    return m.Person.objects.get_or_create(council_id="SL-1")[0]


def form(**more: object) -> m.Permission:
    fields = {"code": "F-1", "signed_on": TODAY, "review_due": TODAY + 300 * DAY} | more
    return m.Permission.objects.create(person=person(), ground="permission-to-share form", **fields)


def ground(**more: object) -> m.SharingBasis:
    fields = {"code": "B-1", "recipients": ["police@force.example"], "since": NOW, "until": NOW + DAY} | more
    said = {"basis": "legal duty", "reason": "an order", "categories": ["medical"], "decided_by": "Manager"}
    return m.SharingBasis.objects.create(person=person(), review_due=TODAY, **said, **fields)


def test_no_row_is_made_or_changed_in_bulk() -> None:
    """Nothing enters the register without its checks and its history, also not by way of somebody else's rows."""
    ann = m.Person.objects.create(council_id="SL-1")
    party = m.Party(code="P", kind="professional", name="P", email="p@x.example")
    for attempt in (
        lambda: m.Party.objects.bulk_create([party]),
        lambda: asyncio.run(m.Party.objects.abulk_create([party])),
        lambda: ann.circle.bulk_create([party]),
        lambda: m.Party.objects.bulk_update([party], ["name"]),
        lambda: asyncio.run(m.Party.objects.abulk_update([party], ["name"])),
        lambda: m.Person.objects.update(council_id="SL-2"),
        lambda: asyncio.run(m.Person.objects.aupdate(council_id="SL-2")),
    ):
        with pytest.raises(TypeError, match="row by row"):
            attempt()
    assert not m.Party.objects.exists()
    assert m.Person.objects.get().council_id == "SL-1"


def test_a_ground_that_has_ended_stays_ended() -> None:
    """A stale copy that is stored whole brings nothing back; an earlier end may still come to light."""
    row = ground()
    stale = m.SharingBasis.objects.get()
    row.ended_at = NOW
    row.save()
    for again in (None, NOW + HOUR):
        stale.ended_at = again
        with pytest.raises(ValidationError, match="not taken up again"):
            stale.save()
    stale.ended_at = NOW - HOUR
    stale.save()
    assert m.SharingBasis.objects.get().ended_at == NOW - HOUR


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("signed_on", TODAY + DAY),
        ("reviewed_on", TODAY),
        ("withdrawn_at", datetime(2026, 11, 24, 23, 59, tzinfo=UTC)),
    ],
)
def test_a_permission_says_nothing_that_is_yet_to_happen(name: str, last: date) -> None:
    """A review held in the year 2199 would make a form count until then."""
    far = {"signed_on": TODAY, "review_due": TODAY + 900 * DAY}
    with acting("tests", at=NOW):
        with pytest.raises(ValidationError, match="future"):
            form(**far | {name: last + DAY})
        form(**far | {name: last})
    kept = m.Permission.objects.get()
    assert getattr(kept, name) == last


def test_a_date_ahead_that_is_stored_already_stops_no_withdrawal() -> None:
    """What an earlier program let in can still be withdrawn."""
    with acting("tests", at=NOW + 30 * DAY):
        row = form(signed_on=TODAY + 20 * DAY, reviewed_on=TODAY + 25 * DAY, review_due=TODAY + 300 * DAY)
    row.withdrawn_at = datetime(2026, 12, 14, tzinfo=UTC)
    with acting("tests", at=NOW + 20 * DAY):
        row.save()
    assert m.Permission.objects.get().withdrawn_at == row.withdrawn_at


def test_the_day_of_a_review_is_the_day_here_not_in_greenwich() -> None:
    """Half past midnight in summer, here, is the evening before in UTC."""
    with acting("tests", at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC)):
        assert form(signed_on=date(2026, 6, 1), reviewed_on=date(2026, 7, 2)).reviewed_on == date(2026, 7, 2)


def test_a_ground_is_not_reviewed_before_its_time() -> None:
    """Else nobody would be asked to look at it."""
    with acting("tests", at=NOW), pytest.raises(ValidationError, match="future"):
        ground(reviewed_on=TODAY + DAY, review_outcome="kept")
