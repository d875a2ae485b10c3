"""kill -9 while a held mail that was sent again is served: it leaves once, and then waits for no reviewer."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from gateway.clock import SystemClock
from gateway.protect.generate import make_openpgp_key
from tests.support.house import SECRET, House, letter
from tests.support.sink import Sink

MOMENTS = [
    *("journal.claim:after", "vault.file:after", "journal.intend:before", "journal.intend:after"),
    *("journal.hold_on:after", "hop.deliver:before"),
]
CARERS = {moment: f"again{n}@carers.example" for n, moment in enumerate(MOMENTS)}


@pytest.fixture(scope="module")
def sink():
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def house(tmp_path_factory, sink) -> House:
    """With carers of Ann's home who have no key yet."""
    house = House(tmp_path_factory.mktemp("again"), sink.port).set_up()
    rows = [f"carer,AGAIN-{n},Carer {n},{email},H-1" for n, email in enumerate(CARERS.values())]
    (house.folder / "more.csv").write_text("\n".join(["type,id,name,email,household", *rows]) + "\n", encoding="utf-8")
    house.command("register", "import", "more.csv")
    return house


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_resend_killed_at(moment, house, sink):
    """Held for want of a key; the key comes; sent again an hour later, with a relay that dies; then once more."""
    who, mail = CARERS[moment], letter(Message_ID=f"<again-{CARERS[moment]}>")
    with house.relay():
        assert house.submit(mail, (who,)).startswith("250")
    assert _held(house, who) == ["held"]
    _add_key(house, who)
    house.rows(f"update vault_journalentry set changed_at = datetime(changed_at, '-1 hour') where recipient = '{who}'")
    sink.received.clear()
    with house.relay("tests.support.killable", KILL_AT=moment) as relay:
        assert house.submit(mail, (who,)).startswith("000")
        assert relay.wait(20) == -9, f"{moment} was never reached"
    leaves_nothing_open = moment in MOMENTS[3:]
    assert _held(house, who) == ["superseded" if leaves_nothing_open else "held"]
    with house.relay():
        for _ in range(20):  # the dead relay's claim runs out after two seconds
            if house.submit(mail, (who,)).startswith("250"):
                break
            time.sleep(0.5)
    assert [m.recipients for m in sink.received] == [(who,)]
    assert SECRET.encode() not in sink.received[0].content
    assert _held(house, who) == ["superseded"]
    assert house.rows(f"select state, fate from vault_journalentry where recipient = '{who}'") == [
        ("done", "delivered")
    ]


def _held(house: House, who: str) -> list[object]:
    return [state for (state,) in house.rows(f"select state from vault_heldmail where recipient = '{who}'")]


def _add_key(house: House, who: str) -> None:
    _, public = make_openpgp_key("Test", who, SystemClock().now(), timedelta(days=365))
    (house.folder / f"{who}.pub").write_bytes(public)
    house.command("keys", "add", str(house.folder / f"{who}.pub"), "--for", who)
