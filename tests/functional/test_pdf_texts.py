"""A protected PDF whose password goes by text message with each mail: relay, worker, GOV.UK Notify's API, pikepdf."""

from __future__ import annotations

import email
import email.policy
import io
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pikepdf
import pytest

from domain.errors import VaultUnavailable
from domain.model import Address, Analysis
from domain.outgoing import Fate, ProtectedMessage, TextOwed
from gateway.pipeline import process
from gateway.telling import NoTexts
from tests import build
from tests.build import CARER
from tests.fakes import NOW, FakeNextHop, FakeProtector, Faults
from tests.property.test_promises import RAW, ports
from tests.support.house import NO_KEY, House, letter
from tests.support.notify import KEY, TEMPLATE, serving
from tests.support.sink import Sink
from vault import texts
from vault.models import JournalEntry
from vault.models.journal import JournalState


def test_the_password_of_each_mail_goes_to_the_phone_once_the_mail_has_left(tmp_path) -> None:
    """Not before; again until it is taken, and then never more; it opens that mail and no other; nothing keeps it."""
    with Sink() as sink, serving() as notify:
        extra = {
            "SALLYPORT_PDF__KEY": "keys/pdf.key",
            "SALLYPORT_PDF__NOTIFY_TEMPLATE": TEMPLATE,
            "SALLYPORT_PICKUP__NOTIFY_KEY": KEY,
            "SALLYPORT_PICKUP__NOTIFY_TEMPLATE": TEMPLATE,
            "SALLYPORT_PICKUP__NOTIFY_URL": notify.url,
        }
        house = House(tmp_path, sink.port, extra=extra).set_up()
        said = house.command("keys", "pdf", NO_KEY, "--text-each", "07700 900319").stdout
        assert "a password of its own" in said
        with house.relay():
            assert sent(house, 1).startswith("250")
        (mail,) = [m for m in sink.received if m.recipients == (NO_KEY,)]
        assert notify.texts == []
        notify.answers = [500]
        house.command("worker", "--once")
        assert notify.texts == []
        house.command("worker", "--once")
        house.command("worker", "--once")
        (text,) = notify.texts
        assert text["phone_number"].replace(" ", "").endswith("7700900319")
        password = text["personalisation"]["code"]
        with pikepdf.open(io.BytesIO(file_in(mail.content)), password=password) as pdf:
            assert "letter.txt" in pdf.attachments
        assert password.encode() not in mail.content
        assert house.rows("select length(data), sent_at is null from vault_textmessage") == [(0, 0)]


def sent(house: House, number: int) -> str:
    return house.submit(letter(To=NO_KEY, Message_ID=f"<text-{number}@council.example>"), [NO_KEY])


def file_in(content: bytes) -> bytes:
    (attached,) = email.message_from_bytes(content, policy=email.policy.default).iter_attachments()
    return bytes(attached.get_content())


@pytest.mark.usefixtures("database")
def test_a_mail_that_has_not_left_has_no_text_yet() -> None:
    """Only the journal's word that it was delivered makes it due; what is old is forgotten."""
    due = [d.recipient for d in _after(JournalState.INTENDED, "")]
    assert due == []
    due = [d.recipient for d in _after(JournalState.DONE, "held")]
    assert due == []
    (one,) = _after(JournalState.DONE, "delivered")
    assert (one.recipient, one.data) == ("c@x.example", b"sealed")
    texts.forget(NOW + timedelta(days=1))
    assert texts.due() == []


def _after(state: JournalState, fate: str) -> list[texts.Due]:
    texts.owe("d" * 64, Address.of("c@x.example"), b"sealed", NOW)
    texts.owe("d" * 64, Address.of("c@x.example"), b"another", NOW)
    JournalEntry.objects.update_or_create(
        digest="d" * 64,
        sender="o@council.example",
        recipient="c@x.example",
        defaults={"state": state, "fate": fate, "changed_at": NOW},
    )
    return texts.due()


class _WithText(FakeProtector):
    """Each of its mails needs a text message."""

    def protect(self, *args: Any) -> ProtectedMessage:
        return replace(super().protect(*args), text=TextOwed("+447700900319", "a-password"))


class _Texts:
    """Where they are written down, or not."""

    def __init__(self, hop: FakeNextHop, *, away: bool) -> None:
        self.hop, self.away, self.owed = hop, away, list[tuple[str, int]]()

    def owe(self, digest: str, recipient: Address, text: TextOwed, now: datetime) -> None:
        del digest, text, now
        if self.away:
            raise VaultUnavailable("down")
        self.owed.append((recipient.key, len(self.hop.taken)))


@pytest.mark.parametrize("away", [False, True])
def test_the_text_is_written_down_before_its_mail_leaves_or_nothing_leaves(*, away: bool) -> None:
    """So that no mail arrives that its reader can never open."""
    made = ports(Analysis(findings=(build.finding(),)), Faults(), {})
    hop = cast("FakeNextHop", made.next_hop)
    noted = _Texts(hop, away=away)
    made = replace(made, texts=noted, protectors=(_WithText(),))
    envelope = build.envelope(CARER)
    if away:
        with pytest.raises(VaultUnavailable):
            process(envelope, RAW, made)
        assert hop.taken == []
        with pytest.raises(VaultUnavailable):
            process(envelope, RAW, replace(made, texts=NoTexts()))
    else:
        (outcome,) = process(envelope, RAW, made)
        assert outcome.fate is Fate.DELIVERED
        assert noted.owed == [(CARER.key, 0)]
        assert [r for _, r in hop.taken] == [CARER]
