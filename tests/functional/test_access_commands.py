"""``sallyport sar`` and ``export`` as the office uses them: one request from the letter to the sealed answer."""

from __future__ import annotations

import csv
import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.exits import Exit
from tests.support.access import opened
from tests.support.forked import Answer, Job, run_forked
from tests.support.house import CARER, House, letter
from tests.support.sink import Sink


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service that has sent a letter about Ann twice, and a note that nobody was known to be about."""
    with Sink() as sink:
        house = House(tmp_path_factory.mktemp("service"), sink.port).set_up()
        rota = (
            b"From: officer@council.example\r\nTo: colleague@council.example\r\nSubject: Rota\r\n\r\nAnn moves in.\r\n"
        )
        with house.relay():
            for number in (1, 2):
                assert house.submit(letter(Message_ID=f"<m{number}@c>"), (CARER,)).startswith("250")
            assert house.submit(rota, ("colleague@council.example",)).startswith("250")
        subprocess.run(["age-keygen", "-o", house.folder / "ann.key"], check=True, capture_output=True)
        yield house


def public_key(house: House) -> str:
    found = re.search(r"age1\w+", (house.folder / "ann.key").read_text())
    assert found
    return found[0]


def keys(house: House) -> tuple[str, ...]:
    masters = house.home / "masters"
    return "-i", str(masters / "records.age-key"), "-i", str(masters / "service.age-key")


def answer_all(folder: Path, decision: str, take_out: str) -> None:
    for name, columns in (("documents.csv", {"decision": decision}), ("passages.csv", {"take out": take_out})):
        rows = list(csv.DictReader(io.StringIO((folder / name).read_text("utf-8-sig"), newline="")))
        out = io.StringIO(newline="")
        table = csv.DictWriter(out, rows[0].keys())
        table.writeheader()
        table.writerows(row | columns for row in rows)
        (folder / name).write_text(out.getvalue())


def test_a_request_from_the_letter_to_the_answer(house: House) -> None:
    """Each command says what comes next; the answer opens with the receiver's key, without the carer's name."""
    said = house.command("sar", "open", "sl-00001", "--scope", "letters about my health").stdout
    assert said.startswith("SAR-1 is open.\nIt is due on ")
    assert "stands still" in house.command("sar", "ask", "SAR-1", "--what", "clarification").stdout
    assert "Our own target" in house.command("sar", "answer", "1").stdout
    assert "two months, and the person was told" in house.command("sar", "extend", "sar-1", "--reason", "large").stdout
    assert "SL-00001" in house.command("sar", "list").stdout
    said = house.command("sar", "collect", "SAR-1", *keys(house), "--why", "request of today").stdout
    assert "3 documents, which occur 4 times" in said
    work = house.home / "var" / "access" / "SAR-1"
    undecided = house.command("sar", "review", "SAR-1", check=False)
    assert undecided.returncode == Exit.CHECK_FAILED
    assert "D001: no decision yet" in undecided.stdout
    refused = house.command("sar", "finish", "SAR-1", "--to", public_key(house), check=False)
    assert refused.returncode == Exit.INPUT
    assert refused.stderr.startswith("sallyport: Not everything is decided:")
    answer_all(work, "redact", "yes")
    assert "Everything is decided" in house.command("sar", "review", "SAR-1").stdout
    said = house.command("sar", "finish", "SAR-1", "--to", public_key(house)).stdout
    assert "The working folder is wiped." in said
    assert not work.exists()
    bag = opened(house.folder / "SAR-1.tar.age", house.folder / "ann.key", house.folder / "opened")
    page = (bag / "data" / "index.html").read_text()
    assert "This was asked for: letters about my health" in page
    assert "We give you 3 documents." in page
    assert "No request is open." in house.command("sar", "list").stdout
    assert "answered in time" in house.command("sar", "list", "--all").stdout
    (left := house.home / "var" / "access" / "SAR-1").mkdir()
    assert "SAR-1 is finished, and its working folder is still there" in house.command("sar", "list").stderr
    left.rmdir()
    again = house.command("sar", "answer", "SAR-1", check=False)
    assert "was finished on" in again.stderr


def test_a_whole_file_for_an_inspector_by_passphrase(house: House) -> None:
    """The passphrase is shown once, and opens it."""
    words = ("--reference", "CQC 5/26", "--purpose", "inspection", "--passphrase")
    said = house.command("export", "inspector", "SL-00001", *keys(house), *words).stdout
    shown = re.search(r"shown this once: ([a-z2-9-]{35})\n", said)
    assert shown
    import pyrage

    tar = pyrage.passphrase.decrypt((house.folder / "inspector-CQC-5-26.tar.age").read_bytes(), shown[1])
    listed = subprocess.run(["tar", "-t"], input=tar, capture_output=True, check=True).stdout.decode()
    assert listed.count("/mail.pdf") == 2
    assert house.rows("select why from vault_auditevent where action = 'export-opened'") == [("inspection",)] * 2
    assert not list((house.home / "var" / "access").iterdir())


class Wrong(NamedTuple):
    words: str
    code: Exit
    says: str


WRONG = {
    "nobody": Wrong("sar open SL-99999", Exit.INPUT, "council ID 'SL-99999'"),
    "no day": Wrong("sar open SL-00002 --received 2026-13-01", Exit.INPUT, "2026-13-01"),
    "a day ahead": Wrong("sar open SL-00002 --received 2090-01-01", Exit.INPUT, "future"),
    "no such asker": Wrong("sar open SL-00002 --from brother", Exit.USAGE, "'brother'"),
    "no case": Wrong("sar clock SAR-77", Exit.INPUT, "'SAR-77'"),
    "no number": Wrong("sar clock letter", Exit.INPUT, "'letter'"),
    "what is asked": Wrong("sar ask SAR-1", Exit.USAGE, "--what"),
    "collect: no reason": Wrong("sar collect SAR-1 -i {master} --why= ", Exit.INPUT, "--why"),
    "collect: no key": Wrong("sar collect SAR-1 -i {none} --why x", Exit.INPUT, "cannot be read"),
    "collect: somebody's folder": Wrong("sar collect SAR-1 -i {master} --why x --folder {home}", Exit.INPUT, "SAR-1"),
    "review: no folder": Wrong("sar review SAR-1 --folder {none}", Exit.INPUT, "working folder"),
    "drop: no folder": Wrong("sar drop SAR-1 --folder {home}", Exit.INPUT, "working folder"),
    "finish: to nobody": Wrong("sar finish SAR-1 --folder {work}", Exit.INPUT, "--to age1"),
    "finish: to two": Wrong("sar finish SAR-1 --folder {work} --passphrase --to x", Exit.INPUT, "--to age1"),
    "finish: no age key": Wrong("sar finish SAR-1 --folder {work} --to age1nonsense", Exit.KEY, "age1nonsense"),
    "finish: no OpenPGP key": Wrong("sar finish SAR-1 --folder {work} --to-pgp {master}", Exit.INPUT, "OpenPGP"),
    "finish: nowhere": Wrong("sar finish SAR-1 --folder {work} --passphrase --out {none}", Exit.INPUT, "--out"),
    "export: no records": Wrong(
        "export incident -i {master} --reference I --purpose x --passphrase", Exit.INPUT, "--record"
    ),
    "export: no such record": Wrong(
        "export incident -i {master} --reference I --purpose x --passphrase --record 01ZZZ", Exit.INPUT, "01ZZZ"
    ),
    "export: no purpose": Wrong(
        "export inspector SL-00001 -i {master} --reference I --purpose= --passphrase", Exit.INPUT, "purpose"
    ),
}


@pytest.fixture(scope="module")
def answers(house: House) -> dict[str, Answer]:
    """What each wrong use says, after a first case was opened."""
    house.command("sar", "open", "SL-00002")
    work = house.folder / "work"
    work.mkdir(mode=0o700)
    case = house.rows("select max(id) from vault_accessrequest")[0][0]
    (work / "case").write_text(f"SAR-{case}\n")
    meanings = {
        "master": str(house.home / "masters" / "records.age-key"),
        "home": str(house.home), "none": str(house.folder / "none"), "work": str(work),
    }  # fmt: skip
    jobs = [
        Job(name, tuple(w.format(**meanings) for w in wrong.words.replace("SAR-1", f"SAR-{case}").split()),
            house.environment(), house.folder)
        for name, wrong in WRONG.items()
    ]  # fmt: skip
    return {answer.name: answer for answer in run_forked(jobs)}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_one_sentence_and_an_exit_code(case: str, answers: dict[str, Answer]) -> None:
    """No traceback, nothing on standard output, and what to do instead."""
    done, wrong = answers[case], WRONG[case]
    assert done.code == wrong.code, done.errors[-1500:]
    lines = done.errors.strip().splitlines()
    assert len(lines) == 1, done.errors
    assert lines[0].startswith("sallyport: ")
    assert wrong.says in lines[0] or wrong.says in re.sub(r"SAR-\d+", "SAR-1", lines[0])
    assert done.output == ""


def test_no_mistake_opens_a_record(house: House, answers: dict[str, Answer]) -> None:
    """Nor hands anything over."""
    assert answers
    assert house.rows("select 1 from vault_auditevent where why = 'x'") == []
    assert house.rows("select count(*) from vault_handedover where reference = 'I'") == [(0,)]
