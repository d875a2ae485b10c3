"""Text messages that the provider has not taken for a while, and which senders have still to be told of them.

A password's (a protected PDF) waits in ``texts``; that a pick-up's code was not taken is an event of the pick-up pages.
Told together, to one sender not more often than once in ``_APART``. Raises ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import VaultUnavailable
from domain.model import Address
from domain.outgoing import Fate
from vault.models import AuditEvent, JournalEntry, PickupGrant, TextMessage, UntakenText
from vault.rows import reading, writing

NOT_TAKEN, OPENED = "pick-up code not taken", "pick-up opened"
_APART, _LOOKED_BACK = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Untaken:
    """One that the sender's recipient waits for. ``is_code``: of a pick-up; else the password of a PDF."""

    row: int
    recipient: str
    at: datetime
    is_code: bool


def note(now: datetime, patience: timedelta) -> None:
    """Write down what has not been taken for so long, each once."""
    with reading(VaultUnavailable):
        found = [*_passwords(now - patience), *_codes(now, patience)]
    with writing(VaultUnavailable, lasting=False):
        UntakenText.objects.bulk_create(found, ignore_conflicts=True)


def due(now: datetime) -> list[tuple[Address, Sequence[Untaken]]]:
    """By sender: all that they were not told of, where they were told of nothing within the hour."""
    with reading(VaultUnavailable):
        lately = set(UntakenText.objects.filter(told_at__gt=now - _APART).values_list("sender", flat=True))
        rows = list(UntakenText.objects.filter(told_at=None).exclude(sender__in=lately).order_by("at", "pk"))
    by_sender: dict[str, list[Untaken]] = {}
    for row in rows:
        one = Untaken(row.pk, row.recipient, row.at, row.kind == UntakenText.CODE)
        by_sender.setdefault(row.sender, []).append(one)
    return [(Address.of(sender), several) for sender, several in by_sender.items()]


def told(several: Sequence[Untaken], now: datetime) -> None:
    """They know."""
    with writing(VaultUnavailable, lasting=False):
        UntakenText.objects.filter(pk__in=[one.row for one in several]).update(told_at=now)


def forget(before: datetime) -> None:
    """What is long over."""
    with writing(VaultUnavailable, lasting=False):
        UntakenText.objects.filter(at__lt=before).delete()


def _passwords(before: datetime) -> Iterable[UntakenText]:
    """Of mails that left before then, and whose text message still waits."""
    for text in TextMessage.objects.filter(sent_at=None, written_at__lt=before):
        left = JournalEntry.objects.filter(
            digest=text.digest, recipient=text.recipient, fate=Fate.DELIVERED.value, changed_at__lt=before
        )
        for entry in left.exclude(sender=""):
            yield UntakenText(
                kind=UntakenText.PASSWORD, about=text.digest, sender=entry.sender, recipient=text.recipient,
                at=entry.changed_at,
            )  # fmt: skip


def _codes(now: datetime, patience: timedelta) -> Iterable[UntakenText]:
    """Of pick-ups that nobody could open since the code was not taken."""
    events = AuditEvent.objects.filter(at__gt=now - _LOOKED_BACK)
    for event in events.filter(action=NOT_TAKEN, at__lt=now - patience):
        grant = PickupGrant.objects.filter(pk=event.details.get("grant", ""), ended="", until__gt=now).first()
        if grant is None or events.filter(action=OPENED, record=event.record, at__gt=event.at).exists():
            continue
        yield UntakenText(
            kind=UntakenText.CODE, about=grant.pk, sender=grant.sender, recipient=grant.recipient, at=event.at
        )
