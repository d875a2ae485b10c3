"""Subject tags through a real relay: protected on request, released at once with the management team told first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pysequoia
import pytest

from tests.support.corpus import seen_in
from tests.support.house import CARER, OFFICER, SECRET, House, letter
from tests.support.sink import Sink

MANAGEMENT = "management@council.example"
WARDEN = "warden@sheltered.example"  # has a key, and nobody's permission
PRIVATE = (SECRET, "levetiracetam", "epilepsy", "999 000 0018", "Ann Lee")


@dataclass
class Running:
    house: House
    sink: Sink


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Sink() as sink:
        house = House(tmp_path_factory.mktemp("asked"), sink.port)
        house.extra["SALLYPORT_SERVICE__MANAGEMENT"] = f'["{MANAGEMENT}"]'
        house.set_up(WARDEN)
        with house.relay():
            yield Running(house, sink)


@pytest.fixture(autouse=True)
def _fresh(running: Running) -> None:
    running.sink.received.clear()


def plain(subject: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = OFFICER, CARER, subject, f"<{hash(subject)}@c>"
    mail.set_content("The key is under the blue pot.\n")
    return mail.as_bytes()


def opened(house: House, address: str, content: bytes) -> bytes:
    """As its recipient would."""
    armour = content[content.index(b"-----BEGIN PGP MESSAGE") :]
    secret = pysequoia.Tsk.from_bytes((house.folder / f"{address}.key").read_bytes())
    return bytes(pysequoia.decrypt(armour, secret.decryptor()).bytes)


def test_secure_protects_and_the_tag_stays_here(running: Running) -> None:
    """Nothing was found in it; it leaves encrypted, and the subject inside has no tag."""
    assert running.house.submit(plain("[secure] Spare key"), [CARER]).startswith("250")
    (sent,) = running.sink.received
    assert seen_in(sent.content, ("blue pot", "Spare key", "secure")) == []
    inside = opened(running.house, CARER, sent.content)
    assert b"Subject: Spare key" in inside
    assert b"blue pot" in inside


def test_without_a_tag_the_same_mail_is_relayed(running: Running) -> None:
    """The tag made the difference; brackets of other people stay."""
    assert running.house.submit(plain("[EXTERNAL] Spare key"), [CARER]).startswith("250")
    (sent,) = running.sink.received
    assert b"Subject: [EXTERNAL] Spare key" in sent.content
    assert b"blue pot" in sent.content


def test_an_urgent_release_is_told_recorded_and_sent_protected(running: Running) -> None:
    """The team first, then the mail; twice the same mail tells and sends once."""
    mail = letter(Subject="[urgent: risk] Clinic letter", Message_ID="<urgent-1@council.example>")
    for _ in range(2):
        assert running.house.submit(mail, [WARDEN]).startswith("250")
    assert [m.recipients for m in running.sink.received] == [(MANAGEMENT,), (WARDEN,)]
    notice, sent = (m.content for m in running.sink.received)
    assert seen_in(notice + sent, PRIVATE) == []
    words = message_from_bytes(notice, policy=default).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f'{OFFICER} is sending the mail "[urgent: risk] Clinic letter" by urgent release.' in words
    assert "at risk or in danger" in words
    assert "Please review this release by" in words
    inside = opened(running.house, WARDEN, sent)
    assert b"Subject: Clinic letter\r\n" in inside
    assert b"letter.txt" in inside
    rows = running.house.rows("select recipient, concern, told_at is not null, reviewed_at from register_urgentrelease")
    assert rows == [(WARDEN, "risk", 1, None)]


def test_the_same_mail_without_urgency_is_held_and_a_review_is_opened(running: Running) -> None:
    """Somebody new is to be involved: one open request, however often it is asked."""
    for number in range(2):
        mail = letter(Message_ID=f"<calm-{number}@council.example>")
        assert running.house.submit(mail, [WARDEN]).startswith("250")
    assert [m.recipients for m in running.sink.received] == [(OFFICER,), (OFFICER,)]
    asked = running.house.rows("select recipient, rule, closed_at from register_reviewrequest")
    assert asked == [(WARDEN, "new-involvement", None)]


def test_a_slip_of_the_pen_is_held_and_told(running: Running) -> None:
    """The officer believed it protected."""
    assert running.house.submit(plain("[secrue] Spare key"), [CARER]).startswith("250")
    (notice,) = running.sink.received
    assert notice.recipients == (OFFICER,)
    assert b"not understood" in notice.content


def test_who_is_no_officer_cannot_ask(running: Running) -> None:
    """A colleague whom the register does not know as an officer: held, told, and no release on record."""
    before = running.house.rows("select count(*) from register_urgentrelease")
    mail = letter(Subject="[urgent: risk] Letter", Message_ID="<urgent-2@council.example>")
    assert running.house.submit(mail, [WARDEN], sender="temp@council.example").startswith("250")
    assert [m.recipients for m in running.sink.received] == [("temp@council.example",)]
    assert running.house.rows("select count(*) from register_urgentrelease") == before
