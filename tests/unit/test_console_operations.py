"""Operations: what waits, the worker's heartbeat and jobs, parts as they were found, the audit log; nothing secret."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cli.worker import Job
from config.settings import Settings
from domain.decision import Action, Method
from domain.errors import VaultUnavailable
from tests.fakes import NOW
from tests.support.filed import decided, filed
from tests.support.people import signed_in
from vault import operations, week
from vault.models import AuditCheckpoint, SeenPart, WorkerJob
from web import clock
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def client() -> Client:
    return signed_in(Role.OPERATOR)


def text(answer: object) -> str:
    return " ".join(answer.content.decode().split())


def test_what_waits_is_counted_and_the_last_mail_has_its_time(client: Client) -> None:
    assert "The worker has never run" in text(client.get("/operations/"))
    filed("ola@council.example", decided("sister@family.example", Action.HOLD), at=clock.now() - timedelta(hours=3))
    filed("ola@council.example", decided("nokey@carers.example", method=Method.PICK_UP))
    page = text(client.get("/operations/"))
    assert "less than a minute ago" in page
    assert "1, the oldest for 3 hours" in page
    assert 'Waiting to be picked up</dt><dd class="govuk-summary-list__value">1</dd>' in page
    for private in ("ola@", "sister@", "nokey@"):
        assert private not in page


def test_metrics_are_numbers_of_today_and_the_week_and_where_the_finer_ones_are(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from web.console.outside import outside

    monkeypatch.setattr(week, "_kept", {})  # days that are over are counted once in a process
    filed("ola@council.example", decided("sister@family.example", Action.HOLD), at=clock.now() - timedelta(days=2))
    filed("ola@council.example", decided("sister@family.example", Action.HOLD), decided("gp@surgery.example"))
    assert "No program serves its numbers to Prometheus" in text(client.get("/operations/"))
    monkeypatch.setattr(outside(), "metrics", lambda: {"relay": "http://127.0.0.1:9461/metrics"})
    page = text(client.get("/operations/"))
    today, seven = (page.split(f">{name}</th>")[1].split("</tr>")[0] for name in ("Today", "The last seven days"))
    assert ('data-label="Held">1<' in today, 'data-label="Held">2<' in seven) == (True, True)
    assert "relay: <code" in page
    assert "http://127.0.0.1:9461/metrics" in page


def test_jobs_say_when_they_were_done_which_failed_and_which_are_late(client: Client) -> None:
    now = clock.now()
    operations.note_job("held mails", timedelta(seconds=5), now)
    assert "All is well" in text(client.get("/operations/"))
    operations.note_job("reminders", timedelta(hours=1), now, "NextHopUnavailable")
    operations.note_job("retention", timedelta(minutes=1), now - timedelta(hours=1))
    page = text(client.get("/operations/"))
    assert "2 things to look at" in page
    assert "Next hop unavailable; the worker" in page
    assert ">Late<" in page
    assert page.count(">Well<") == 1


def test_parts_are_as_the_worker_found_them_what_is_wrong_first(client: Client) -> None:
    then = clock.now() - timedelta(hours=4)
    operations.note_parts([("database", True, "sqlite; 5 people"), ("vault", False, "it is away")], then)
    page = text(client.get("/operations/"))
    assert page.index("It is away") < page.index("Sqlite; 5 people")
    assert "Too long ago" in page
    operations.note_parts([("vault", True, "it is there")], clock.now())
    page = text(client.get("/operations/"))
    assert "It is away" not in page
    assert "Too long ago" not in page


def test_a_failing_part_is_noted_without_what_is_for_the_log() -> None:
    from cli.looks.line import Line, safely

    def broken(_: object) -> object:
        raise VaultUnavailable("secret-password@store", public="The store is away.")
        yield

    def odd(_: object) -> object:
        yield Line("odd", True, "first")
        raise ValueError("postgres://user:secret-password@host")

    told = [*safely(broken, Settings(), private=False), *safely(odd, Settings(), private=False)]  # type: ignore[arg-type]
    assert [line.good for line in told] == [False, True, False]
    assert "secret-password" not in str(told)
    assert "secret-password" in str(list(safely(odd, Settings())))  # type: ignore[arg-type]


def test_the_worker_notes_its_jobs_once_a_minute_and_at_once_when_they_turn() -> None:
    log = structlog.get_logger("test")
    fails = [False]

    def run(_settings: Settings, _now: object) -> None:
        if fails[0]:
            raise VaultUnavailable("down")

    job = Job("a job", timedelta(seconds=5), run)
    job.run_if_due(Settings(), NOW, log)
    assert (WorkerJob.objects.get().at, WorkerJob.objects.get().good) == (NOW, True)
    job.run_if_due(Settings(), NOW + timedelta(seconds=10), log)
    assert WorkerJob.objects.get().at == NOW
    fails[0] = True
    job.run_if_due(Settings(), NOW + timedelta(seconds=20), log)
    row = WorkerJob.objects.get()
    assert (row.at, row.good, row.says) == (NOW + timedelta(seconds=20), False, "VaultUnavailable")
    job.run_if_due(Settings(), NOW + timedelta(minutes=3), log)
    assert WorkerJob.objects.get().at == NOW + timedelta(minutes=3)


def test_a_worker_that_cannot_note_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise VaultUnavailable("down")

    monkeypatch.setattr(operations, "note_job", down)
    done: list[int] = []
    job = Job("a job", timedelta(seconds=5), lambda *_: done.append(1))
    job.run_if_due(Settings(), NOW, structlog.get_logger("test"))
    assert done == [1]


def test_a_checkpoint_that_somebody_changed_does_not_hold(client: Client, tmp_path: Path) -> None:
    """Signed by the log's own key over the stored hashes: true; then with another root, or another key's."""
    from cli.beside import Beside
    from config.django import SETTINGS
    from tests.fakes import FakeClock
    from vault import audit, looks
    from vault.merkle.note import Kind, Signer
    from vault.merkle.publishing import Publisher
    from vault.merkle.sequencing import integrate
    from vault.objects.local import LocalStore

    key = Signer.new("log.example/audit", Kind.LOG)
    looks.note(audit.Event(clock.now(), "tests", "something"))
    integrate(clock.now() + timedelta(minutes=1))
    beside = Beside()
    chosen = SETTINGS.audit.model_copy(update={"origin": "log.example/audit", "public_keys": (str(key.verifier),)})
    beside._settings = SETTINGS.model_copy(update={"audit": chosen})
    assert beside.signed() is None
    store = LocalStore(tmp_path / "objects", FakeClock())
    publisher = Publisher(store, key, key.verifier.name, timedelta(days=1), timedelta(0))
    assert publisher.publish(clock.now()) is not None
    told = beside.signed()
    assert told is not None
    assert told.holds
    assert told.size == told.events > 1
    AuditCheckpoint.objects.update(size=told.size - 1)
    assert beside.signed().holds is False
    AuditCheckpoint.objects.update(size=told.size)
    assert beside.signed().holds is True
    other = Signer.new("log.example/audit", Kind.LOG)
    beside._settings.audit.__dict__["public_keys"] = (str(other.verifier),)
    assert beside.signed().holds is False


def test_without_a_key_the_page_says_so_and_shows_the_rest(client: Client) -> None:
    page = text(client.get("/operations/"))
    assert "No key signs the audit log" in page or "Nothing is signed yet" in page
    assert "What waits" in page


def test_the_number_of_questions_does_not_grow(client: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/operations/").status_code == 200
        return len(seen)

    few = asked()
    for n in range(20):
        operations.note_job(f"job {n}", timedelta(seconds=5), clock.now())
        SeenPart.objects.create(number=n, what=f"part {n}", good=True, says="well", at=clock.now())
        filed("ola@council.example", decided("sister@family.example", Action.HOLD))
    assert asked() <= few <= 25


def test_only_operators_see_it() -> None:
    for role in Role:
        expected = 200 if role is Role.OPERATOR else 403
        assert signed_in(role, email=f"{role}-x@council.example").get("/operations/").status_code == expected
