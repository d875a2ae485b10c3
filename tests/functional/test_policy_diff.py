"""Real mails through a real relay, then two policies over what they left, which is what decides and no more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.house import CARER, COLLEAGUE, OTHER_CARER, ROOT, SURGERY, House, letter
from tests.support.sink import Sink

PLAIN = b"From: officer@council.example\r\nTo: a@b.example\r\nSubject: Rota\r\n\r\nThe new rota starts on Monday.\r\n"
SHIPPED = ROOT / "config" / "policy.toml"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A service that has decided a letter for three, and a harmless mail for two."""
    with Sink() as sink:
        house = House(tmp_path_factory.mktemp("diff"), sink.port).set_up()
        with house.relay():
            assert house.submit(letter(), [CARER, OTHER_CARER, SURGERY]).startswith("250")
            assert house.submit(PLAIN, [CARER, COLLEAGUE]).startswith("250")
    return house


def draft(house: House, old: str, new: str) -> Path:
    source = SHIPPED.read_text(encoding="utf-8")
    assert old in source
    path = house.folder / "draft.toml"
    path.write_text(source.replace(old, new, 1), encoding="utf-8")
    return path


def test_every_decided_mail_has_left_its_facts(house: House) -> None:
    """Harmless ones too, under their records, and without a word, a file name or a subject line."""
    kept = house.rows("select record, facts from vault_decidedfacts")
    assert {r for r, _ in kept} == {r for (r,) in house.rows("select id from vault_vaultrecord")}
    assert len(kept) == 2
    text = " ".join(str(facts) for _, facts in kept)
    assert not [
        word for word in ("Ann", "epilepsy", "letter", "Clinic", "Rota", "999 000", "9990000018") if word in text
    ]
    assert "medical" in text


def test_the_present_policy_changes_nothing(house: House) -> None:
    """All five recipients are decided as they were."""
    said = json.loads(house.command("policy", "diff", str(SHIPPED), str(SHIPPED), "--json").stdout)
    assert (said["mails"], said["recipients"], said["unreadable"]) == (2, 5, 0)
    assert (said["counts"]["none"], said["changes"]) == (5, [])


def test_another_policy_shows_whom_it_would_have_met(house: House) -> None:
    """The letter to somebody else's carer, held and not refused; no address, and no name, unless asked for."""
    gentler = draft(house, 'category = ["*"]\naction = "reject"', 'category = ["*"]\naction = "hold"')
    done = house.command("policy", "diff", str(SHIPPED), str(gentler), "--json", "--since", "1")
    said = json.loads(done.stdout)
    assert [(c["relation"], c["before"]["action"], c["after"]["action"]) for c in said["changes"]] == [
        (["other-carer"], "REJECT", "HOLD")
    ]
    assert "@" not in done.stdout
    assert done.stderr == ""
    assert "1 REJECT -> HOLD" in house.command("policy", "diff", str(SHIPPED), str(gentler)).stdout
    named = json.loads(house.command("policy", "diff", str(SHIPPED), str(gentler), "--json", "--recipients").stdout)
    assert [c["recipient"] for c in named["changes"]] == [OTHER_CARER]


def test_a_policy_that_is_not_whole_is_not_tried(house: House) -> None:
    """One sentence and exit code 3; `policy check` lists all that is wrong, with exit code 6."""
    broken = draft(house, 'permission = ["missing"]', 'permission = ["withdrawn"]')
    done = house.command("policy", "diff", str(SHIPPED), str(broken), check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
    assert house.command("policy", "check", str(broken), check=False).returncode == 6


def test_without_a_file_check_and_table_take_the_services_own(house: House) -> None:
    """The one that the settings name."""
    assert "can be used" in house.command("policy", "check").stdout
    assert house.command("policy", "table").stdout == house.command("policy", "table", str(SHIPPED)).stdout


def test_explain_shows_the_rows_that_led_to_it(house: House) -> None:
    """As text with --trace, and for programs always."""
    (house.folder / "letter.eml").write_bytes(letter())
    told = house.command("explain", "letter.eml", "--to", OTHER_CARER, "--trace").stdout
    assert f"How it came about for {OTHER_CARER}" in told
    assert "SL-00001, medical information: other-carer, not-named" in told
    assert "So: REJECT by other-carer" in told
    said = json.loads(house.command("explain", "letter.eml", "--to", OTHER_CARER, "--json").stdout)
    (case,) = said["decisions"][0]["trace"]["cases"]
    assert case["roles"][0]["looked_at"][-1] == {"rule": "other-carer", "does_not_fit": []}
    assert {"rule": "self", "does_not_fit": ["relation"]} in case["roles"][0]["looked_at"]
    assert said["decisions"][0]["trace"]["conditions"]["staff"] is False
