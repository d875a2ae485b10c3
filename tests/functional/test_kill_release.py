"""kill -9 while a release is carried out: the mail leaves once, protected, and then waits for no reviewer."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from tests.support.house import CARER, SECRET, House, letter
from tests.support.sink import Sink
from tests.support.specimens import named_by_name_alone

MOMENTS = [
    "journal.claim:after",
    "vault.file:after",
    "journal.intend:after",
    "hop.deliver:before",
    "journal.settle:after",
]


@pytest.fixture(scope="module")
def sink():
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def house(tmp_path_factory, sink) -> House:
    """With one held mail a moment."""
    house = House(tmp_path_factory.mktemp("released"), sink.port).set_up()
    with house.relay():
        for number in range(len(MOMENTS)):
            mail = named_by_name_alone(letter(Message_ID=f"<k{number}@council.example>", Subject=f"Letter {number}"))
            assert house.submit(mail, (CARER,)).startswith("250")
    return house


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_release_killed_at(moment, house, sink):
    """Ordered; the worker dies; another worker goes on once the dead one's claim has run out."""
    waiting = json.loads(house.command("held", "list", "--json").stdout)
    number = waiting[0]["number"]
    house.command("held", "release", str(number), "--about", "SL-00001", "--why", "it is hers")
    sink.received.clear()
    died = subprocess.run(
        [sys.executable, "-m", "tests.support.killable_worker"],
        env=house.environment() | {"KILL_AT": moment}, cwd=house.folder, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert died.returncode == -9, died.stderr.decode()
    for _ in range(20):
        house.command("worker", "--once", check=False)
        if _state(house, number) == "released":
            break
        time.sleep(0.5)
    assert _state(house, number) == "released"
    to_carer = [m for m in sink.received if m.recipients == (CARER,)]
    assert len(to_carer) == 1
    assert SECRET.encode() not in to_carer[0].content
    assert b"multipart/encrypted" in to_carer[0].content
    assert len(json.loads(house.command("held", "list", "--json").stdout)) == len(waiting) - 1


def _state(house: House, number: int) -> object:
    ((state,),) = house.rows(f"select state from vault_heldmail where id = {number}")
    return state
