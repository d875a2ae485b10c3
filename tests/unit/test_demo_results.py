"""What the live demo says left is that very mail's copy, and one more recipient of the same mail is shown, too."""

from __future__ import annotations

import asyncio
import hashlib
from types import SimpleNamespace

import pytest

from demo.cast import cast
from demo.mails import mails, to_send_again
from demo.next_hop import NextHop
from demo.results import last_outcome, rows_after
from tests.fakes import NOW
from vault import audit
from vault.models import VaultRecord

OFFICER, IDRIS, LIONEL = "jo@hants.example", "idris@post.example", "lionel@carers.example"
TRACE = b"Received: from a ([127.0.0.1])\r\n\tby b with ESMTP;\r\n\tnow\r\nX-Sallyport-Trace: v=1; h=b;\r\n\ti=1\r\n"
CLEAR = b"Subject: Hello\r\n\r\nHello\r\n"
SEALED = b'Content-Type: multipart/encrypted; boundary="b"\r\n\r\n--b--\r\n'


def arrive(hop: NextHop, content: bytes, *to: str) -> None:
    """As aiosmtpd hands it over."""
    envelope = SimpleNamespace(content=TRACE + content, rcpt_tos=list(to), mail_from=OFFICER)
    assert asyncio.run(hop.handle_DATA(None, None, envelope)).startswith("250")


def outcome(record: VaultRecord, recipient: str, fate: str = "delivered") -> None:
    audit.append([audit.Event(NOW, "relay", f"outcome {fate}", record.id, "as intended", {"recipient": recipient})])


def record(ident: str, content: bytes, **actions: str) -> VaultRecord:
    decided = [{"recipient": f"{n}.example", "action": a, "method": None, "reasons": []} for n, a in actions.items()]
    return VaultRecord.objects.create(
        id=ident, digest=hashlib.sha256(content).hexdigest(), sender=OFFICER, plan=ident,
        received_at=NOW, filed_at=NOW, retain_until=NOW, classes=["correspondence"], decisions=decided,
    )  # fmt: skip


def test_a_copy_is_claimed_by_its_own_mail_and_once(tmp_path):
    """Though a mail in the clear to the same recipient came after the encrypted one, or before it."""
    hop, digest = NextHop(tmp_path, 0), hashlib.sha256(CLEAR).hexdigest()
    arrive(hop, CLEAR, IDRIS)
    arrive(hop, SEALED, IDRIS)
    arrive(hop, CLEAR, LIONEL)
    sealed = hop.claim("of another mail", OFFICER, IDRIS)
    assert sealed is not None
    assert sealed.described() == "OpenPGP message, 1 kB"
    clear = hop.claim(digest, OFFICER, IDRIS)
    assert clear is not None
    assert clear.described() == "as it came, 1 kB"
    assert hop.claim(digest, OFFICER, IDRIS) is None
    assert hop.claim(digest, "somebody@else.example", LIONEL) is None
    hop.forget()
    assert hop.claim(digest, OFFICER, LIONEL) is None


@pytest.mark.usefixtures("database")
def test_rows_follow_outcomes_and_not_records(tmp_path):
    """Encrypted and in the clear to one recipient are told apart; a second recipient of a filed mail gets a row."""
    hop = NextHop(tmp_path, 0)
    old = record("OLD", b"old", **{"idris@post": "RELAY"})
    outcome(old, IDRIS)
    start = last_outcome()
    first, second = record("A", b"a", **{"idris@post": "ENCRYPT"}), record("B", CLEAR, **{"idris@post": "RELAY"})
    arrive(hop, SEALED, IDRIS)
    arrive(hop, CLEAR, IDRIS)
    outcome(first, IDRIS)
    outcome(first, IDRIS, "try-again")
    outcome(second, IDRIS)
    rows = list(rows_after(start, hop))
    assert [row.left for _, row in rows] == ["OpenPGP message, 1 kB", "as it came, 1 kB"]
    second.decisions += [{"recipient": LIONEL, "action": "HOLD", "method": None, "reasons": []}]
    second.save()
    outcome(second, LIONEL, "held")
    [(_, row)] = rows_after(rows[-1][0], hop)
    assert (row.recipient, row.decision, row.left) == (LIONEL, "HOLD", "nothing; the sender was told")


def test_a_copy_to_send_by_hand_is_another_mail():
    """A Message-ID of its own, and nothing else is different."""
    for mail in mails(cast(NOW.date()), NOW.date()):
        again = to_send_again(mail)
        changed = set(again.split(b"\r\n")) ^ set(mail.message.split(b"\r\n"))
        assert len(changed) == 2
        assert all(line.startswith(b"Message-ID: <") and line.endswith(b"@hants.example>") for line in changed)
