"""The command line as its users meet it: each mistake is one sentence with its exit code; what is right works."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.exits import Exit
from config.sections.programs import SandboxSettings
from tests.support.faults import closed_port
from tests.support.forked import Answer, Job, run_forked
from tests.support.house import CARER, COLLEAGUE, OFFICER, ROOT, SECRET, House, letter
from tests.support.sink import Sink

_FILES: dict[str, bytes] = {
    "letter.eml": letter(),
    "nobody.eml": b"From: officer@council.example\r\nSubject: Hello\r\n\r\nHello\r\n",
    "picture.eml": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "text.eml": b"Dear Cara\n\nthis was never a mail.\n",
    "empty.eml": b"",
    "wrong.csv": b"colour,size\nblue,9\n",
    "latin.csv": "type,id,name\nperson,SL-00009,René\n".encode("latin-1"),
    "quote.csv": b'type,id,name\nperson,"SL-00009"x,A\n',
    "empty.csv": b"",
    "text.key": b"this is no key",
    "none.age-key": b"# a note\n",
    "damaged.age-key": b"AGE-SECRET-KEY-1QQQQQQ\n",
    "sallyport.toml": b"[relay\nport",
}


class Wrong(NamedTuple):
    """What is typed (``{bad}``, ``{home}`` and the like are filled in), its exit code, and a word of the sentence."""

    words: str
    code: Exit
    says: str
    environment: dict[str, str] = {}  # noqa: RUF012 - never changed


_GET = "vault get {record} -i {master} --out {new}"
_BAD_SETTINGS = {"SALLYPORT_CONFIG": "{bad}/sallyport.toml"}
_NO_DATABASE = {"SALLYPORT_DATABASE_URL": "postgres://u:hunter2@127.0.0.1:{closed}/x"}
_NO_TABLES = {"SALLYPORT_DATABASE_URL": "sqlite:///{bad}/new.sqlite3"}

WRONG: dict[str, Wrong] = {
    "no such command": Wrong("shout", Exit.USAGE, "'shout'"),
    "no such command of a group": Wrong("keys shout", Exit.USAGE, "sallyport keys --help"),
    "no such option": Wrong("explain {bad}/letter.eml --shout", Exit.USAGE, "--shout"),
    "no file named": Wrong("explain", Exit.USAGE, "sallyport explain --help"),
    "not a number": Wrong("vault list --limit many", Exit.USAGE, "--limit"),
    "fewer than none": Wrong("vault list --limit -1", Exit.USAGE, "--limit"),
    "not a port": Wrong("demo --port 70000", Exit.USAGE, "--port"),
    "settings not TOML": Wrong("keys list", Exit.CONFIGURATION, "sallyport.toml", _BAD_SETTINGS),
    "settings missing": Wrong("vault list", Exit.CONFIGURATION, "none", {"SALLYPORT_CONFIG": "{bad}/none"}),
    "setting misspelt": Wrong("check", Exit.CONFIGURATION, "relay.prot", {"SALLYPORT_RELAY__PROT": "1"}),
    "explain: no file": Wrong("explain {bad}/none.eml", Exit.INPUT, "cannot be read"),
    "explain: a folder": Wrong("explain {bad}", Exit.INPUT, "cannot be read"),
    "explain: a picture": Wrong("explain {bad}/picture.eml", Exit.INPUT, "not a mail"),
    "explain: a text": Wrong("explain {bad}/text.eml --to a@b.example", Exit.INPUT, "not a mail"),
    "explain: nothing": Wrong("explain {bad}/empty.eml --to a@b.example", Exit.INPUT, "not a mail"),
    "explain: to nobody": Wrong("explain {bad}/nobody.eml", Exit.INPUT, "--to"),
    "explain: to no address": Wrong("explain {bad}/letter.eml --to cara", Exit.INPUT, "'cara'"),
    "explain: from no address": Wrong("explain {bad}/letter.eml --from olu", Exit.INPUT, "'olu'"),
    "explain: no database": Wrong("explain {bad}/letter.eml", Exit.UNAVAILABLE, "just now", _NO_DATABASE),
    "import: no file": Wrong("register import {bad}/none.csv", Exit.INPUT, "cannot be read"),
    "import: a folder": Wrong("register import {bad}", Exit.INPUT, "cannot be read"),
    "import: other columns": Wrong("register import {bad}/wrong.csv", Exit.INPUT, "colour, size"),
    "import: not UTF-8": Wrong("register import {bad}/latin.csv", Exit.INPUT, "CSV UTF-8"),
    "import: not CSV": Wrong("register import {bad}/quote.csv", Exit.INPUT, "not well-formed"),
    "import: nothing": Wrong("register import {bad}/empty.csv", Exit.INPUT, "'type'"),
    "import: no database": Wrong("register import {home}/../register.csv", Exit.UNAVAILABLE, "database", _NO_DATABASE),
    "keys: no file": Wrong("keys add {bad}/none.asc --for a@b.example", Exit.INPUT, "cannot be read"),
    "keys: no key": Wrong("keys add {bad}/text.key --for a@b.example", Exit.INPUT, "holds no OpenPGP key"),
    "keys: for nobody": Wrong("keys add {key}", Exit.USAGE, "--for"),
    "keys: for no address": Wrong("keys add {key} --for cara", Exit.INPUT, "'cara'"),
    "keys: for somebody else": Wrong("keys add {key} --for else@b.example", Exit.KEY, "else@b.example"),
    "keys: remove unknown": Wrong(f"keys remove ABCD --for {CARER}", Exit.INPUT, "no such key"),
    "keys: over a master": Wrong("keys new-master {master}", Exit.INPUT, "exists already"),
    "keys: no database": Wrong("keys list", Exit.UNAVAILABLE, "database", _NO_DATABASE),
    "keys: no tables": Wrong("keys list", Exit.UNAVAILABLE, "sallyport check", _NO_TABLES),
    "get: no identity": Wrong("vault get {record} --why audit", Exit.USAGE, "--identity"),
    "get: no reason": Wrong(_GET, Exit.USAGE, "--why"),
    "get: an empty reason": Wrong(f"{_GET} --why=", Exit.INPUT, "--why"),
    "get: unknown record": Wrong("vault get NONE -i {master} --why audit", Exit.INPUT, "no such record"),
    "get: no such identity": Wrong("vault get {record} -i {bad}/none --why audit", Exit.INPUT, "none cannot be read"),
    "get: no identity in it": Wrong(
        "vault get {record} -i {bad}/none.age-key --why audit", Exit.INPUT, "no age secret"
    ),
    "get: damaged identity": Wrong("vault get {record} -i {bad}/damaged.age-key --why audit", Exit.INPUT, "damaged"),
    "get: wrong master": Wrong("vault get {record} -i {stranger} --why audit --out {new}", Exit.KEY, "the escrow key"),
    "get: folder taken": Wrong("vault get {record} -i {master} --why audit --out {bad}", Exit.INPUT, "--out"),
    "get: no database": Wrong(f"{_GET} --why audit", Exit.UNAVAILABLE, "just now", _NO_DATABASE),
    "vault: no database": Wrong("vault list", Exit.UNAVAILABLE, "database", _NO_DATABASE),
    "migrate: no database": Wrong("migrate", Exit.UNAVAILABLE, "database", _NO_DATABASE),
    "token: no scope": Wrong("token add case-system", Exit.INPUT, "register:read"),
    "token: unknown scope": Wrong("token add case-system --scope register", Exit.INPUT, "register:read"),
    "password: a colon": Wrong("password a:b --password correct-horse-battery", Exit.INPUT, "colon"),
    "password: short": Wrong("password olu --password hunter2", Exit.INPUT, "12 characters"),
    "setup: over a file": Wrong("setup {bad}/text.eml", Exit.INPUT, "cannot be written"),
    "setup: no domain": Wrong("setup {new} --domain=", Exit.INPUT, "council.example"),
    "demo: over a file": Wrong("demo --once --folder {bad}/text.eml", Exit.INPUT, "not a folder"),
    "demo: over other files": Wrong("demo --once --folder {bad}", Exit.CONFIGURATION, "not empty"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A service with one filed letter."""
    with Sink() as sink:
        house = House(tmp_path_factory.mktemp("commands"), sink.port).set_up()
        with house.relay():
            assert house.submit(letter(), [CARER]).startswith("250")
    house.command("keys", "new-master", "stranger.age-key")
    return house


@pytest.fixture(scope="module")
def meanings(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What the words in braces stand for."""
    bad = tmp_path_factory.mktemp("bad")
    for name, content in _FILES.items():
        (bad / name).write_bytes(content)
    with closed_port() as port:
        yield {
            "bad": str(bad),
            "home": str(house.home),
            "key": str(house.folder / f"{CARER}.pub"),
            "master": str(house.home / "masters" / "records.age-key"),
            "stranger": str(house.folder / "stranger.age-key"),
            "record": str(house.rows("select id from vault_vaultrecord")[0][0]),
            "new": str(house.folder / "new"),
            "closed": str(port),
        }


@pytest.fixture(scope="module")
def answers(house: House, meanings: dict[str, str]) -> dict[str, Answer]:
    """What each wrong use says."""
    jobs = []
    for name, wrong in WRONG.items():
        environment = house.environment() | {k: v.format(**meanings) for k, v in wrong.environment.items()}
        jobs.append(Job(name, tuple(w.format(**meanings) for w in wrong.words.split()), environment, house.folder))
    return {answer.name: answer for answer in run_forked(jobs)}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_one_sentence_and_an_exit_code(case: str, answers: dict[str, Answer]) -> None:
    """On standard error, with what to look at; no traceback, no secret, nothing on standard output."""
    done, wrong = answers[case], WRONG[case]
    assert done.code == wrong.code, done.errors[-1500:]
    lines = done.errors.strip().splitlines()
    assert len(lines) == 1, done.errors
    assert lines[0].startswith("sallyport: ")
    assert lines[0].endswith(".")
    assert wrong.says in lines[0]
    assert not re.search(r"Traceback|Error\b|hunter2|AGE-SECRET", done.output + done.errors)
    assert done.output == ""


def test_no_mistake_leaves_anything_behind(house: House, answers: dict[str, Answer], meanings: dict[str, str]) -> None:
    """No folder from a failed `vault get` or `setup`; one opening is recorded: the one with the wrong master."""
    assert answers
    assert not Path(meanings["new"]).exists()
    assert house.rows("select why from vault_auditevent where action = 'opened'") == [("audit",)]


def test_lines_of_a_register_file_are_named_one_by_one(house: House) -> None:
    """The one command with more than one line of errors: a sentence a line of the file, and nothing is stored."""
    file = house.folder / "bad.csv"
    file.write_text("type,id,name,nhs_number\nperson,SL-77777,A,1234567890\nperson,,B,\nghost,1,C,\nperson,S\0,D,\n")
    done = house.command("register", "import", str(file), check=False)
    lines = done.stderr.splitlines()
    assert done.returncode == Exit.INPUT
    assert [line[:18] for line in lines[:4]] == [f"sallyport: line {n}:" for n in (2, 3, 4, 5)]
    assert "nothing was stored" in lines[4]
    assert house.rows("select 1 from register_person where council_id = 'SL-77777'") == []


def test_explain_leaves_no_trace(house: House) -> None:
    """Every file of the service, the sealed objects among them, is as before to the last octet; tables row by row."""
    (house.folder / "letter.eml").write_bytes(letter(Message_ID="<never-seen@council.example>"))
    before, tables = _files(house.home), _tables(house)
    assert len(before) > 10
    assert len(tables) > 20
    house.command("explain", "letter.eml", "--to", CARER, "--to", COLLEAGUE)
    assert _files(house.home) == before
    assert _tables(house) == tables


def _tables(house: House) -> dict[str, list[tuple[object, ...]]]:
    """Each with its rows. The text index, which cannot be read through, is in its shadow tables."""
    plain = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    return {str(name): house.rows(f'SELECT * FROM "{name}"') for (name,) in house.rows(plain)}


def _files(folder: Path) -> dict[str, tuple[str, int]]:
    """All but the database's own: whoever opens it may write its log out."""
    found = [p for p in folder.rglob("*") if p.is_file() and ".sqlite3" not in p.name]
    return {str(p): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns) for p in found}


def test_explain_for_programs_is_json_and_nothing_else(house: House) -> None:
    """`--json`: what was found with its evidence, about whom, and one decision a recipient with its reasons."""
    (house.folder / "letter.eml").write_bytes(letter())
    done = house.command("explain", "letter.eml", "--to", CARER, "--to", "stranger@law.example", "--json")
    said = json.loads(done.stdout)
    assert said["about"]["people"] == ["SL-00001"]
    assert {f["category"] for f in said["found"] if f["counts"]} == {"medical"}
    assert {d["recipient"]: d["action"] for d in said["decisions"]} == {
        CARER: "ENCRYPT",
        "stranger@law.example": "HOLD",
    }
    assert all(r["why"] for d in said["decisions"] for r in d["reasons"])
    assert done.stderr == ""


def test_explain_as_a_table_says_the_same(house: House) -> None:
    """For people: the decision, the person, the words that were found."""
    (house.folder / "letter.eml").write_bytes(letter())
    said = house.command("explain", "letter.eml", "--to", CARER).stdout
    assert all(word in said for word in ("ENCRYPT", "SL-00001", "medical"))


def test_explain_and_list_can_be_read_in_a_narrow_window(house: House, meanings: dict[str, str]) -> None:
    """At 80 columns: each reason's why on lines of its own, and no address, id or time in two."""
    (house.folder / "letter.eml").write_bytes(letter())
    said = house.command(
        "explain", "letter.eml", "--to", CARER, "--to", "a.long.address.of.somebody@solicitors.example"
    ).stdout
    assert f"\n{CARER}: ENCRYPT by OpenPGP\n  " in said
    assert "\na.long.address.of.somebody@solicitors.example: HOLD\n  " in said
    assert re.search(r"^  \S+, SL-00001, medical information$\n    [A-Z].{30,}", said, re.MULTILINE)
    listed = house.command("vault", "list").stdout
    assert re.search(rf"^{meanings['record']}  \d{{4}}-\d\d-\d\d \d\d:\d\d  {OFFICER}$", listed, re.MULTILINE)
    assert re.search(r"^  medical; 1 person; \d files$", listed, re.MULTILINE)


def test_get_opens_a_record_and_says_so_in_the_audit_trail(house: House, meanings: dict[str, str]) -> None:
    """With a master key and a reason."""
    out = house.folder / "opened"
    house.command(
        "vault", "get", meanings["record"], "-i", meanings["master"], "--why", "asked by her", "--out", str(out)
    )
    assert any(SECRET.encode() in p.read_bytes() for p in out.iterdir())
    assert house.rows("select 1 from vault_auditevent where why = 'asked by her'")


def test_keys_come_and_go(house: House) -> None:
    """`keys list` shows them; `remove` ends one; `add` brings it back."""
    listed = house.command("keys", "list").stdout
    fingerprint = str(house.rows(f"select fingerprint from register_recipientkey where address = '{CARER}'")[0][0])
    assert "3 addresses" in listed
    house.command("keys", "remove", fingerprint.lower(), "--for", CARER)
    assert "2 addresses" in house.command("keys", "list").stdout
    assert fingerprint in house.command("keys", "add", f"{CARER}.pub", "--for", CARER).stdout


def test_check_finds_what_does_not_work(house: House) -> None:
    """A next hop that is away is a FAIL line and exit code 6; all else is still looked at."""
    done = house.command("check", check=False)
    assert done.returncode == Exit.CHECK_FAILED
    assert re.findall(r"^FAIL (\S+)", done.stdout, re.MULTILINE) == ["next"]
    assert "[[next_hops]]" in done.stdout
    assert done.stdout.count("ok ") >= 7
    assert done.stderr == ""


def test_setup_again_changes_no_key(house: House) -> None:
    """What is there stays as it is."""
    before = _files(house.home / "keys") | _files(house.home / "masters")
    said = house.command("setup", str(house.home), "--domain", "council.example").stdout
    assert "sallyport.toml was there already, unchanged" in said
    assert "--domain was not applied" in said
    assert _files(house.home / "keys") | _files(house.home / "masters") == before


def test_without_settings_every_command_says_so_and_makes_nothing(tmp_path: Path) -> None:
    """Neither a file nor the environment: no service of defaults, and no `var` folder. The policy can be read."""
    empty = tmp_path / "empty"
    empty.mkdir()
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("SALLYPORT_", "COV"))} | {"PYTHONPATH": str(ROOT)}
    needing = ("check", "vault list", "migrate", "reviews", "relay", "web", "keys list", "permission show SL-1")
    words = (*needing, "policy table", "policy check")
    answers = {a.name: a for a in run_forked([Job(w, tuple(w.split()), plain, empty) for w in words])}
    for name in needing:
        assert answers[name].code == Exit.CONFIGURATION
        assert answers[name].errors == (
            "sallyport: No settings: set SALLYPORT_CONFIG to your sallyport.toml, or run sallyport setup FOLDER.\n"
        )
    assert [answers[name].code for name in words[len(needing) :]] == [Exit.OK, Exit.OK]
    assert list(empty.iterdir()) == []


def test_setup_says_how_to_go_on_and_keeps_its_secrets_out_of_git(house: House, tmp_path: Path) -> None:
    """The program by its own path; what each key opens; `.gitignore` in the folder that it made, and in no other."""
    new, there = tmp_path / "new folder", tmp_path / "there"
    there.mkdir()
    said = house.command("setup", str(new)).stdout
    [command] = re.findall(
        r"^Start the gateway with: SALLYPORT_CONFIG='(.+)' (/.*sallyport) relay$", said, re.MULTILINE
    )
    assert all(Path(part).is_file() for part in command)
    assert all(f"{name}.age-key" in said for name in ("records", "escrow", "service"))
    assert (new / ".gitignore").read_text() == "*\n"
    house.command("setup", str(there))
    assert not (there / ".gitignore").exists()
    assert all((there / name / ".gitignore").read_text() == "*\n" for name in ("keys", "masters", "var"))
    written = tomllib.loads((new / "sallyport.toml").read_text())
    assert written["sandbox"]["council_id"] == SandboxSettings().council_id
    assert (written["service"]["phone"], written["service"]["management"]) == ("", [])
