"""How somebody proves that it is them: a text message, a passphrase, or neither; and what expires."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.functional.test_pickup import grant_of, send
from tests.support.house import NO_KEY, ROOT, House
from tests.support.notify import KEY, TEMPLATE, Notify, serving
from tests.support.pickups import Visitor

PASSPHRASE = "Blue kettle by the Window"


@pytest.fixture(scope="module")
def notify() -> Iterator[Notify]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def set_otherwise(notify: Notify) -> dict[str, str]:
    return {
        "SALLYPORT_PICKUP__SHOW_CODES": "false",
        "SALLYPORT_PICKUP__NOTIFY_KEY": KEY,
        "SALLYPORT_PICKUP__NOTIFY_TEMPLATE": TEMPLATE,
        "SALLYPORT_PICKUP__NOTIFY_URL": notify.url,
    }


@pytest.fixture
def visitor(house, sink, relay, pages, unlimited) -> Visitor:
    return Visitor(pages, send(house, sink))


def _contact(house: House, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "pickup", "contact", NO_KEY, *words],
        env=house.environment(), cwd=ROOT, input=given, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_whom_the_office_has_no_number_of_is_asked_to_ring(house, visitor, notify) -> None:
    start = visitor.get().text
    assert "Please ring us on 01962 555 0100." in start
    assert "Your code" in start
    assert "Send me a code" not in start
    assert visitor.post("/send").headers["Location"].endswith("/code")  # asked for by hand: nothing is sent
    assert notify.texts == []
    code = house.command("pickup", "code", grant_of(house), "--why", "she rang, I rang back").stdout.strip()
    assert visitor.post("/code", code=code).status == 303


def test_a_code_comes_as_a_text_message(house, visitor, notify) -> None:
    house.rows(
        "insert into vault_pickupdevice (recipient, credential, data, count, made_at, until) "
        f"values ('{NO_KEY}', 'aa', 'bb', 0, '2026-01-01', '2099-01-01')"
    )
    assert "1 devices" in _contact(house).stdout
    said = _contact(house, "--mobile", "07700 900123").stdout
    assert "ends in 23; no passphrase; 0 devices" in said, "whoever came in by the old number is out"
    assert "your phone that ends in 23" in visitor.get().text
    visitor.post("/send")
    assert notify.texts[-1]["phone_number"] == "+447700900123"
    assert visitor.post("/code", code=f"{notify.codes[-1][:3]} {notify.codes[-1][3:]}").status == 303
    assert "opened (text message)" in house.command("pickup", "show", grant_of(house)).stdout


def test_where_the_text_cannot_be_sent_they_are_told_to_ring(visitor, notify) -> None:
    notify.answers = [500]
    reply = visitor.post("/send")
    assert reply.status == 502
    assert "We could not send the code" in reply.text
    assert "01962 555 0100" in reply.text


def test_a_passphrase_opens_it_however_it_is_written(house, visitor) -> None:
    assert _contact(house, "--passphrase", given=f"{PASSPHRASE}\n{PASSPHRASE}\n").returncode == 0
    assert "Your code or passphrase" in visitor.get("/code").text
    assert visitor.post("/code", code="blue kettle by the door").status == 422
    assert visitor.post("/code", code="  blue kettle BY the  window ").status == 303
    assert "opened (passphrase)" in house.command("pickup", "show", grant_of(house)).stdout
    ((kept,),) = house.rows("select passphrase from vault_pickupcontact")
    assert "kettle" not in str(kept)
    _contact(house, "--no-passphrase")
    assert Visitor(visitor.pages, visitor.path[3:]).post("/code", code=PASSPHRASE).status == 422


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        (("--passphrase",), "short\nshort\n", "three words or more"),
        (("--mobile", "12"), "", "is not a mobile number"),
        (("--mobile", "+44 12 34 <x>"), "", "is not a mobile number"),
    ],
)
def test_what_is_no_number_and_no_passphrase_is_refused_with_a_sentence(house, words, given, said) -> None:
    done = _contact(house, *words, given=given)
    assert done.returncode == 5
    assert said in done.stderr


def test_the_worker_destroys_what_is_over_and_the_link_says_so(house, visitor) -> None:
    grant = grant_of(house)
    assert list((house.home / "var" / "pickup").rglob("*.age@*"))
    house.rows(f"update vault_pickupgrant set until = datetime('now', '-1 minute') where id = '{grant}'")
    house.rows(f"update vault_pickupgrant set made_at = datetime('now', '-2 hours') where id = '{grant}'")
    assert visitor.get().status == 404
    ((key,),) = house.rows(f"select key from vault_pickupgrant where id = '{grant}'")
    house.command("worker", "--once")
    assert not [p for p in (house.home / "var" / "pickup").rglob("*") if str(key).rpartition("/")[2] in p.name]
    assert "the waiting copy was destroyed" in house.command("pickup", "show", grant).stdout
    assert "closed: its time is over" in house.command("pickup", "show", grant).stdout


def test_check_says_how_pick_up_stands(house, pages) -> None:
    said = house.command("check", check=False).stdout
    (line,) = [line for line in said.splitlines() if " pick-up: " in line]
    assert line.startswith("ok")
    assert re.search(r"\d+ wait", line)
    assert "codes go by text message" in line
