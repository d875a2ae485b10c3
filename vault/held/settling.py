"""What reviewers rule on held mails, as rows.

Proposed, agreed to by a second reviewer where the policy asks for one, carried out by the worker. Nothing can be
settled twice, also by two reviewers at the same moment: a constraint sees to it. Each step is an audit event in its own
transaction. Raises :class:`CannotSettle` with a sentence, ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from domain.disposal import may_be_one, who
from domain.errors import SallyportError, VaultUnavailable
from domain.guard import Kind
from domain.model import Address, Category
from domain.outgoing import Fate
from domain.ruling import ReviewRules, Ruling, needs_two_people, not_acceptable
from vault import audit
from vault.models import HeldMail, HeldState, JournalEntry, Settlement, SettlementKind, SettlementState
from vault.rows import reading, writing


class CannotSettle(SallyportError):
    """The mail cannot be settled like this; ``public`` says why, and what can be done."""


@dataclass(frozen=True, slots=True)
class Order:
    """What one reviewer wants. ``note`` is for the officer, ``why`` for the record; ``to`` redirects a release."""

    kind: SettlementKind
    by: str
    why: str
    note: str = field(default="", repr=False)
    to: str = ""
    accepts: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()
    is_not: frozenset[Category] = frozenset()

    def ruling(self, recipient: Address) -> Ruling:
        """As the decision takes it."""
        return Ruling(recipient, self.accepts, self.about, self.is_not)


def settle(held: HeldMail, order: Order, rules: ReviewRules, now: datetime) -> Settlement:
    """Order it; or propose it, where a second reviewer has to agree."""
    ruling = order.ruling(Address.of(order.to or held.recipient))
    if order.to and ruling.recipient.key == held.recipient:
        raise CannotSettle("the same", public="It is held for that very address. Release it, if it may go there.")
    if order.to and _has_had(held, ruling.recipient):
        public = f"{order.to} has had this mail already. Return it to its officer, or reject it."
        raise CannotSettle("had it already", public=public)
    _check(order, ruling, rules)
    second = order.kind is SettlementKind.RELEASE and (needs_two_people(ruling, rules) or bool(order.to))
    row = Settlement(
        held=held,
        kind=order.kind,
        state=SettlementState.PROPOSED if second else SettlementState.ORDERED,
        ruling=_dump(ruling),
        to=order.to,
        why=order.why,
        note=order.note,
        by=order.by,
        at=now,
    )
    return place(row, now)


def place(row: Settlement, now: datetime) -> Settlement:
    """Store it, once: raises ``CannotSettle`` where the mail does not wait any more, or somebody settles it already."""
    with writing(VaultUnavailable):
        if not HeldMail.objects.select_for_update().filter(pk=row.held_id, state=HeldState.HELD).exists():
            raise CannotSettle("not held", public="This mail does not wait any more; somebody has settled it.")
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise CannotSettle("settled already", public="Somebody is settling this mail already.") from error
        audit.append([_event(row, f"{row.kind} {row.state}", row.by, now)])
    return row


def agree(settlement: Settlement, by: str, now: datetime) -> None:
    """The second reviewer agrees: it will be carried out."""
    _move(settlement, by, now, SettlementState.ORDERED, "release agreed to", second=by, second_at=now)


def disagree(settlement: Settlement, by: str, why: str, now: datetime) -> None:
    """Somebody, the proposer too, stops what was proposed; the mail waits again."""
    more = {"outcome": f"not agreed: {why}"[:500], "ended_at": now}
    _move(settlement, by, now, SettlementState.STOPPED, "release not agreed to", **more)


def end(settlement: Settlement, state: SettlementState, held: HeldState | None, outcome: str, now: datetime) -> None:
    """What came of an order; ``held`` is what the held mail is from now on, or None where it stays as it is."""
    with writing(VaultUnavailable):
        changed = Settlement.objects.filter(pk=settlement.pk, state=SettlementState.ORDERED).update(
            state=state, outcome=outcome[:500], ended_at=now
        )
        if changed:
            if held is not None:
                HeldMail.objects.filter(pk=settlement.held_id).update(state=held)
            audit.append([_event(settlement, f"{settlement.kind} {state}", "worker", now, outcome)])


def no_entry_of_its_own(settlement: Settlement, now: datetime) -> None:
    """Where it was to go instead it was held, too: what waits is still the first entry, and no second one beside it.

    Nobody addressed that copy; settled by itself, it would tell an officer of somebody they never wrote to.
    """
    first = settlement.held.record
    same = HeldMail.objects.filter(record__digest=first.digest, record__sender=first.sender, state=HeldState.HELD)
    with writing(VaultUnavailable):
        rows = list(same.filter(recipient=Address.of(settlement.to).key).select_for_update(of=("self",)))
        HeldMail.objects.filter(pk__in=[row.pk for row in rows]).update(state=HeldState.SUPERSEDED)
        audit.append(
            [
                audit.Event(now, "worker", "superseded", row.record_id, _ELSEWHERE, {"recipient": row.recipient})
                for row in rows
            ]
        )


_ELSEWHERE = "a reviewer meant it for this address; it waits for the one to whom it was sent"


def ruling_of(settlement: Settlement) -> Ruling:
    """As it was ordered. Raises ``ValueError`` for a kind of document that this version does not know."""
    told: Mapping[str, list[str]] = settlement.ruling
    # An address that one reviewer typed twice and another agreed to is no slip; what its sender meant is looked at.
    agreed = settlement.to and settlement.kind == SettlementKind.RELEASE
    return Ruling(
        Address.of(settlement.to or settlement.held.recipient),
        frozenset(told["accepts"]) | (frozenset(Kind) if agreed else frozenset()),
        frozenset(told["about"]),
        frozenset(Category(c) for c in told["is_not"]),
    )


def _has_had(held: HeldMail, recipient: Address) -> bool:
    """Whether the same mail went to them; the journal would let it leave no second time."""
    with reading(VaultUnavailable):
        rows = JournalEntry.objects.filter(digest=held.record.digest, sender=held.record.sender)
        return rows.filter(recipient=recipient.key, fate=Fate.DELIVERED.value).exists()


def _check(order: Order, ruling: Ruling, rules: ReviewRules) -> None:
    if not order.why.strip():
        raise CannotSettle("no reason", public="Say why; it goes to the audit trail.")
    if order.kind is not SettlementKind.RELEASE and not order.note.strip():
        raise CannotSettle("no note", public="Write a note to the officer: what is wrong, and what they can do.")
    if wrong := sorted(not_acceptable(ruling, rules)):
        public = (
            f"A reviewer cannot let this give way: {', '.join(wrong)}. Put it right in the register, then release the "
            "mail without accepting it; it is decided anew."
        )
        raise CannotSettle("not acceptable", public=public, rules=wrong)


def _move(settlement: Settlement, by: str, now: datetime, state: SettlementState, said: str, **columns: Any) -> None:
    if state is SettlementState.ORDERED:
        _is_somebody_else(settlement.by, by)
    with writing(VaultUnavailable):
        rows = Settlement.objects.filter(pk=settlement.pk, state=SettlementState.PROPOSED)
        if not rows.update(state=state, **columns):
            raise CannotSettle("not proposed", public="This does not wait for a second reviewer any more.")
        audit.append([_event(settlement, said, by, now)])


def _is_somebody_else(first: str, second: str) -> None:
    """One person may have an account here and one on the console."""
    if who(first) == who(second):
        raise CannotSettle("the same reviewer", public="The second reviewer must be somebody else.")
    if may_be_one(first, second):
        public = (
            "One of the two reviewers came by the command line, the other by the console: they could be one person. "
            "Both must come the same way."
        )
        raise CannotSettle("two doors", public=public)


def _dump(ruling: Ruling) -> dict[str, list[str]]:
    return {"accepts": sorted(ruling.accepts), "about": sorted(ruling.about), "is_not": sorted(ruling.is_not)}


def _event(row: Settlement, what: str, by: str, now: datetime, outcome: str = "") -> audit.Event:
    details = {"recipient": row.held.recipient, "to": row.to, "ruling": row.ruling, "outcome": outcome}
    return audit.Event(now, by, f"held: {what}", row.held.record_id, row.why, details)
