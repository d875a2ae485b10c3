"""``sallyport keys rotate``, ``drill`` and ``renew`` as their users run them: what is said, and the exit code."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from tests.support.house import House

_PEOPLE = """\
type,id,name,date_of_birth,nhs_number
person,SL-00001,Ann Lee,1980-02-29,9990000018
person,SL-00002,Ben Okoro,1975-06-14,9990000026
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Two people with keys, masters named records and escrow, and a third master that the settings do not name."""
    made = House(tmp_path_factory.mktemp("keys"), 9)
    made.command("setup", str(made.home), "--domain", "council.example")
    (made.folder / "people.csv").write_text(_PEOPLE)
    made.command("register", "import", str(made.folder / "people.csv"))
    made.command("keys", "new-master", str(made.folder / "new.key"))
    return made


def _public(file: Path) -> str:
    found = re.search(r"age1\w+", file.read_text())
    assert found
    return found[0]


def _master(house: House, name: str) -> Path:
    return house.home / "masters" / f"{name}.age-key"


def _named(house: House, *files: Path) -> None:
    """The settings name these masters from now on."""
    house.extra["SALLYPORT_VAULT__MASTERS"] = json.dumps([_public(f) for f in files])


def _secrets(house: House) -> list[tuple[object, ...]]:
    return house.rows("select person, generation, hex(sealed_secret), escrow_version from vault_sealingkey order by id")


def _looks(house: House, about: str) -> list[str]:
    shown = house.command("check", check=False).stdout
    return [line for line in " ".join(shown.split()).replace(" ok ", "\nok ").replace(" FAIL ", "\nFAIL ").splitlines()
            if about in line]  # fmt: skip


def test_a_life_of_masters(house: House) -> None:
    """Drilled, changed, refused without proof, rotated, again, drilled with the new one; each step said in a line."""
    records, escrow, new = _master(house, "records"), _master(house, "escrow"), house.folder / "new.key"
    said = house.command("keys", "drill", "-i", str(escrow)).stdout
    assert "2 of 2 keys were tried; 2 opened in both places." in said
    assert "The drill is passed" in said
    assert [line[:4] for line in _looks(house, "recovery drill")] == ["ok r", "ok r"]
    assert "today" in _looks(house, "recovery drill, master 2")[0]

    _named(house, new, escrow)
    before = _secrets(house)
    assert _looks(house, "are not sealed to the masters of the settings")[0].startswith("FAIL")
    unproven = house.command("keys", "rotate", "-i", str(records), "--why", "left", check=False)
    assert unproven.returncode == 5
    assert "--unproven" in unproven.stderr
    wrong = house.command(
        "keys", "rotate", "-i", str(_master(house, "service")), "-i", str(new), "--why", "left", check=False
    )
    assert wrong.returncode == 7
    assert "2 seals do not open with the identities given and stay as they were" in wrong.stderr
    assert _secrets(house) == before

    done = house.command("keys", "rotate", "-i", str(records), "-i", str(new), "--why", "the records officer left")
    assert "2 of 2 secrets are sealed anew" in done.stdout
    again = house.command("keys", "rotate", "-i", str(new), "--why", "the records officer left")
    assert "Every secret was sealed to these masters already." in again.stdout
    assert _looks(house, "not sealed to the masters") == []
    gone = house.command("keys", "drill", "-i", str(records), check=False)
    assert gone.returncode == 7
    assert gone.stderr.strip() == "sallyport: None of the identities given is of a master that the settings name."
    assert house.command("keys", "drill", "-i", str(new), "--all").returncode == 0
    events = house.rows("select action, why from vault_auditevent where action like 'masters%' order by sequence")
    assert events[-1] == ("masters rotation ended", "the records officer left")
    everything = "".join(str(house.rows(f"select * from vault_{t}")) for t in ("auditevent", "sealingkey"))
    assert "AGE-SECRET-KEY" not in everything.upper()


def test_unproven_masters_are_taken_only_if_it_is_said(house: House) -> None:
    """Both identities are in a safe elsewhere: somebody has to want it; the earlier copies stay until one is shown."""
    new, escrow = house.folder / "new.key", _master(house, "escrow")
    others = [house.folder / name for name in ("third.key", "fourth.key")]
    for file in others:
        house.command("keys", "new-master", str(file))
    _named(house, *others)
    said = house.command("keys", "rotate", "-i", str(escrow), "--why", "x", "--unproven").stdout
    assert said.count("not tried: no identity of it") == 2
    assert "The earlier copies stay in escrow" in said
    early = house.command("keys", "drill", "-i", str(others[1]), check=False)
    assert early.returncode == 7
    assert "2 copies in escrow should have been removed; `sallyport keys rotate` removes them." in early.stderr
    shown = house.command("keys", "rotate", "-i", str(others[1]), "--why", "shown").stdout
    assert "2 copies that an earlier run left in escrow are removed." in shown
    assert house.command("keys", "drill", "-i", str(others[1])).returncode == 0
    _named(house, new, escrow)
    house.command("keys", "rotate", "-i", str(others[0]), "-i", str(new), "--why", "back")


def test_a_person_gets_a_new_key(house: House) -> None:
    """By council ID; who, why and which are in the audit trail. Nobody's, and no reason, are refused."""
    said = house.command("keys", "renew", "sl-00002", "--why", "a laptop was lost").stdout
    assert "number 2" in said
    assert house.rows("select why from vault_auditevent where action = 'key renewed'") == [("a laptop was lost",)]
    assert len(_secrets(house)) == 3
    for words in (["SL-99999", "--why", "x"], ["SL-00001", "--why", "  "]):
        refused = house.command("keys", "renew", *words, check=False)
        assert refused.returncode == 5
        assert len(refused.stderr.strip().splitlines()) == 1
    assert len(_secrets(house)) == 3


def test_a_drill_that_is_long_ago_fails_the_check(tmp_path: Path) -> None:
    """A master that was never tried counts from the oldest key; one that was, from its last drill."""
    house = House(tmp_path, 9)
    house.command("setup", str(house.home), "--domain", "council.example")
    (tmp_path / "people.csv").write_text(_PEOPLE)
    house.command("register", "import", str(tmp_path / "people.csv"))
    with sqlite3.connect(house.home / "var" / "sallyport.sqlite3") as database:
        database.execute("update vault_sealingkey set created_at = datetime('now', '-400 days')")
    assert [line[:4] for line in _looks(house, "recovery drill")] == ["FAIL", "FAIL"]
    house.command("keys", "drill", "-i", str(_master(house, "escrow")))
    first, second = _looks(house, "recovery drill")
    assert first.startswith("FAIL")
    assert "none was held yet" in first
    assert second.startswith("ok")


def test_a_drill_finds_a_lost_escrow(tmp_path: Path) -> None:
    """Somebody emptied the bucket: exit code 7, each key named by its opaque reference."""
    house = House(tmp_path, 9)
    house.command("setup", str(house.home), "--domain", "council.example")
    (tmp_path / "people.csv").write_text(_PEOPLE)
    house.command("register", "import", str(tmp_path / "people.csv"))
    for file in (house.home / "var" / "escrow").rglob("*.age@*"):
        file.unlink()
    done = house.command("keys", "drill", "-i", str(_master(house, "escrow")), check=False)
    assert done.returncode == 7
    assert len(re.findall(r"^sallyport: p-[0-9a-f]{20}/1: it is not in escrow\.$", done.stderr, re.MULTILINE)) == 2
    mended = house.command("keys", "rotate", "-i", str(_master(house, "escrow")), "--why", "escrow was lost")
    assert "2 were missing in escrow and are there again." in mended.stdout
    assert house.command("keys", "drill", "-i", str(_master(house, "escrow"))).returncode == 0


def test_a_recipient_asks_for_a_pdf_gets_a_password_by_text_and_changes_their_mind(house: House) -> None:
    """Made and sent, never printed by itself; listed as usable; replaced, not added to; gone again."""
    house.extra |= {"SALLYPORT_PDF__KEY": "keys/pdf.key", "SALLYPORT_PICKUP__SHOW_CODES": "true"}
    words = ("keys", "pdf", "Cara@Carers.example")
    said = [house.command(*words, "--text", "07700 900123").stdout for _ in range(2)]
    codes = [re.search(r"Pick-up code: ([a-z2-9-]{19})\n", text) for text in said]
    assert all(codes)
    assert codes[0][1] != codes[1][1]  # type: ignore[index]
    assert "Mail for cara@carers.example goes as a PDF" in said[0]
    kept = house.rows("select method, data from register_recipientkey where address = 'cara@carers.example'")
    assert [method for method, _ in kept] == ["protected PDF"]
    assert codes[1][1].encode() not in kept[0][1]  # type: ignore[index, operator]
    shown = " ".join(house.command("keys", "list").stdout.split())
    assert re.search(r"protected PDF \W+[0-9A-F]{16} \W+ yes", shown)
    for wrong in ((), ("--agreed", "--off"), ("--text", "12")):
        assert house.command(*words, *wrong, check=False).returncode == 5
    assert "No PDF from now on." in house.command(*words, "--off").stdout
    assert "There was no password" in house.command(*words, "--off").stdout


def test_no_text_message_no_password(house: House) -> None:
    """Nothing is recorded where it cannot be sent, and where there is no key to seal it with."""
    house.extra |= {"SALLYPORT_PDF__KEY": "keys/pdf.key", "SALLYPORT_PICKUP__SHOW_CODES": "false"}
    words = ("keys", "pdf", "cara@carers.example", "--text", "07700 900123")
    assert "pickup.notify_key" in house.command(*words, check=False).stderr
    del house.extra["SALLYPORT_PDF__KEY"]
    house.extra["SALLYPORT_PICKUP__SHOW_CODES"] = "true"
    assert "pdf.key" in house.command(*words, check=False).stderr
    assert house.rows("select count(*) from register_recipientkey where address = 'cara@carers.example'") == [(0,)]
