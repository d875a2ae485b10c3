"""kill -9 of the relay at every step: nothing lost, nothing sent twice, nothing in the clear (promises 1 to 3)."""

from __future__ import annotations

import time
from collections import Counter
from email import message_from_bytes
from uuid import NAMESPACE_OID, uuid5

import pytest

from tests.support.house import CARER, COLLEAGUE, NO_KEY, OFFICER, OTHER_CARER, SECRET, SURGERY, House, letter
from tests.support.sink import Sink

MOMENTS = [
    f"{step}:{side}"
    for step in (
        "journal.claim",
        "classifiers.analyse",
        "register.mentions",
        "register.circle",
        "register.keys",
        "protector.examine",
        "protector.protect",
        "vault.file",
        "store.put",
        "store.read_back",
        "obligations.carry_out",
        "journal.intend",
        "hop.deliver",
        "notices.compose",
        "journal.settle",
    )
    for side in ("before", "after")
]
MANAGEMENT = "management@council.example"
WARDEN = "warden@sheltered.example"  # has a key, and nobody's permission
TO = (CARER, SURGERY, NO_KEY, OTHER_CARER, COLLEAGUE)

# Between the next hop's 250 and our writing it down SMTP cannot tell; the copy delivered then may come once more.
SMTP_WINDOW = {"hop.deliver:after", "notices.compose:before", "notices.compose:after", "journal.settle:before"}


@pytest.fixture(scope="module")
def sink():
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def house(tmp_path_factory, sink) -> House:
    house = House(tmp_path_factory.mktemp("kill"), sink.port)
    house.extra["SALLYPORT_SERVICE__MANAGEMENT"] = f'["{MANAGEMENT}"]'
    return house.set_up(WARDEN)


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at(moment, house, sink):
    """The client is never told 250 by a relay that dies; its next try serves everybody, each once."""
    mail = letter(Message_ID=f"<{uuid5(NAMESPACE_OID, moment)}@council.example>")  # as programs make it: kept outside
    sink.received.clear()
    with house.relay("tests.support.killable", KILL_AT=moment) as relay:
        answer = house.submit(mail, TO)
        assert relay.wait(20) == -9, f"{moment} was never reached"
        died_at_the_end = moment == "journal.settle:after"
        assert answer.startswith("000") or died_at_the_end
    with house.relay():
        answer = _until_accepted(house, mail)
    assert answer.startswith("250"), answer
    _nothing_lost(house, mail, sink)
    _nothing_twice(moment, sink)
    _nothing_in_the_clear(sink)


@pytest.mark.parametrize(
    "moment",
    [
        f"{step}:{side}"
        for step in ("obligations.carry_out", "notices.compose_releases", "obligations.told", "hop.deliver")
        for side in ("before", "after")
    ],
)
def test_an_urgent_release_killed_at(moment, house, sink):
    """The team knows before the mail leaves, whatever dies; it may hear of it twice, the recipient gets it once."""
    mail = letter(Message_ID=f"<urgent-{moment.replace(':', '-')}@council.example>", Subject="[urgent: risk] Letter")
    sink.received.clear()
    with house.relay("tests.support.killable", KILL_AT=moment) as relay:
        assert house.submit(mail, (WARDEN,)).startswith("000")
        assert relay.wait(20) == -9, f"{moment} was never reached"
    with house.relay():
        assert _until_accepted(house, mail, (WARDEN,)).startswith("250")
    order = [r for m in sink.received for r in m.recipients]
    assert order[0] == MANAGEMENT
    assert order.count(WARDEN) == 1
    assert order.count(MANAGEMENT) <= 2
    assert all(SECRET.encode() not in m.content for m in sink.received)


def _until_accepted(house: House, mail: bytes, to: tuple[str, ...] = TO) -> str:
    """As the sending server does: again, until it is taken. The dead relay's claim runs out after two seconds."""
    for _ in range(20):
        answer = house.submit(mail, to)
        if answer.startswith("250"):
            break
        time.sleep(0.5)
    return answer


def _copies(sink: Sink) -> Counter[str]:
    return Counter(r for mail in sink.received if mail.sender == OFFICER for r in mail.recipients)


def _nothing_lost(house: House, mail: bytes, sink: Sink) -> None:
    message_id = message_from_bytes(mail)["Message-ID"]
    got = _copies(sink)
    assert all(got[r] >= 1 for r in (CARER, SURGERY, COLLEAGUE)), got
    notices = [m for m in sink.received if m.sender in {"", "<>"} and message_id.encode() in m.content]
    assert notices, "the sender was not told"
    assert any(NO_KEY.encode() in n.content for n in notices)
    assert any(OTHER_CARER.encode() in n.content for n in notices)
    open_entries = house.rows("select recipient, state from vault_journalentry where state != 'done'")
    assert open_entries == []


def _nothing_twice(moment: str, sink: Sink) -> None:
    got = _copies(sink)
    allowed = 2 if moment in SMTP_WINDOW else 1
    assert all(n <= allowed for n in got.values()), got
    if allowed > 1:  # the second copy is the same message to the world
        ours = [m for m in sink.received if m.sender == OFFICER]
        ids = {(m.recipients, message_from_bytes(m.content)["Message-ID"]) for m in ours}
        assert len(ids) == len({recipients for recipients, _ in ids})


def _nothing_in_the_clear(sink: Sink) -> None:
    for mail in sink.received:
        if COLLEAGUE not in mail.recipients:
            assert SECRET.encode() not in mail.content
            assert b"bGV2ZXRpcmFjZXRhb" not in mail.content  # the drug's name in base64
            assert b"epilepsy" not in mail.content
        assert NO_KEY not in mail.recipients
        assert OTHER_CARER not in mail.recipients
