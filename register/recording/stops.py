"""Mail to an address is stopped, and let go again, in the name of who acts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from domain.model import Address
from register import models as m
from register.recording.frame import Impossible, recording, said

_LONGEST = 320


def stop(address: Address, case: str, now: datetime) -> bool:
    """From the return on whatever is sent to it is held. False where that is so already. Raises :class:`Impossible`."""
    local, _, domain = address.key.rpartition("@")
    if not (local and domain) or len(address.key) > _LONGEST:
        raise Impossible("A recipient is named by an e-mail address.")
    with recording(f"suspected breach {case}", now):
        if m.StoppedRecipient.objects.filter(address=address.key, ends=None).exists():
            return False
        m.StoppedRecipient(address=address.key, case=said(case, "for which incident"), starts=now).save()
    return True


def let_go(address: Address, why: str, now: datetime) -> str:
    """Mail to it is decided by the rules again. The incident for which it was stopped. Raises :class:`Impossible`."""
    with recording(said(why, "why"), now):
        row = m.StoppedRecipient.objects.select_for_update().filter(address=address.key, ends=None).first()
        if row is None:
            raise Impossible("Mail to this address is not stopped.")
        row.ends = now
        row.save()
        return str(row.case)


def stopped_for(case: str) -> list[str]:
    """The addresses that are stopped for an incident now, sorted."""
    rows = m.StoppedRecipient.objects.filter(case=case, ends=None)
    return sorted(rows.values_list("address", flat=True))


def stopped_among(addresses: Collection[str]) -> dict[str, str]:
    """Those of the addresses (folded) that are stopped now, each with the incident for which it was."""
    rows = m.StoppedRecipient.objects.filter(address__in=addresses, ends=None)
    return dict(rows.values_list("address", "case"))
