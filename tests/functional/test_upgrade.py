"""A service of an earlier version, as it was left: this version's tables are made of its, and nothing of it is lost.

``tests/specimens/service-of-*.tar.gz`` were made by the code of their day: a mail that was encrypted, one that was
held, one by S/MIME; the worker's round; settings, stores and all keys, which are the tests' own.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.house import ROOT, SECRET, House

SERVICES = sorted((ROOT / "tests" / "specimens").glob("service-of-*.tar.gz"))


@pytest.mark.parametrize("archive", SERVICES, ids=lambda p: p.name.removesuffix(".tar.gz"))
def test_a_service_of_then_is_one_of_now(archive: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(archive, tmp_path)
    house = House(tmp_path, 9)
    before = house.rows("select count(*) from vault_auditevent")
    plan = house.command("migrate", "--plan").stdout
    house.command("migrate")
    assert house.command("migrate", "--plan").stdout == "The tables are those of this version.\n"
    assert house.rows("select count(*) from vault_auditevent") == before
    assert "Good: every event" in house.command("audit", "verify").stdout
    assert "agree" in house.command("vault", "reconcile").stdout
    (record,) = house.rows("select record_id from vault_heldmail")[0]
    masters = house.home / "masters" / "records.age-key"
    house.command("vault", "get", str(record), "-i", str(masters), "--why", "drill", "--out", str(tmp_path / "opened"))
    assert any(SECRET.encode() in path.read_bytes() for path in (tmp_path / "opened").iterdir())
    assert plan.strip()


def test_there_is_a_service_to_upgrade() -> None:
    assert SERVICES
