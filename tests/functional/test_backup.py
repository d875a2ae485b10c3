"""The drill of docs/backup.md, its commands as they stand: another machine goes on where the first one was."""

from __future__ import annotations

import os
import re
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support import postgres
from tests.support.house import CARER, NO_KEY, ROOT, House, letter
from tests.support.sink import Sink

PAGE = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```sh ([a-z-]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres.running() as url:
        yield url


def _new_database(server: str) -> str:
    name = f"d{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.rpartition("/")[0] + f"/{name}"


def _page(block: str, house: House, backup: Path) -> None:
    """A block of the page, as it stands."""
    there = {"SERVICE": str(house.home), "BACKUP": str(backup), "DATABASE_URL": house.database_url}
    done = subprocess.run(["sh", "-eu", "-c", BLOCKS[block]], env={"PATH": os.environ["PATH"]} | there,
                          capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_new_machine_goes_on_where_the_old_one_was(kind: str, sink: Sink, request, tmp_path: Path) -> None:
    """All that was told 250 is there and proven, nobody is served twice, and the next mail is decided as before."""
    url = _new_database(request.getfixturevalue("server")) if kind == "postgresql" else ""
    (tmp_path / "old").mkdir()
    old = House(tmp_path / "old", sink.port, database_url=url).set_up()
    served = letter(Message_ID="<one@c>")
    with old.relay():
        assert old.submit(served, (CARER,)).startswith("250")
        assert old.submit(letter(Message_ID="<two@c>"), (NO_KEY,)).startswith("250")
    old.command("worker", "--once", check=False)
    sink.received.clear()

    backup = tmp_path / "backup"
    for block in ("copy-settings", f"copy-{kind}", "copy-stores"):
        _page(block, old, backup)
    assert not list(backup.rglob("*escrow.age-key"))
    old.home.rename(old.folder / "burnt")

    new = House(
        tmp_path / "new", sink.port, database_url=_new_database(request.getfixturevalue("server")) if url else ""
    )
    for block in ("restore-settings", f"restore-{kind}"):
        _page(block, new, backup)
    assert "Good: every event" in new.command("audit", "verify").stdout
    assert "agree" in new.command("vault", "reconcile").stdout
    with new.relay():
        assert new.submit(served, (CARER,)).startswith("250")  # the mail server never heard 250
        assert sink.received == []
        assert new.submit(letter(Message_ID="<three@c>"), (CARER,)).startswith("250")
    assert [m.recipients for m in sink.received] == [(CARER,)]


def test_the_page_looks_with_commands_that_there_are() -> None:
    assert [line.split("||")[0].split() for line in BLOCKS["look"].splitlines()] == [
        ["sallyport", "check"], ["sallyport", "audit", "verify"], ["sallyport", "vault", "reconcile"],
    ]  # fmt: skip
