"""`sallyport vault reconcile` and `sweep` as their users meet them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.house import CARER, House, letter
from tests.support.sink import Sink


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A service with one mail filed."""
    with Sink() as sink:
        house = House(tmp_path, sink.port).set_up()
        with house.relay():
            assert house.submit(letter(), (CARER,)).startswith("250")
        yield house


def objects(house: House) -> list[Path]:
    return sorted(p for p in (house.home / "var" / "objects" / "v1").rglob("*@*") if p.suffix != ".json")


def test_a_day_of_a_records_officer(house: House) -> None:
    """All agrees; a file goes missing, a lock is cut and a mail's files lie there without a record; each is told."""
    done = house.command("vault", "reconcile")
    assert "Store, rows and index agree. " in done.stdout
    assert "Traceback" not in done.stderr

    first, *_, last = objects(house)
    record = last.parent
    stray = record.with_name("0" * 13 + "R" * 13)
    shutil.copytree(record, stray)
    side = last.with_name(last.name + ".json")
    side.write_text(json.dumps({**json.loads(side.read_text()), "locked_until": None}))
    first.unlink()

    done = house.command("vault", "reconcile", "--repair", check=False)
    assert done.returncode == 6
    assert f"object missing: {first.relative_to(house.home / 'var' / 'objects')}".partition("@")[0] in done.stdout
    assert "lock too short: " in done.stdout
    assert "; repaired" in done.stdout
    assert "Needs a person: 1 x object missing: " in done.stdout
    assert "Store, rows and index do NOT agree" in done.stdout
    assert json.loads(side.read_text())["locked_until"]

    done = house.command("vault", "sweep", "--delete")
    assert "its lock has not run out" in done.stdout or "whole mail is there" in done.stdout
    assert stray.exists()
    done = house.command("vault", "sweep", "--whole", check=False)
    assert done.returncode == 5
    assert "--whole needs --why" in done.stderr


def test_a_store_that_is_away_is_told_in_a_sentence(house: House) -> None:
    """Exit code 4, and what to do."""
    house.extra["SALLYPORT_VAULT__STORE"] = "s3"
    house.extra["SALLYPORT_VAULT__ENDPOINT"] = "127.0.0.1:9"
    for words, says in ((("reconcile",), "goes on where it was"), (("sweep",), "run this again for the rest")):
        done = house.command("vault", *words, check=False)
        assert done.returncode == 4
        assert says in done.stderr
        assert "Traceback" not in done.stderr


def test_the_worker_sweeps(house: House) -> None:
    """Once a day, and says what it met."""
    record = objects(house)[-1].parent
    stray = record.with_name("0" * 13 + "R" * 13)
    stray.mkdir()
    (stray / ("1.age@" + "0" * 13 + "R" * 13 + ".0123456789abcdef.part")).write_bytes(b"half")
    done = house.command("worker", "--once")
    assert "files without a record" in done.stdout + done.stderr
    assert list(stray.iterdir()) == []
