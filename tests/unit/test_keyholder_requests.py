"""What the key holder refuses of a request for access, and what it leaves for what is quick (docs/keyholder.md).

The whole way, with keys and documents: ``tests/browser/test_access_answer.py``.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.keyholder import serving
from tests.support.people import account
from vault.acting import Acting
from vault.errands import answering, asking
from vault.errands.asking import Wanted
from vault.export import cases
from vault.export.folder import WorkFolder
from vault.models import AuditEvent, Errand, ErrandKind, ErrandState
from web import clock
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
RITA, SAM = "console:rita@council.example", "console:sam@council.example"


class Clock:
    def now(self) -> Any:
        return clock.now()


@pytest.fixture(autouse=True)
def people() -> None:
    for each in (RITA, SAM):
        account(Role.RECORDS, email=each.removeprefix("console:"))
    acting = Acting("cli:jo", clock.now())
    cases.open_case("p-ann", acting.today - timedelta(days=3), acting)


def tools(home: Path, *, two: bool = True, most: int = 2) -> Any:
    """Enough for what is refused before anything is opened."""
    keyholder = SimpleNamespace(collections_a_day=most, answers_take_two=two)
    settings = SimpleNamespace(keyholder=keyholder, at_home=lambda path: home / path)
    return SimpleNamespace(settings=settings, holder="cli:keys", identities=(), clock=Clock())


def asked(kind: ErrandKind, by: str = RITA, **more: Any) -> Errand:
    return asking.ask(Wanted(kind, "SAR-1", **more), Acting(by, clock.now(), "to answer SAR-1"), "age1x")


def served(row: Errand, given: Any) -> Errand:
    assert serving.serve_one(given)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("kind", [ErrandKind.COLLECT, ErrandKind.REVIEW, ErrandKind.DECIDE, ErrandKind.PREVIEW,
                                  ErrandKind.ANSWER, ErrandKind.DROP])  # fmt: skip
@pytest.mark.parametrize("role", [Role.OFFICER, Role.BREACH, Role.REVIEWER, Role.INSPECTOR, Role.OPERATOR])
def test_a_request_is_the_records_officers(kind: ErrandKind, role: Role, tmp_path: Path) -> None:
    """As whoever broke into the pages would write the row."""
    account(role, email="mallory@council.example")
    row = served(asked(kind, "console:mallory@council.example"), tools(tmp_path))
    assert (row.state, row.says) == (ErrandState.REFUSED, "Whoever asked may not have this any more.")


def test_whoever_agreed_has_to_be_one_as_well(tmp_path: Path) -> None:
    account(Role.BREACH, email="mallory@council.example")
    row = asked(ErrandKind.ANSWER, seen="c0de", two=True)
    asking.agree(row, Acting("console:mallory@council.example", clock.now(), "x"), "c0de")
    assert served(row, tools(tmp_path)).says == "Whoever asked may not have this any more."


@pytest.mark.parametrize("kind", [ErrandKind.REVIEW, ErrandKind.PREVIEW, ErrandKind.DECIDE])
def test_what_was_not_collected_is_not_shown(kind: ErrandKind, tmp_path: Path) -> None:
    assert served(asked(kind), tools(tmp_path)).says == "Nothing is opened for SAR-1 here. Collect it first."


@pytest.mark.parametrize("kind", [ErrandKind.COLLECT, ErrandKind.REVIEW, ErrandKind.PREVIEW])
def test_a_request_that_has_ended_opens_nothing(kind: ErrandKind, tmp_path: Path) -> None:
    acting = Acting("cli:jo", clock.now())
    cases.close(cases.find("1"), acting.today, "withdrawn", acting)
    assert "was finished on" in served(asked(kind), tools(tmp_path)).says
    assert not AuditEvent.objects.filter(action__startswith="key holder", actor="cli:keys").exists()


def test_nothing_is_sealed_by_one_person(tmp_path: Path) -> None:
    """Not even where the row says that it waits for nobody."""
    assert served(asked(ErrandKind.ANSWER), tools(tmp_path)).says == "It takes two people, and there was one."


def test_what_was_decided_since_is_not_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    WorkFolder.make(tmp_path / "var/access/SAR-1", "SAR-1")
    monkeypatch.setattr("gateway.bootstrap.build_classifiers", lambda *_, **__: _Nothing())
    row = served(asked(ErrandKind.ANSWER, seen="c0de"), tools(tmp_path, two=False))
    assert row.says == "Something was decided since it was looked at. Look at it again."


class _Nothing:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def test_an_open_request_is_not_wiped(tmp_path: Path) -> None:
    folder = WorkFolder.make(tmp_path / "var/access/SAR-1", "SAR-1")
    folder.write(b"words", "documents", "D001")
    assert served(asked(ErrandKind.DROP), tools(tmp_path)).says == "SAR-1 is not finished, so nothing is wiped."
    assert folder.path.exists()
    acting = Acting("cli:jo", clock.now())
    cases.close(cases.find("1"), acting.today, "withdrawn", acting)
    row = served(asked(ErrandKind.DROP), tools(tmp_path))
    assert (row.state, row.says) == (ErrandState.DONE, "2 files were overwritten and deleted.")
    assert not folder.path.exists()


def test_collections_are_counted_by_the_audit_trail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So rows that are taken away again do not count less."""
    monkeypatch.setattr("cli.keyholder.requests.collecting.gather", lambda *_: _collected())
    for _ in range(2):
        assert served(asked(ErrandKind.COLLECT), tools_with_opener(tmp_path)).says == "0 documents found."
        Errand.objects.all().delete()
    row = served(asked(ErrandKind.COLLECT), tools_with_opener(tmp_path))
    assert row.says == "Too much was collected within a day. Try again tomorrow."
    assert AuditEvent.objects.filter(action=answering.COLLECTED, actor="cli:keys").count() == 2


def _collected() -> Any:
    return SimpleNamespace(documents={}, done={})


def tools_with_opener(home: Path) -> Any:
    return SimpleNamespace(**vars(tools(home)), opener=None, readers=None)


def test_what_takes_long_stands_back_for_whoever_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And goes on where it was; the second time is no second collection."""
    turns: list[int] = []

    def gather(_: Any, __: Any, ___: Any, ____: Any, told: Any, _____: Any) -> Any:
        turns.append(1)
        if len(turns) == 1:
            asked(ErrandKind.REVIEW, SAM)
        told(3, 1)
        return _collected()

    monkeypatch.setattr("cli.keyholder.requests.collecting.gather", gather)
    monkeypatch.setattr("vault.export.collecting.to_look_at", lambda *_: [("r", True)] * 9)
    row = served(asked(ErrandKind.COLLECT), tools_with_opener(tmp_path))
    assert (row.state, row.done, row.total) == (ErrandState.ASKED, 3, 9)
    review = asking.newest(ErrandKind.REVIEW, "SAR-1")
    assert review is not None
    assert served(review, tools(tmp_path)).state == ErrandState.REFUSED, "the quick one came first"
    assert served(row, tools_with_opener(tmp_path)).state == ErrandState.DONE
    assert AuditEvent.objects.filter(action=answering.COLLECTED).count() == 1
