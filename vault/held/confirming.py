"""The sender of a held mail settles what the guard doubts: that the address is right, or that the other one is meant.

By a click on a page or by answering the notice. Only doubts about the address that the policy leaves to the sender
(``[guard] sender_settles``), and only where nothing else holds the mail; the worker decides it anew all the same.
A mail that goes to the other address is as if it had been sent there: nothing is accepted, all is decided anew.

Raises ``CannotSettle`` with a sentence, ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from domain.errors import VaultUnavailable
from domain.guard import GuardRules
from domain.model import Address
from domain.ruling import meant_instead, sender_may_settle
from vault import records
from vault.held.settling import CannotSettle, place
from vault.models import HeldMail, HeldState, Settlement, SettlementKind, SettlementState
from vault.rows import reading

_RIGHT = "its sender says that the address is right"
_OTHER = "its sender meant another address"
_ANSWERED_WITHIN = timedelta(days=14)
_AFTER_THE_LAST_DIGIT = "g"
_NOTHING = "This mail is not held for its address any more, or a reviewer has to look at it. Look at it in the console."


def of_mail(digest_begins: str, sender: Address, now: datetime) -> list[HeldMail]:
    """What one officer's mail of that digest (its beginning, hexadecimal) has waiting, if it is not too long ago."""
    with reading(VaultUnavailable):
        rows = HeldMail.objects.filter(
            record__sender=sender.key,
            record__digest__gte=digest_begins,
            record__digest__lt=digest_begins + _AFTER_THE_LAST_DIGIT,
            state=HeldState.HELD,
            held_at__gt=now - _ANSWERED_WITHIN,
        )
        return list(rows.select_related("record").order_by("pk"))


def of_record(record: str) -> list[HeldMail]:
    """All copies of one filed mail that wait."""
    with reading(VaultUnavailable):
        return list(
            HeldMail.objects.filter(record=record, state=HeldState.HELD).select_related("record").order_by("pk")
        )


def confirm(rows: Sequence[HeldMail], by: str, rules: GuardRules, now: datetime) -> list[Settlement]:
    """The addresses are right: every copy that waits for that and for nothing else is ordered to leave."""
    found = [(row, sender_may_settle(records.load(row.decision), rules)) for row in rows]
    return _placed([_row(row, by, now, accepts=accepts) for row, accepts in found if accepts], now)


def send_instead(rows: Sequence[HeldMail], by: str, now: datetime) -> list[Settlement]:
    """The other addresses are meant: every copy for which one is known is ordered to go there."""
    found = [(row, meant_instead(records.load(row.decision))) for row in rows]
    return _placed([_row(row, by, now, to=to) for row, to in found if to], now)


def under_way(held: Collection[int]) -> frozenset[int]:
    """Those of them that somebody has settled, which is not carried out yet."""
    open_ = [SettlementState.PROPOSED, SettlementState.ORDERED]
    with reading(VaultUnavailable):
        return frozenset(Settlement.objects.filter(held__in=held, state__in=open_).values_list("held", flat=True))


def _row(held: HeldMail, by: str, now: datetime, *, accepts: Iterable[str] = (), to: str = "") -> Settlement:
    return Settlement(
        held=held,
        kind=SettlementKind.CONFIRM,
        state=SettlementState.ORDERED,
        ruling={"accepts": sorted(accepts), "about": [], "is_not": []},
        to=to,
        why=_OTHER if to else _RIGHT,
        by=by,
        at=now,
    )


def _placed(rows: list[Settlement], now: datetime) -> list[Settlement]:
    """All that nobody settles yet; where that is none of several, one says why."""
    if not rows:
        raise CannotSettle("nothing to confirm", public=_NOTHING)
    busy = under_way([row.held_id for row in rows])
    return [place(row, now) for row in rows if row.held_id not in busy] or [place(rows[0], now)]
