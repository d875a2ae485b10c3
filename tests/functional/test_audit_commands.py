"""The audit log as its users meet it: commands in processes of their own, a database file, other people's tools."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.ceph import free_port
from tests.support.forked import Job, run

ROOT = Path(__file__).parent.parent.parent
PLAIN = {k: v for k, v in os.environ.items() if not k.startswith(("SALLYPORT_", "DJANGO_"))} | {"PYTHONPATH": str(ROOT)}


@dataclass
class Service:
    """Set up by the command line; ``run`` is one command."""

    home: Path

    def run(self, *words: str, code: int = 0, ours: bool = True) -> str:
        """What it printed, both streams."""
        settings = {"SALLYPORT_CONFIG": str(self.home / "sallyport.toml")} if ours else {}
        done = run(Job(" ".join(words), words, PLAIN | settings, self.home.parent, seconds=120))
        assert done.code == code, done
        return done.output + done.errors

    @property
    def database(self) -> Path:
        return self.home / "var" / "sallyport.sqlite3"

    @property
    def key(self) -> str:
        """The log's public line."""
        settings = tomllib.loads((self.home / "sallyport.toml").read_text())
        return str(settings["audit"]["public_keys"][0])

    def sql(self, *statements: str) -> None:
        """As somebody who has the file, and takes the triggers off."""
        with sqlite3.connect(self.database) as database:
            for verb in ("update", "delete", "insert"):
                database.execute(f"DROP TRIGGER IF EXISTS vault_auditevent_no_{verb}")
            for statement in statements:
                database.execute(statement)
        database.close()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With three looks in its log, signed. Nothing in it knows its folder."""
    made = Service(tmp_path_factory.mktemp("audit") / "home")
    made.run("setup", str(made.home), "--domain", "council.example", ours=False)
    config = made.home / "sallyport.toml"  # nobody listens there, whatever else runs on the machine
    config.write_text(config.read_text().replace("port = 2526", f"port = {free_port()}"))
    for _ in range(3):
        made.run("vault", "list")
    made.run("worker", "--once")
    return made.home


@pytest.fixture
def service(prepared: Path, tmp_path: Path) -> Service:
    """A copy, to be tampered with."""
    shutil.copytree(prepared, tmp_path / "home")
    return Service(tmp_path / "home")


@pytest.mark.slow
def test_an_event_is_proven_to_somebody_with_other_tools(service: Service, tmp_path: Path) -> None:
    """By our command without settings, and by seventy lines of Python with openssl; an altered proof by neither."""
    good, bad = tmp_path / "2.tlog-proof", tmp_path / "bad.tlog-proof"
    service.run("audit", "prove", "2", "--out", str(good))
    bad.write_text(good.read_text().replace("index 1", "index 0"))
    said = service.run("audit", "check-proof", str(good), "--key", service.key, ours=False)
    assert "Proven: this is event 1 (counted from 0) of the 3 in the log sallyport.council.example/audit" in said
    assert "action: listed" in said
    assert "does not hold" in service.run("audit", "check-proof", str(bad), "--key", service.key, code=7, ours=False)
    other = [sys.executable, "-I", str(ROOT / "scripts" / "check_proof.py")]
    for file, key, code in ((good, service.key, 0), (bad, service.key, 1), (good, service.key[:-2] + "AA", 1)):
        done = subprocess.run([*other, str(file), key], capture_output=True, text=True, check=False, env=PLAIN)
        assert (done.returncode, '"action":"listed"' in done.stdout) == (code, code == 0), done.stderr


@pytest.mark.slow
def test_tampering_is_named(service: Service) -> None:
    """An edit; and the whole database file of an hour ago in the place of today's, for which nothing is signed."""
    earlier = service.home.parent / "earlier.sqlite3"
    shutil.copy(service.database, earlier)
    assert "Good: every event is what was signed" in service.run("audit", "verify")
    service.sql("UPDATE vault_auditevent SET actor = 'cli:nobody' WHERE sequence = 2")
    said = service.run("audit", "verify", code=6)
    assert "WRONG (edited): Event 2 was edited after it was logged." in said
    shutil.copy(earlier, service.database)
    service.run("audit", "list")
    service.sql("UPDATE vault_audittree SET checkpoint_at = '2000-01-01 00:00:00'")
    service.run("worker", "--once")
    assert "Looked at 4 events and at 2 checkpoints" in service.run("audit", "verify")
    shutil.copy(earlier, service.database)
    assert "WRONG (rolled back)" in service.run("audit", "verify", code=6)
    service.run("vault", "list")
    service.sql("UPDATE vault_audittree SET checkpoint_at = '2000-01-01 00:00:00'")
    assert "LogBroken" in service.run("worker", "--once")
    assert "Newest of 1" in service.run("audit", "checkpoints")


@pytest.mark.slow
def test_a_witness_countersigns_by_files(service: Service, tmp_path: Path) -> None:
    """Key, request, signature, acceptance; verify asks for it from then on; another history is refused."""
    key, request, signed = (str(tmp_path / name) for name in ("witness.key", "request", "signed"))
    line = service.run("audit", "witness-key", key, "--name", "inspector.example/w", ours=False)
    config = service.home / "sallyport.toml"
    config.write_text(config.read_text() + "\n" + line.partition("settings:\n")[2])
    service.run("audit", "request", "inspector.example/w", "--out", request)
    memory = ["--memory", str(tmp_path / "memory.json")]
    theirs = ["audit", "witness", request, "--key", key, "--log", service.key, *memory]
    service.run(*theirs, "--out", signed, ours=False)
    assert "--old 3" in service.run(*theirs, code=6, ours=False)
    assert "Added to the checkpoint of 3 events" in service.run("audit", "accept", signed)
    said = service.run("audit", "verify")
    assert "The witness inspector.example/w has countersigned the first 3 events." in said
    assert "inspector.example/w" in service.run("audit", "checkpoints")
    service.run("audit", "witness", request, "--key", key, "--log", line.split('"')[1], code=3, ours=False)


@pytest.mark.slow
def test_who_saw_what_is_asked_and_the_asking_is_recorded(service: Service) -> None:
    """By viewer; for a spreadsheet; one question at a time."""
    viewer = service.run("audit", "list").split()[3]
    assert viewer.startswith("cli:")
    said = service.run("audit", "looks", "--viewer", viewer, "--why", "an audit")
    assert said.count("listed") == 3
    assert '"an audit"' in said
    assert service.run("audit", "looks", "--viewer", viewer, "--csv").startswith("number,at,who,what,")
    assert "one of --person" in service.run("audit", "looks", code=5)
    assert "register" in service.run("audit", "looks", "--person", "SL-1", code=5)
    assert "audit log: the key" in service.run("check", code=6)  # no next hop listens here
