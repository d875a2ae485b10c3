"""Keys that mail brought with it: kept apart, and made a recipient's only by somebody's word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from domain.ports import StoredKey
from domain.seen_keys import KeySource, Standing, standing
from register.models import EarlierMailbox, Organisation, Party, RecipientKey, SeenKey

_MOST = 5
"""Of one address: whoever writes in another's name must not fill the register."""


def knows(address: str) -> bool:
    """Whether the register knows somebody at it (folded). Keys of strangers are not kept."""
    domain = address.rpartition("@")[2]
    return (
        Party.objects.filter(email=address).exists()
        or EarlierMailbox.objects.filter(email=address).exists()
        or RecipientKey.objects.filter(address=address).exists()
        or (domain != "" and Organisation.objects.filter(domain=domain).exists())
    )


def see(address: str, key: StoredKey, source: KeySource, now: datetime) -> Standing:
    """Keep it, if it is not known yet, and say what it is to the others of its kind. No recorded key changes by it.

    Of more than five that wait for one address the oldest goes.
    """
    with transaction.atomic():
        recorded = _fingerprints(RecipientKey, address, key)
        found = standing(key.fingerprint, recorded, _fingerprints(SeenKey, address, key))
        if found is Standing.AGAIN:
            SeenKey.objects.filter(address=address, fingerprint=key.fingerprint).update(last_at=now)
        elif found is not Standing.RECORDED:
            told = SeenKey.objects.filter(address=address).aggregate(Max("told_at"))["told_at__max"]
            SeenKey.objects.create(
                address=address, method=key.method.value, fingerprint=key.fingerprint, data=key.data,
                source=source.value, changed=found is Standing.CHANGED, first_at=now, last_at=now, told_at=told,
            )  # fmt: skip
            rows = SeenKey.objects.filter(address=address).order_by("-last_at", "-pk")
            SeenKey.objects.filter(pk__in=[row.pk for row in rows[_MOST:]]).delete()
    return found


def waiting() -> Sequence[SeenKey]:
    """All that nobody has looked at, the changed ones first."""
    return list(SeenKey.objects.order_by("-changed", "address", "-last_at"))


def accept(address: str, fingerprint: str) -> RecipientKey | None:
    """Now the office's word stands for it, beside the keys that are recorded already. None: no such key was seen."""
    with transaction.atomic():
        row = SeenKey.objects.filter(address=address, fingerprint__iexact=fingerprint).first()
        if row is None:
            return None
        kept, _ = RecipientKey.objects.get_or_create(
            address=address, fingerprint=row.fingerprint, defaults={"method": row.method, "data": row.data}
        )
        row.delete()
    return kept


def dismiss(address: str, fingerprint: str) -> bool:
    """Forget that it was seen; another mail may bring it again."""
    return SeenKey.objects.filter(address=address, fingerprint__iexact=fingerprint).delete()[0] > 0


def _fingerprints(model: type[RecipientKey | SeenKey], address: str, key: StoredKey) -> set[str]:
    rows = model.objects.filter(address=address, method=key.method.value)
    return set(rows.values_list("fingerprint", flat=True))
