"""What waits for records officers and operators on the start page, by the things' own clocks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.access_request import Wanted
from vault import operations
from vault.acting import Acting
from vault.export import cases
from vault.holds import setting
from vault.models import TargetKind
from web import clock
from web.accounts.roles import Role
from web.console.may import Who
from web.console.start import tasks

pytestmark = pytest.mark.usefixtures("database")
RITA = "console:rita@council.example"


def found(role: Role) -> dict[str, tasks.Task]:
    return {t.text: t for t in tasks.of(Who("rita@council.example", frozenset({role})), clock.now())}


def test_requests_are_late_by_their_own_clock_and_not_by_their_age() -> None:
    acting = Acting("cli:jo", clock.now())
    assert found(Role.RECORDS) == {}
    stopped = cases.open_case("p-ann", acting.today - timedelta(days=50), acting)
    cases.ask(stopped, Wanted.CLARIFICATION, stopped.received, acting)
    assert found(Role.RECORDS)["Requests for access"].late == "", "we wait for the person"
    cases.open_case("p-ben", acting.today - timedelta(days=60), acting)
    task = found(Role.RECORDS)["Requests for access"]
    assert (task.says, task.late, task.href) == ("2 requests open", "1 overdue", "/records/requests/")


def test_a_hold_waits_for_a_second_person_and_not_for_who_asked() -> None:
    now, second = clock.now(), "Holds that need you as the second person"
    review = (now + timedelta(days=9)).date()
    hold = setting.set_hold(setting.NewHold("court", "C-1", review, {TargetKind.PERSON: ["p-ann"]}), "cli:jo", now).hold
    assert second not in found(Role.RECORDS)
    setting.ask_to_lift(hold, "over", RITA, now)
    assert second not in found(Role.RECORDS)
    setting.ask_to_lift(hold, "over", "console:sam@council.example", now)
    assert found(Role.RECORDS)[second].says == "1 hold"


def test_an_operator_is_told_of_parts_and_jobs_that_are_not_well() -> None:
    operations.note_parts([("vault", True, "there"), ("store", False, "away")], clock.now())
    operations.note_job("reminders", timedelta(hours=1), clock.now(), "NextHopUnavailable")
    operations.note_job("held mails", timedelta(seconds=5), clock.now() - timedelta(hours=1))
    task = found(Role.OPERATOR)["Parts and jobs that are not well"]
    assert (task.says, task.href) == ("3 things", "/operations/")
