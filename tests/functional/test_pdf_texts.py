"""A protected PDF whose password goes by text message with each mail: relay, worker, GOV.UK Notify's API, pikepdf."""

from __future__ import annotations

import email
import email.policy
import io
from datetime import timedelta

import pikepdf
import pytest

from domain.model import Address
from tests.fakes import NOW
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
