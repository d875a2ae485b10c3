"""Text messages that recipients need to open a mail: sealed, until they are sent. Raises ``VaultUnavailable``.

A text is due once the mail has left: before that it would tell of a mail that may never come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from domain.errors import VaultUnavailable
from domain.model import Address
from domain.outgoing import Fate
from vault.models import JournalEntry, TextMessage
from vault.rows import reading, writing


@dataclass(frozen=True, slots=True)
class Due:
    """One that is to be sent; ``data`` is sealed to ``recipient`` (folded)."""

    row: int
    recipient: str
    data: bytes


def owe(digest: str, recipient: Address, data: bytes, now: datetime) -> None:
    """Write one down. Of the same mail and recipient the first stays: a second try has the same passphrase."""
    with writing(VaultUnavailable):
        TextMessage.objects.get_or_create(
            digest=digest, recipient=recipient.key, defaults={"data": data, "written_at": now}
        )


def due() -> list[Due]:
    """Those of mails that have left, oldest first."""
    left = JournalEntry.objects.filter(
        digest=OuterRef("digest"), recipient=OuterRef("recipient"), fate=Fate.DELIVERED.value
    )
    rows = TextMessage.objects.filter(Exists(left), sent_at=None).order_by("pk")
    with reading(VaultUnavailable):
        return [Due(row.pk, row.recipient, bytes(row.data)) for row in rows]


def sent(row: int, now: datetime) -> None:
    """It was taken, and is kept no longer; that it was sent is."""
    with writing(VaultUnavailable, lasting=False):
        TextMessage.objects.filter(pk=row).update(sent_at=now, data=b"")


def forget(before: datetime) -> None:
    """Of mails that the journal no longer knows."""
    with writing(VaultUnavailable, lasting=False):
        TextMessage.objects.filter(written_at__lt=before).delete()
