"""A text message that the provider does not take: the officer whose mail it is about is told, once and together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from cli.jobs.untaken import PATIENCE, tell_of_untaken
from config.settings import Settings
from domain.errors import NextHopUnavailable
from domain.model import NULL_SENDER, Address
from domain.pickup import Ending
from gateway.letters import Letterhead
from gateway.untexted import Untexted, UntextedMail
from tests.build import OFFICER
from tests.fakes import NOW
from tests.support.house import free_port
from tests.support.sink import Sink
from vault import audit, looks, texts, untaken
from vault.models import JournalEntry, PickupGrant, UntakenText
from vault.models.journal import JournalState

pytestmark = pytest.mark.usefixtures("database")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CARER = "carer@carers.example"


def settings(port: int) -> Settings:
    return Settings(
        next_hops=[{"domains": ["*"], "host": "127.0.0.1", "port": port}], service={"domains": [OFFICER.domain]}
    )


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as made:
        yield made


def told(sink: Sink, now: datetime) -> list[tuple[str, str]]:
    """Who was told what by one turn of the job."""
    before = len(sink.received)
    tell_of_untaken(settings(sink.port), now)
    return [
        (*r.recipients, str(message_from_bytes(r.content, policy=default)["Subject"])) for r in sink.received[before:]
    ]


def password(digest: str, recipient: str = CARER, sender: str = OFFICER.text, at: datetime = NOW) -> None:
    """A protected PDF that left at NOW, whose text message waits."""
    texts.owe(digest, Address.of(recipient), b"sealed", at)
    JournalEntry.objects.create(
        digest=digest, sender=sender, recipient=recipient, state=JournalState.DONE, fate="delivered", changed_at=at
    )


def code(grant: str, *, at: datetime = NOW, ended: str = "") -> None:
    """A pick-up whose code was not taken."""
    PickupGrant.objects.create(
        id=grant, record=f"R{grant}", digest=grant, sender=OFFICER.text, recipient=CARER, link_sha256=grant, key="k",
        version="v", sealed_sha256="s", made_at=at, until=at + timedelta(days=7), ended=ended,
    )  # fmt: skip
    event(grant, untaken.NOT_TAKEN, at)


def event(grant: str, action: str, at: datetime) -> None:
    looks.note(audit.Event(at, "pick-up", action, f"R{grant}", "", {"grant": grant}))


def test_the_officer_is_told_of_a_password_that_is_not_taken(sink: Sink) -> None:
    """Not within the first quarter of an hour; once; what nobody took is told at the next turn."""
    password("a")
    assert told(sink, NOW + PATIENCE / 2) == []
    with pytest.raises(NextHopUnavailable):
        tell_of_untaken(settings(free_port()), NOW + PATIENCE + MINUTE)
    said = [(OFFICER.text, "Not readable yet: 1 text message not sent")]
    assert told(sink, NOW + PATIENCE + MINUTE) == said
    assert told(sink, NOW + 99 * HOUR) == []


def test_what_was_taken_in_time_is_not_told(sink: Sink) -> None:
    """Nor what has not left."""
    password("a")
    (one,) = texts.due()
    texts.sent(one.row, NOW + MINUTE)
    texts.owe("b", Address.of(CARER), b"sealed", NOW)
    assert told(sink, NOW + HOUR) == []


def test_the_officer_is_told_of_a_code_that_was_not_taken(sink: Sink) -> None:
    """Not where it was opened since, nor where it may not be opened any more."""
    for grant in "abc":
        code(grant, ended=Ending.REVOKED.value if grant == "b" else "")
    event("c", untaken.OPENED, NOW + MINUTE)
    assert told(sink, NOW + PATIENCE / 2) == []
    assert told(sink, NOW + PATIENCE + MINUTE) == [(OFFICER.text, "Not readable yet: 1 text message not sent")]
    assert b"asked for a code on" in sink.received[-1].content
    assert UntakenText.objects.get().about == "a"


def test_they_are_told_together_and_hourly_at_most(sink: Sink) -> None:
    """When the provider is away a whole day."""
    for digest in "abc":
        password(digest)
    assert told(sink, NOW + HOUR) == [(OFFICER.text, "Not readable yet: 3 text messages not sent")]
    password("d", at=NOW + HOUR)
    code("e", at=NOW + HOUR)
    assert told(sink, NOW + 1.5 * HOUR) == []
    assert told(sink, NOW + 2.1 * HOUR) == [(OFFICER.text, "Not readable yet: 2 text messages not sent")]


def test_nobody_outside_is_told(sink: Sink) -> None:
    """A rule that redirects a mailbox keeps the outside sender; what is old is forgotten."""
    password("a", sender="somebody@elsewhere.example")
    password("b", sender="")
    assert told(sink, NOW + HOUR) == []
    assert UntakenText.objects.filter(told_at=None).count() == 0
    untaken.forget(NOW + MINUTE)
    assert UntakenText.objects.count() == 0


def test_the_mail_says_whom_to_ring_and_tells_no_secret() -> None:
    """From the null sender, automatic; in both forms."""
    mail = UntextedMail(Letterhead("Shared Lives", "sl@council.example"), "0196", "gw", "https://c.example")
    several = [Untexted(CARER, NOW, is_code=False), Untexted("gp@surgery.example", NOW, is_code=True)]
    notice = mail.compose(OFFICER, several, NOW)
    parsed = message_from_bytes(notice.content, policy=default)
    text = parsed.get_body(("plain",)).get_content()
    assert (notice.sender, parsed["Auto-Submitted"]) == (NULL_SENDER, "auto-generated")
    assert f"{CARER} has your mail of " in text
    assert "gp@surgery.example asked for a code on " in text
    assert "Please ring them" in text
    assert "tried again by itself" in text
    assert "https://c.example" in text
    assert parsed.get_body(("html",)).get_content().count("<li>") == 2
    assert mail.compose(OFFICER, several, NOW + HOUR).content.count(parsed["Message-ID"].encode()) == 1
