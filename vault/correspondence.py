"""Whom an officer sent what is to be protected, about whom, how often: what the guard against misdirected mail goes by.

One row for each (officer, address, person), and one question by the officer, which an index answers. Written once the
next mail system has taken the mail; rows alone, no word of any mail. Beside it stand the warnings that an officer is
still to be told of. What is older than the policy remembers is forgotten by the worker.

Raises ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.acquaintance import Written
from domain.decision import Decision, Obligation
from domain.errors import VaultUnavailable
from domain.model import Address
from vault import sql
from vault.models import AddressWarning, Correspondence
from vault.rows import reading, writing, writing_plainly

_ONCE_MORE = """ON CONFLICT (sender, recipient, person) DO UPDATE
SET times = vault_correspondence.times + 1, last_at = excluded.last_at"""


def written_by(sender: Address) -> tuple[Written, ...]:
    """All that is remembered of one officer."""
    rows = Correspondence.objects.filter(sender=sender.key).values_list("recipient", "person", "times", "last_at")
    with reading(VaultUnavailable):
        return tuple(Written(*row) for row in rows)


@dataclass(frozen=True, slots=True)
class Reached:
    """So many protected mails from one officer reached an address about one person (empty: nobody known)."""

    sender: str
    person: str
    times: int
    last_at: datetime


def reached(recipient: str, limit: int = 10) -> tuple[Reached, ...]:
    """What reached this address, for people who look back: the latest first. ``recipient`` is folded."""
    rows = Correspondence.objects.filter(recipient=recipient).order_by("-last_at", "pk")
    with reading(VaultUnavailable):
        return tuple(Reached(*row) for row in rows.values_list("sender", "person", "times", "last_at")[:limit])


def delivered(
    record: str,
    sender: Address,
    people: Collection[str],
    decisions: Sequence[Decision],
    now: datetime,
    *,
    private: bool = True,
) -> None:
    """These copies left: remember the warnings in their decisions, and whom they went to. Not lasting: what is lost is
    asked again. A harmless mail makes no address known, or a wrong one would be known before it matters.
    """  # noqa: D205 - one thought
    rows = [
        {"sender": sender.key, "recipient": d.recipient.key, "person": person, "times": 1, "last_at": now}
        for d in decisions
        for person in sorted(people) or [""]
        if private
    ]
    warned = [_warning(record, sender, d, now) for d in decisions if Obligation.WARN_SENDER in d.obligations]
    with writing_plainly(VaultUnavailable, lasting=False):
        sql.insert(Correspondence, rows, _ONCE_MORE)
        sql.insert(AddressWarning, warned, sql.DO_NOTHING)


def warned(sender: Address, recipients: Collection[Address]) -> frozenset[Address]:
    """About which of these addresses there is, or was, a warning for this officer."""
    rows = AddressWarning.objects.filter(sender=sender.key, recipient__in=[r.key for r in recipients])
    with reading(VaultUnavailable):
        before = set(rows.values_list("recipient", flat=True))
    return frozenset(r for r in recipients if r.key in before)


def _warning(record: str, sender: Address, decision: Decision, now: datetime) -> dict[str, object]:
    warnings = [r for r in decision.reasons if Obligation.WARN_SENDER in r.obligations]
    return {
        "record": record,
        "sender": sender.key,
        "recipient": decision.recipient.key,
        "why": ". ".join(dict.fromkeys(r.why for r in warnings)),
        "fix": " ".join(dict.fromkeys(r.fix for r in warnings)),
        "instead": next((r.instead for r in warnings if r.instead), ""),
        "at": now,
    }


@dataclass(frozen=True, slots=True)
class Due:
    """One officer's warnings that wait to be told, oldest first."""

    sender: Address
    warnings: tuple[AddressWarning, ...]


def due(now: datetime, gathered: timedelta) -> list[Due]:
    """Of officers whose oldest warning waits for ``gathered`` or longer: all that wait."""
    with reading(VaultUnavailable):
        rows = list(AddressWarning.objects.filter(told_at=None).order_by("sender", "at", "pk"))
    by_sender: dict[str, list[AddressWarning]] = {}
    for row in rows:
        by_sender.setdefault(row.sender, []).append(row)
    return [Due(Address.of(s), tuple(w)) for s, w in by_sender.items() if w[0].at <= now - gathered]


def told(warnings: Iterable[AddressWarning], now: datetime) -> None:
    """Their officer has them."""
    with writing(VaultUnavailable):
        AddressWarning.objects.filter(pk__in=[w.pk for w in warnings]).update(told_at=now)


def forget(before: datetime) -> int:
    """Drop what was last sent, or told, earlier; how many rows."""
    with writing(VaultUnavailable):
        gone = Correspondence.objects.filter(last_at__lt=before).delete()[0]
        return gone + AddressWarning.objects.filter(told_at__lt=before).delete()[0]


def forget_person(person: str) -> None:
    """Somebody whose key was destroyed. Within the caller's transaction."""
    Correspondence.objects.filter(person=person).delete()
