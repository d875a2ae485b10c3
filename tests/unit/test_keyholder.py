"""The key holder asks again what the pages have asked: whoever broke into them is stopped by roles and numbers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from cli.keyholder import looking, serving
from cli.keyholder.tools import NotDone
from tests.fakes import NOW
from tests.support.people import account
from vault.acting import Acting
from vault.errands import asking
from vault.errands.asking import Wanted
from vault.models import AuditEvent, Errand, ErrandKind, ErrandState
from web import clock
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
BREE = "console:breach-team@council.example"


class Clock:
    def now(self) -> Any:
        return clock.now()


def tools(**limits: int) -> Any:
    """Enough for what is refused before anything is opened."""
    keyholder = SimpleNamespace(looks_an_hour=2, looks_an_hour_all=3)
    vars(keyholder).update(limits)
    return SimpleNamespace(
        settings=SimpleNamespace(keyholder=keyholder), holder="cli:keys", identities=(), clock=Clock()
    )


def asked(by: str = BREE, kind: ErrandKind = ErrandKind.LOOK) -> Errand:
    return asking.ask(Wanted(kind, "R" * 26), Acting(by, clock.now(), "complaint 12"), "age1x")


def served(row: Errand, **limits: int) -> Errand:
    assert serving.serve_one(tools(**limits))
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("by", [BREE, "console:officer@council.example", "console:nobody@council.example", "cli:root"])
def test_a_row_alone_opens_nothing(by: str) -> None:
    """As whoever writes to the database would make it: no account, no role, or one that has ended."""
    account(Role.OFFICER)
    row = served(asked(by))
    assert (row.state, row.says) == (ErrandState.REFUSED, "Whoever asked may not have this any more.")
    assert not AuditEvent.objects.filter(action="opened").exists()


def test_a_disposal_is_the_records_officers(database: None) -> None:
    account(Role.BREACH)
    assert served(asked(kind=ErrandKind.DISPOSAL)).says == "Whoever asked may not have this any more."


def test_what_is_not_there_is_said(database: None) -> None:
    account(Role.BREACH)
    assert served(asked()).says == "This mail is not there any more."


def test_looks_are_counted_by_the_audit_trail(database: None) -> None:
    """So rows that are taken away again do not count less."""
    row = asked()
    for _ in range(2):
        looking._note(row, tools())
    Errand.objects.exclude(pk=row.pk).delete()
    with pytest.raises(NotDone, match="too many looks"):
        looking._allowed(row, tools())
    other = asked("console:una@council.example")
    looking._allowed(other, tools())
    looking._note(other, tools())
    with pytest.raises(NotDone, match="too many looks"):
        looking._allowed(asked("console:third@council.example"), tools())
    assert clock.now() > NOW or AuditEvent.objects.filter(action="opened").count() == 3


def test_each_look_is_two_events_before_anything_is_opened(database: None) -> None:
    looking._note(row := asked(), tools())
    first, second = AuditEvent.objects.order_by("sequence")[1:]
    assert (first.actor, first.action, first.record, first.why) == (BREE, "opened", row.target, "complaint 12")
    assert (second.actor, second.action, second.details["asked_by"]) == ("cli:keys", "key holder looked", BREE)


def test_nothing_that_goes_wrong_stops_the_next(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    account(Role.BREACH)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(looking, "look", broken)
    row = served(asked())
    assert (row.state, row.says) == (ErrandState.REFUSED, "Something went wrong here. Ask whoever runs the service.")
    assert not serving.serve_one(tools())
