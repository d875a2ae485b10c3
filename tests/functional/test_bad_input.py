"""Mails made to hurt, one after another to one real relay: nothing in the clear, nothing lost, still alive."""

from __future__ import annotations

import smtplib
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.support import hostile_mail
from tests.support.corpus import seen_in
from tests.support.faults import MIB, peak_memory
from tests.support.house import CARER, OFFICER, SECRET, House, letter
from tests.support.sink import Received, Sink

MOST_MEMORY = 300 * MIB
"""Of the relay process over all these mails, the 30 MB one among them."""
MOST_SIZE = 35_000_000
WORDS = (SECRET, "levetiracetam", "epilepsy", "999 000 0018", "Ann Lee")
PRIVATE = (*WORDS, OFFICER, CARER, "carers.example", "Cara", "Neurology", "AGE-SECRET-KEY", "BEGIN PGP", "Papers")


@dataclass
class Running:
    """A relay, and what stands after it."""

    house: House
    sink: Sink
    process: subprocess.Popen[bytes]
    served: int = 0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Sink() as sink:
        house = House(tmp_path_factory.mktemp("hostile"), sink.port).set_up()
        with house.relay(SALLYPORT_RELAY__MAX_SIZE=str(MOST_SIZE)) as process:
            yield Running(house, sink, process)


@pytest.fixture(autouse=True)
def _unharmed(running: Running) -> Iterator[None]:
    """After each test: alive, memory bounded, the next good mail served once, and a log that tells nothing."""
    running.sink.received.clear()
    yield
    running.sink.received.clear()
    running.served += 1
    answer = running.house.submit(letter(Message_ID=f"<good-{running.served}@council.example>"), [CARER])
    assert answer.startswith("250"), answer
    assert [m.recipients for m in running.sink.received] == [(CARER,)]
    assert running.process.poll() is None
    assert peak_memory(running.process.pid) < MOST_MEMORY
    assert seen_in(running.house.log().encode(), PRIVATE) == []


def _copies(running: Running) -> list[Received]:
    return [m for m in running.sink.received if CARER in m.recipients]


def _filed(running: Running) -> int:
    return int(str(running.house.rows("select count(*) from vault_vaultrecord")[0][0]))


@pytest.mark.parametrize("name", hostile_mail.HELD)
def test_what_nobody_can_vouch_for_is_held(name: str, running: Running) -> None:
    """Accepted, filed, kept back; its sender is told in one notice without a word of it; a retry changes nothing."""
    mail, before = hostile_mail.HELD[name](), _filed(running)
    for _ in range(2):
        answer = running.house.submit(mail, [CARER])
        assert answer.startswith("250"), answer
    assert _filed(running) == before + 1
    assert [m.recipients for m in running.sink.received] == [(OFFICER,)]
    notice = running.sink.received[0].content
    assert b"cannot be read" in notice
    assert seen_in(notice, WORDS) == []


@pytest.mark.parametrize("make", [hostile_mail.no_headers, hostile_mail.no_blank_line], ids=lambda m: m.__name__)
def test_a_mail_without_a_head_or_a_body_is_never_in_the_clear(make: Callable[[], bytes], running: Running) -> None:
    """Whatever it is taken for, the words in it are seen."""
    answer = running.house.submit(make(), [CARER])
    assert answer[:3] in {"250", "550"}, answer
    for received in running.sink.received:
        assert seen_in(received.content, WORDS) == []
    if answer.startswith("250"):
        assert running.sink.received, "accepted, and then nothing came of it"


def test_a_header_of_megabytes_is_refused(running: Running) -> None:
    """No mail program writes such; nothing of it is kept or sent on."""
    before = _filed(running)
    assert running.house.submit(hostile_mail.long_header(), [CARER]).startswith("550 5.6.0")
    assert (_filed(running), running.sink.received) == (before, [])


def test_an_empty_message_gets_a_clear_answer(running: Running) -> None:
    """No octet at all: accepted or refused, and no second thought."""
    answer = running.house.submit(b"", [CARER])
    assert answer[:3] in {"250", "550"}, answer


def test_too_large_is_refused_before_it_is_sent(running: Running) -> None:
    """SIZE is offered, and a larger one is refused at MAIL (RFC 1870 section 6.1)."""
    with smtplib.SMTP("127.0.0.1", running.house.port, timeout=30) as client:
        client.ehlo()
        assert int(client.esmtp_features["size"]) == MOST_SIZE
        code, words = client.mail(OFFICER, [f"SIZE={MOST_SIZE + 1}"])
    assert (code, words[:5]) == (552, b"5.3.4")


def test_too_large_is_refused_when_it_was_not_announced(running: Running) -> None:
    """The same after the content, which is not kept in memory meanwhile."""
    mail = (
        letter(Message_ID="<large@council.example>") + b"x" * 78 + b"\r\n" + (b"y" * 78 + b"\r\n") * (MOST_SIZE // 80)
    )
    answer = running.house.submit(mail, [CARER])
    assert answer.startswith("552"), answer
    assert running.sink.received == []
