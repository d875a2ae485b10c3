"""Remembers which officer was reminded in which week: claimed before sending, marked after.

A claim that was never marked is taken over after an hour: its process has died, and a second reminder does less harm
than none.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from register.models import Digest

_PATIENCE = timedelta(hours=1)


def claim(recipient: str, week: str, now: datetime) -> bool:
    """Whether it is ours to send. ``recipient`` is a folded address."""
    try:
        with transaction.atomic():
            Digest.objects.create(recipient=recipient, week=week, claimed_at=now)
    except IntegrityError:
        left = Digest.objects.filter(recipient=recipient, week=week, sent_at=None, claimed_at__lte=now - _PATIENCE)
        return left.update(claimed_at=now) == 1
    return True


def mark_sent(recipient: str, week: str, now: datetime) -> None:
    """It has left; nobody sends it again this week."""
    Digest.objects.filter(recipient=recipient, week=week).update(sent_at=now)


def give_back(recipient: str, week: str) -> None:
    """It could not be sent: the next run tries again."""
    Digest.objects.filter(recipient=recipient, week=week, sent_at=None).delete()
