"""Devices that somebody let be remembered, in the place of a code: passkeys (W3C Web Authentication), for thirty days.

A passkey opens what waits for the same recipient, and nothing of anybody else; the link is needed besides. Each
challenge counts a few minutes, for one link and one purpose, once. Raises ``VaultUnavailable``.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from domain.errors import VaultUnavailable
from vault.models import PickupChallenge, PickupDevice
from vault.rows import reading, writing

_CHALLENGE_LASTS = timedelta(minutes=5)
_MOST_DEVICES = 10


class Purpose(StrEnum):
    """What a challenge is for."""

    REMEMBER = "remember"
    OPEN = "open"


def challenge(grant: str, purpose: Purpose, now: datetime) -> bytes:
    """A new one; the earlier ones of this link and purpose count no more."""
    made = secrets.token_bytes(32)
    with writing(VaultUnavailable):
        over = Q(grant=grant, purpose=purpose.value) | Q(made_at__lte=now - _CHALLENGE_LASTS)
        PickupChallenge.objects.filter(over).delete()
        PickupChallenge.objects.create(grant=grant, purpose=purpose.value, challenge=made.hex(), made_at=now)
    return made


def use_challenge(grant: str, purpose: Purpose, now: datetime) -> bytes | None:
    """The one that was given, if it counts; used up from now on, whatever comes of it."""
    with writing(VaultUnavailable):
        rows = PickupChallenge.objects.filter(grant=grant, purpose=purpose.value)
        row = rows.filter(made_at__gt=now - _CHALLENGE_LASTS).first()
        mine = row is not None and rows.filter(pk=row.pk).delete()[0]
    return bytes.fromhex(row.challenge) if row is not None and mine else None


def remembered(recipient: str, now: datetime) -> list[PickupDevice]:
    """The devices of a recipient (folded address) that count now."""
    with reading(VaultUnavailable):
        return list(PickupDevice.objects.filter(recipient=recipient, until__gt=now).order_by("pk"))


def remember(recipient: str, credential: bytes, data: bytes, count: int, now: datetime, lasts: timedelta) -> None:
    """One more device; of more than ten the oldest goes."""
    with writing(VaultUnavailable):
        PickupDevice.objects.filter(until__lte=now).delete()
        rows = PickupDevice.objects.filter(recipient=recipient).order_by("-pk").values_list("pk", flat=True)
        PickupDevice.objects.filter(pk__in=list(rows[_MOST_DEVICES - 1 :])).delete()
        PickupDevice.objects.create(
            recipient=recipient,
            credential=credential.hex(),
            data=data.hex(),
            count=count,
            made_at=now,
            until=now + lasts,
        )


def count_on(device: PickupDevice, count: int) -> bool:
    """The device's own counter went on. One that did not is a copy of it: it is forgotten (section 6.1.1)."""
    with writing(VaultUnavailable):
        mine = PickupDevice.objects.filter(pk=device.pk)
        if count == 0 and device.count == 0:
            return mine.exists()
        if mine.filter(count__lt=count).update(count=count):
            return True
        mine.delete()
        return False


def forget_devices(recipient: str) -> int:
    """None of theirs is remembered any more; how many were."""
    with writing(VaultUnavailable):
        return int(PickupDevice.objects.filter(recipient=recipient).delete()[0])


def credentials(devices: Sequence[PickupDevice]) -> list[bytes]:
    """What each of them proves itself by."""
    return [bytes.fromhex(device.data) for device in devices]
