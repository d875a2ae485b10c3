"""Retention as its users run it: real mails filed by a real relay, the register's events, commands, the worker."""

from __future__ import annotations

import csv
import json
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from cli.exits import Exit
from domain.retention import kept_until
from domain.retention_words import said
from gateway.clock import SystemClock
from tests.support.forked import Answer, Job, run_forked
from tests.support.house import CARER, COLLEAGUE, House, letter
from tests.support.sink import Sink

TODAY = SystemClock().now().date()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A letter about Ann, who lives with Cara, and a rota about nobody."""
    with Sink() as sink:
        house = House(tmp_path_factory.mktemp("retention"), sink.port).set_up()
        with house.relay():
            assert house.submit(letter(), [CARER]).startswith("250")
            plain = b"From: officer@council.example\r\nSubject: Rota\r\n\r\nNew rota from Monday.\r\n"
            assert house.submit(plain, [COLLEAGUE]).startswith("250")
        yield house


class Wrong(NamedTuple):
    """What is typed, and a word of the sentence."""

    words: tuple[str, ...]
    says: str
    code: Exit = Exit.INPUT


WRONG = {
    "explain: nothing": Wrong(("explain", "0" * 26), "no record"),
    "close: nothing": Wrong(("close", "0" * 26, "--why", "x"), "no record"),
    "close: no reason": Wrong(("close", "0" * 26), "--why", Exit.USAGE),
    "close: an empty reason": Wrong(("close", "0" * 26, "--why", " "), "reason is needed"),
    "close: no day": Wrong(("close", "0" * 26, "--why", "x", "--on", "soon"), "2026-02-28"),
    "close: both": Wrong(("close", "0" * 26, "--why", "x", "--on", "2026-01-01", "--reopen"), "not both"),
    "close: tomorrow": Wrong(("close", "0" * 26, "--why", "x", "--on", "2999-01-01"), "still to come"),
    "mark: no class": Wrong(("mark", "0" * 26, "--why", "x"), "--class", Exit.USAGE),
    "mark: both": Wrong(
        ("mark", "0" * 26, "--why", "x", "--class", "legal", "--as", "deed", "--take-back"), "not both"
    ),
    "mark: unknown": Wrong(("mark", "0" * 26, "--why", "x", "--class", "leagl"), "has no class 'leagl'"),
    "plan: nowhere": Wrong(("plan", "--csv", "/dev/null/plan.csv"), "cannot be written"),
    "plan: no year": Wrong(("plan", "--years", "0"), "greater than or equal to 1", Exit.USAGE),
    "check: no file": Wrong(("check", "none.toml"), "cannot be read", Exit.CONFIGURATION),
    "check: a gap": Wrong(("check", "gap.toml"), "no period for 'all-about-me'", Exit.CONFIGURATION),
}


@pytest.fixture(scope="module")
def answers(house: House) -> dict[str, Answer]:
    """What each mistake says."""
    (house.folder / "gap.toml").write_text('[medical]\nyears = 8\ntrigger = "filing"\nsource = "ours"\n')
    jobs = [Job(n, ("retention", *w.words), house.environment(), house.folder) for n, w in WRONG.items()]
    return {answer.name: answer for answer in run_forked(jobs)}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_one_sentence_and_an_exit_code(case: str, answers: dict[str, Answer]) -> None:
    """On standard error."""
    done, wrong = answers[case], WRONG[case]
    assert done.code == wrong.code, done.errors[-1500:]
    [line] = done.errors.strip().splitlines()
    assert line.startswith("sallyport: ")
    assert wrong.says in line


def record(house: House, record_class: str) -> str:
    """The record of this class."""
    [[ident]] = house.rows(f"select id from vault_vaultrecord where classes like '%{record_class}%'")
    return str(ident)


def tags(house: House, ident: str) -> set[str]:
    """What the files beside the record's copies say."""
    sides = (house.home / "var" / "objects").rglob(f"{ident}/*.json")
    return {json.loads(side.read_text())["tags"]["retain-until"] for side in sides}


def happened(house: House, left_on: str = "", died_on: str = "") -> None:
    """The register hears of it."""
    head = "type,id,name,date_of_birth,nhs_number,left_on,died_on"
    row = f"person,SL-00001,Ann Lee,1980-02-29,9990000018,{left_on},{died_on}"
    (house.folder / "event.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    house.command("register", "import", "event.csv")


def test_the_schedule_is_shown_with_its_sources(house: House) -> None:
    """Every class, its years, what else may count, and where each number comes from."""
    text = house.command("retention", "check").stdout
    assert "medical information: 20 years from last contact\n    NHS Records Management Code" in text
    assert "  after a death: 10 years\n" in text
    assert "  if marked deed: 12 years\n    Limitation Act 1980 s.8" in text
    assert text.endswith("can be used: 14 classes, each with its period and source.\n")


def test_the_way_of_a_record_through_a_life(house: House) -> None:
    """In care, died, entered wrong; each time the reasons, the rows, the tags and the trail say so."""
    ident = record(house, "medical")
    dry = house.command("retention", "sweep", "--dry-run").stdout
    assert "2 records reckoned; 2 would move" in dry
    assert house.rows("select * from vault_retentionstate") == []
    assert "the tags of 2 records brought in step" in house.command("retention", "sweep").stdout
    assert tags(house, ident) == {"open"}
    told = house.command("retention", "explain", ident).stdout
    assert "because of SL-00001: care goes on, so the 20 years have not begun.\n  Rule: NHS Records" in told
    happened(house, died_on=str(TODAY))
    assert "1 moved (1 by «death»)" in house.command("retention", "sweep").stdout
    until = kept_until(TODAY, 10)
    assert tags(house, ident) == {str(until)}
    told = house.command("retention", "explain", ident).stdout
    assert f"It is kept until {said(until - timedelta(days=1))}; from the next day on" in told
    assert "medical information (after a death), because of SL-00001: 10 years from the person's death" in told
    happened(house)
    house.command("retention", "sweep")
    assert tags(house, ident) == {"open"}
    moves = house.rows(
        f"select why from vault_auditevent where record = '{ident}' and action = 'retention moved' order by 1"
    )
    assert moves == [("care goes on",), ("death",)]


def test_the_plan_as_table_csv_and_picture(house: House) -> None:
    """The same numbers in each."""
    words = ("--years", "3", "--csv", "plan.csv", "--svg", "plan.svg")
    text = house.command("retention", "plan", *words).stdout
    assert "no day yet" in text
    assert "No day yet, because: care goes on (1)." in text
    lines = list(csv.reader((house.folder / "plan.csv").read_text().splitlines()))
    year = str(kept_until(TODAY, 2).year)
    assert lines == [["falls_due", "class", "records"], [year, "correspondence", "1"], ["open", "medical", "1"]]
    picture = ET.fromstring((house.folder / "plan.svg").read_text())
    assert f"{year}: 1 records; no day yet: 1 records" in picture[1].text


def test_a_mark_and_its_correction_are_explained(house: House) -> None:
    """Who said what and why; a further class, closed on a wrong day, and on the right one."""
    ident = record(house, "correspondence")
    because = ("--why", "Cara's appraisal")
    assert "nobody can say yet" in house.command("retention", "mark", ident, "--class", "carer-file", *because).stdout
    house.command("retention", "close", ident, "--on", "2025-01-31", *because)
    assert (
        f"{ident}: It is kept until"
        in house.command("retention", "close", ident, "--on", "2025-02-01", *because).stdout
    )
    told = house.command("retention", "explain", ident).stdout
    assert "carer file: 25 years from the filing of the mail" in told
    assert told.count("Because: Cara's appraisal") == 3
    assert "carer file, closed on 1 February 2025. Because" in told
    house.command("retention", "mark", ident, "--class", "carer-file", "--take-back", *because)
    plain = json.loads(house.command("retention", "explain", ident, "--json").stdout)
    assert [(r["class"], r["event"]) for r in plain["reasons"]] == [("correspondence", "filing, about nobody known")]
    assert plain["run_out"] is False


def test_a_hold_is_named_where_it_keeps_a_record(house: House) -> None:
    """By the reasons, for people and for programs."""
    ident = record(house, "medical")
    words = ("--record", ident, "--why", "a claim", "--reference", "C-1", "--review", str(TODAY + timedelta(days=90)))
    assert json.loads(house.command("retention", "explain", ident, "--json").stdout)["held"] is False
    house.command("hold", "set", *words)
    assert "A hold keeps it, whatever its retention says" in house.command("retention", "explain", ident).stdout
    assert json.loads(house.command("retention", "explain", ident, "--json").stdout)["held"] is True


def shorten_locks(house: House) -> None:
    """The rows of all copies say that their lock ends tomorrow, as they would after a month without a worker."""
    soon = str((SystemClock().now() + timedelta(days=1)).replace(tzinfo=None))
    with sqlite3.connect(house.home / "var" / "sallyport.sqlite3") as database:
        database.execute("update vault_vaultobject set locked_until = ?", [soon])


def extended_since(house: House, before: datetime) -> bool:
    """By the copies' own files."""
    sides = (house.home / "var" / "objects" / "v1").rglob("*.json")
    locks = {json.loads(side.read_text())["locked_until"] for side in sides}
    return min(locks) >= (before + timedelta(days=30)).isoformat()


def test_locks_are_extended_and_the_alarm_is_quiet_again(house: House) -> None:
    """The check fails until somebody sweeps."""
    shorten_locks(house)
    alarm = house.command("check", check=False)
    assert alarm.returncode == Exit.CHECK_FAILED
    assert "locks run out within 7 days and should have been extended" in " ".join(alarm.stdout.split())
    before = SystemClock().now()
    house.command("retention", "sweep")
    assert extended_since(house, before)
    assert "no lock runs out within 7 days that should be longer" in house.command("check", check=False).stdout


def test_the_worker_extends_locks_by_itself(house: House) -> None:
    """Nobody has to think of it."""
    shorten_locks(house)
    before = SystemClock().now()
    house.command("worker", "--once")
    assert extended_since(house, before)


def test_a_store_that_lost_a_copy_is_said_and_keeps_no_other_waiting(house: House) -> None:
    """Exit code 4, one sentence, the log has the record's id; the others are done."""
    ident = record(house, "correspondence")
    [[key]] = house.rows(f"select key from vault_vaultobject where record_id = '{ident}'")
    copies = [p for p in (house.home / "var" / "objects").rglob(f"{ident}/*") if p.is_file()]
    kept = [(path, path.read_bytes()) for path in copies]
    for path in copies:
        path.unlink()
    try:
        shorten_locks(house)
        done = house.command("retention", "sweep", check=False)
        assert done.returncode == Exit.UNAVAILABLE
        assert "The store could not do one thing; the next sweep tries again" in done.stderr
        assert ident in done.stdout + done.stderr
        assert key
        left = house.rows("select record_id from vault_vaultobject where locked_until < datetime('now', '+20 days')")
        assert left == [(ident,)]
    finally:
        for path, content in kept:
            path.write_bytes(content)
