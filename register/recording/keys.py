"""Recipients' keys: taken up and taken out. Whoever calls has asked the gate."""

from __future__ import annotations

from datetime import datetime

from domain.ports import StoredKey
from register import models as m
from register.recording.frame import Impossible, locked, recording


def take_up_key(address: str, key: StoredKey, now: datetime) -> None:
    """Mail to this address (folded) is encrypted to it too, from now on. Raises ``Impossible``."""
    with recording("key added", now):
        if m.RecipientKey.objects.filter(address=address, fingerprint=key.fingerprint).exists():
            raise Impossible("This key is recorded for this address already.")
        m.RecipientKey.objects.create(
            address=address, method=key.method.value, fingerprint=key.fingerprint, data=key.data
        )


def take_out_key(pk: int, now: datetime) -> None:
    """Nothing is encrypted to it any more; what was stays readable to its owner. Raises ``Impossible``."""
    with recording("key taken out", now):
        locked(m.RecipientKey, "key", pk=pk).delete()
