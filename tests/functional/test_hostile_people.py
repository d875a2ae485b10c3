"""What people outside, and programs near the relay, must not get: over a real relay and a real sink."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.house import OFFICER, OTHER_CARER, House, letter
from tests.support.sink import Sink


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[tuple[House, int]]:
    """One relay over SQLite. It is started with core files allowed, as by a careless unit file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    house = House(tmp_path_factory.mktemp("people"), sink.port).set_up()
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        with house.relay() as process:
            yield house, process.pid
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@pytest.fixture
def house(running: tuple[House, int]) -> House:
    return running[0]


def test_the_relay_allows_no_core_file(running: tuple[House, int]) -> None:
    """It holds mail and keys, and takes the limit away by itself."""
    limits = Path(f"/proc/{running[1]}/limits").read_text(encoding="ascii")
    core = next(line.split() for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core[4:6] == ["0", "0"]


def test_settings_keys_and_data_are_their_owners_alone(house: House) -> None:
    """Other accounts of the machine read neither passwords nor keys nor the database."""
    private = ["sallyport.toml", "keys", "masters", "var", "keys/openpgp.key", "keys/smime.key", "keys/loop.key"]
    assert {name: (house.home / name).stat().st_mode & 0o077 for name in private} == dict.fromkeys(private, 0)


@pytest.mark.parametrize(
    "to",
    ["victim%evil.example@council.example", "evil!victim@council.example", '"victim@evil.example"@council.example'],
)
def test_no_mail_leaves_by_way_of_a_colleague(house: House, sink: Sink, to: str) -> None:
    """A mail server after us would send the plain original on to evil.example."""
    sink.received.clear()
    assert house.submit(letter(Message_ID="<onward@c>"), (to,), OFFICER).startswith("553 5.1.3")
    assert sink.received == []


def test_an_outside_sender_gets_no_notice_and_an_officer_does(house: House, sink: Sink) -> None:
    """The same letter to a carer of nobody it is about: from a redirected mailbox, and from an officer."""
    sink.received.clear()
    assert house.submit(letter(Message_ID="<out@c>"), (OTHER_CARER,), "consultant@else.example").startswith("250")
    assert sink.received == []
    assert house.rows("SELECT state FROM vault_heldmail") == [("held",)]
    assert house.submit(letter(Message_ID="<in@c>"), (OTHER_CARER,), OFFICER).startswith("250")
    assert [list(m.recipients) for m in sink.received] == [[OFFICER]]


STRANGER = "stranger@elsewhere.example"
PLAIN = b"Subject: Hello\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
TELLING = [
    b'To: "Ann Lee, NHS number 999 000 0018" <stranger@elsewhere.example>\r\n' + PLAIN,
    b"X-NHS-Number: 9990000018\r\n" + PLAIN,
    b"X-MS-Exchange-Comment: Ann Lee, NHS number 999 000 0018\r\n" + PLAIN,
    PLAIN + b"Content-Description: Ann Lee, NHS number 999 000 0018\r\n",
    PLAIN + b"Content-ID: <ann-lee-nhs-9990000018@council.example>\r\n",
    PLAIN + b'Content-Disposition: attachment; filename="Ann Lee NHS number 999 000 0018/a.txt"\r\n',
    PLAIN.replace(b"charset", b'name="Ann Lee NHS number 999 000 0018.txt"; charset')
    + b'Content-Disposition: attachment; filename="a.txt"\r\n',
    b"Subject: " + b"hello\r\n " * 1800 + b"NHS number 999 000 0018\r\n",
]


@pytest.mark.parametrize("header", TELLING)
def test_nothing_confidential_leaves_in_a_field_that_nobody_reads(house: House, sink: Sink, header: bytes) -> None:
    """An ordinary text to a stranger, and a person's number in one field."""
    sink.received.clear()
    assert house.submit(header + b"\r\nHello, see you on Monday.\r\n", (STRANGER,)).startswith("250")
    assert [list(m.recipients) for m in sink.received] == [[OFFICER]]


@pytest.mark.parametrize(
    "field",
    [
        b"To: Ann Lee <ann.lee@elsewhere.example>",
        b"To: Ann Lee <stranger@elsewhere.example>, Dr Marsh <m@surgery.example>",
        b'From: "Officer, Olive (Adults\' Health and Care)" <officer@council.example>',
        b"X-MS-Exchange-CrossTenant-OriginalArrivalTime: 23 Nov 2026 10:00:00.1234 (UTC)",
        b"X-Correlation-ID: 9990000018\r\nX-Mailer: Microsoft Outlook 16.0",
    ],
)
def test_ordinary_mail_is_not_held_for_its_header(house: House, sink: Sink, field: bytes) -> None:
    """A person's name in an address field is a name alone, and counts only beside something confidential."""
    sink.received.clear()
    assert house.submit(field + b"\r\n" + PLAIN + b"\r\nSee you on Monday.\r\n", (STRANGER,)).startswith("250")
    assert [list(m.recipients) for m in sink.received] == [[STRANGER]]
    assert field in sink.received[0].content
