"""The worker's round for the audit log, and what `sallyport check` says of it, built from settings as they are set."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.audit import built
from cli.audit.checking import lines
from cli.audit.witnessing import server_for
from cli.jobs.audit import ask_witnesses, run
from cli.setting_up import make_log_key
from config.settings import Settings
from domain.errors import ConfigurationError
from gateway.clock import SystemClock
from vault import audit
from vault.merkle.note import Kind, Note, Signer
from vault.merkle.sequencing import the_tree
from vault.merkle.witness import Memory, Witness
from vault.models import AuditCheckpoint

pytestmark = pytest.mark.usefixtures("database")
ORIGIN = "council.example/audit"


@pytest.fixture
def house(tmp_path: Path) -> dict[str, Any]:
    """What [audit] says."""
    return {"origin": ORIGIN, "key": "audit.key", "public_keys": [make_log_key(tmp_path / "audit.key", ORIGIN)]}


def settings(tmp_path: Path, chosen: dict[str, Any]) -> Settings:
    return Settings(home=tmp_path, audit=chosen)


def write(ago: timedelta = timedelta()) -> None:
    audit.append([audit.Event(SystemClock().now() - ago, "cli:jo", "opened")])


def test_a_round_gives_places_and_signs(tmp_path: Path, house: dict[str, Any]) -> None:
    """And `check` says so."""
    write()
    run(settings(tmp_path, house), SystemClock().now())
    assert AuditCheckpoint.objects.get().size == the_tree().size == 1
    said = list(lines(settings(tmp_path, house)))
    assert [good for good, _ in said] == [True, True]
    assert "1 events, signed to 1" in said[1][1]


def test_without_a_key_there_are_places_and_an_alarm(tmp_path: Path, house: dict[str, Any]) -> None:
    """No log line every five seconds, but a failed line of `check`; it is no fault where no worker runs."""
    write()
    run(settings(tmp_path, {}), SystemClock().now())
    assert (the_tree().size, AuditCheckpoint.objects.count()) == (1, 0)
    with pytest.raises(ConfigurationError, match="no audit key"):
        list(lines(settings(tmp_path, {})))
    assert next(lines(settings(tmp_path, house | {"key": "elsewhere.key"})))[0]
    assert not next(lines(settings(tmp_path, house | {"public_keys": [str(Signer.new(ORIGIN, Kind.LOG).verifier)]})))[0]


def test_what_waits_is_an_alarm(tmp_path: Path, house: dict[str, Any]) -> None:
    """For its place, or for its signature."""
    write(timedelta(minutes=11))
    assert [good for good, _ in lines(settings(tmp_path, house))] == [True, False, True]
    run(settings(tmp_path, house), SystemClock().now())
    AuditCheckpoint.objects.update(at=SystemClock().now() - timedelta(minutes=11))
    write()
    run(settings(tmp_path, {}), SystemClock().now())
    said = list(lines(settings(tmp_path, house)))[-1]
    assert (said[0], "nothing is signed since" in said[1]) == (False, True)


def test_a_witness_with_a_url_is_asked(tmp_path: Path, house: dict[str, Any]) -> None:
    """With each checkpoint; one that is away disturbs nobody."""
    witness = Signer.new("inspector.example/w", Kind.WITNESS)
    known = built.given(house["public_keys"])
    server = server_for(Witness(witness, known, Memory(tmp_path / "memory.json")), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    there = {"key": str(witness.verifier), "url": f"http://127.0.0.1:{server.server_address[1]}/"}
    away = {"key": str(Signer.new("away.example/w", Kind.WITNESS).verifier), "url": "http://127.0.0.1:1"}
    try:
        write()
        chosen = settings(tmp_path, house | {"witnesses": [away, there]})
        run(chosen, SystemClock().now())
        ask_witnesses(chosen, SystemClock().now())
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert Note.of(AuditCheckpoint.objects.get().note).signed_by(witness.verifier) is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "witness.key"},
        {"key": "none.key"},
        {"public_keys": ["rubbish"]},
        {"witnesses": [{"key": "rubbish"}]},
    ],
)
def test_settings_that_cannot_be_used_are_refused(tmp_path: Path, house: dict[str, Any], wrong: dict[str, Any]) -> None:
    """With a sentence; a log's key is no witness's, and the other way round."""
    signer = Signer.new("inspector.example/w", Kind.WITNESS)
    (tmp_path / "witness.key").write_text(signer.line())
    chosen = settings(tmp_path, house | wrong)
    with pytest.raises(ConfigurationError):
        (built.signer(chosen), built.log_keys(chosen), built.witnesses(chosen))
    both = settings(tmp_path, house | {"witnesses": [{"key": house["public_keys"][0]}]})
    with pytest.raises(ConfigurationError, match="a log's key"):
        built.witnesses(both)
