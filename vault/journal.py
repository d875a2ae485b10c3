"""What was done for each (content digest, sender, recipient), so that a retry is harmless (promise 3).

A claim belongs to one dialogue, not only to one relay: whoever claims passes that very
:class:`Envelope` object on to the other methods (``dialogues.py``). Two dialogues with the
same mail, in one process or on two nodes, cannot both get a recipient: a unique constraint
and a conditional UPDATE decide, on SQLite and PostgreSQL alike. A claim that nobody renews
runs out after ``lease``.

Held and refused decisions are durable from the intent on: a retry only tells the sender. A mail that is sent again
later, unchanged, is decided anew where it was stopped (``resend``), and never where it was served.
Failure: every database error is ``JournalUnavailable``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Self

from django.db.models import Exists, OuterRef, Q

from domain.decision import Action, Decision
from domain.errors import JournalUnavailable
from domain.model import Address, Envelope
from domain.outgoing import Fate, Outcome
from domain.policy import Facts
from domain.ports import Claim, Standing, VaultReceipt
from vault import audit, recorded, records, sql, superseding
from vault.dialogues import Dialogues
from vault.entries import Entries, Row
from vault.models import HeldMail, HeldState, JournalEntry, JournalState
from vault.rows import make_sure, one_statement, writing, writing_plainly

_STOPS = {Action.HOLD: HeldState.HELD, Action.REJECT: HeldState.REFUSED}
_HELD_AGAIN = f"""ON CONFLICT (record_id, recipient) DO UPDATE
SET decision = excluded.decision, state = excluded.state,
held_at = CASE vault_heldmail.state WHEN '{HeldState.HELD.value}' THEN vault_heldmail.held_at ELSE excluded.held_at END
"""
"""Forgotten since, and stopped again: it waits for a reviewer again. What a release in vain left waiting has waited all
along, and is not the newest of the queue for it."""
_LONGEST_OWNER = 80
HELD_FOR_SURE = 3 / 4
"""Of a lease: so much is left of it when a delivery begins, and no delivery may take longer."""
RESEND = timedelta(minutes=15)
_UNDER_WAY = (JournalState.CLAIMED, JournalState.INTENDED)


class RowJournal:
    """Implements ``Journal``. ``owner`` names this relay process, and no other one that ever runs.

    ``remember`` is how long a served mail stays known: longer than any sender's queue keeps trying. ``resend`` is after
    how long a stopped one may be sent again: longer than a mail system waits that did not hear our answer.
    """

    def __init__(self, *, lease: timedelta, remember: timedelta, owner: str, resend: timedelta = RESEND) -> None:
        if len(owner) > _LONGEST_OWNER:
            raise ValueError("the owner's name is too long")
        self._lease = lease
        self._remember = remember
        self._resend = resend
        self._owner = owner
        self._again = superseding.SENT_AGAIN
        self._dialogues = Dialogues(owner)

    def for_reviewers(self) -> Self:
        """The same, and what was stopped may be decided anew at once: nobody sent it again, a reviewer ruled on it."""
        self._resend, self._again = timedelta(0), superseding.BY_REVIEW
        return self

    def claim(self, digest: str, envelope: Envelope, now: datetime) -> tuple[Claim, ...]:
        """See the port. One statement for a new mail; four or five where an entry was there before."""
        mine = self._dialogues.begin(digest, envelope, now + self._lease, now)
        entries = Entries.of(digest, envelope, {r.key for r in envelope.recipients})
        ours: dict[str, str] = {}
        try:
            rows, stopped = self._take(entries, mine, now)
            if any(row.state == JournalState.DONE for row in rows.values()):
                make_sure(JournalUnavailable)
            ours = {key: row.record for key, row in rows.items() if row.owner == mine}
            self._dialogues.decide_again(digest, envelope, (key for key in ours if _was_stopped(rows[key])))
        finally:
            self._dialogues.hold(digest, envelope, ours)
        return tuple(_claim_of(r, rows.get(r.key), mine, stopped) for r in envelope.recipients)

    def _take(self, entries: Entries, mine: str, now: datetime) -> tuple[dict[str, Row], dict[str, Decision]]:
        """The rows, and the decisions still to be told. Not lasting: after a power cut nobody is at it any more."""
        if len(entries.recipients) == 1:
            with one_statement(JournalUnavailable):
                added = self._add(entries, mine, now)
            if added:
                return _fresh(entries, mine), {}
        with writing_plainly(JournalUnavailable, lasting=False):
            rows = self._take_all(entries, mine, now)
            return rows, _stopped(rows.values(), mine)

    def _add(self, entries: Entries, mine: str, now: datetime) -> int:
        return entries.add(JournalState.CLAIMED, now, owner=mine, lease_until=now + self._lease)

    def _take_all(self, entries: Entries, mine: str, now: datetime) -> dict[str, Row]:
        if self._add(entries, mine, now) == len(entries.recipients):
            return _fresh(entries, mine)
        rows = entries.read()
        if any(row.owner != mine for row in rows.values()):
            if any(_was_stopped(row) for row in rows.values()):
                entries.put_back(now)
                rows = entries.read()
            if _answered(rows, entries):
                entries.take_again(mine, now, self._lease, self._resend)
            entries.take_over(mine, now, self._lease, self._remember)
            rows = entries.read()
        return rows

    def intend(
        self,
        digest: str,
        envelope: Envelope,
        receipt: VaultReceipt,
        decisions: Sequence[Decision],
        now: datetime,
        facts: Facts | None = None,
    ) -> None:
        """See the port."""
        mine = self._dialogues.mark(digest, envelope, now + self._lease)
        with writing_plainly(JournalUnavailable):
            for state, group in _by_state(decisions):
                entries = Entries.of(digest, envelope, group)
                if entries.intend(mine, state, receipt.record, now, self._lease) != len(group):
                    raise JournalUnavailable("a claim was lost before the intent")
            again = self._dialogues.decided_again(digest, envelope) & {d.recipient.key for d in decisions}
            if again:
                audit.append(superseding.close(digest, envelope.sender.key, again, self._owner, now, self._again))
            sql.insert(HeldMail, [_held(receipt.record, d, now) for d in decisions if d.action in _STOPS], _HELD_AGAIN)
            audit.append(self._intent(receipt.record, d, now) for d in decisions)
            recorded.keep(receipt.record, facts, now)
        self._dialogues.hold(digest, envelope, {d.recipient.key: receipt.record for d in decisions})

    def hold_on(self, digest: str, envelope: Envelope, now: datetime) -> None:
        """See the port. No statement for a mail that is delivered soon after its intent."""
        until = self._dialogues.until(digest, envelope)
        if until is None:
            raise JournalUnavailable("no claim to renew")
        if until - now >= self._lease * HELD_FOR_SURE:
            return
        mine, held = self._dialogues.mark(digest, envelope), self._dialogues.records(digest, envelope)
        with writing_plainly(JournalUnavailable, lasting=False):
            if Entries.of(digest, envelope, held).renew(mine, now + self._lease) != len(held):
                raise JournalUnavailable("a claim was lost before the delivery")
        self._dialogues.mark(digest, envelope, now + self._lease)

    def settle(self, digest: str, envelope: Envelope, outcomes: Sequence[Outcome], now: datetime) -> None:
        """See the port. What is durable is written down even where the claim was lost: it has happened.

        Tried twice, because it comes after delivery: a connection that broke meanwhile must not cost a second copy.
        """
        if not outcomes:
            return
        try:
            self._settle(digest, envelope, outcomes, now)
        except JournalUnavailable:
            self._settle(digest, envelope, outcomes, now)
        self._dialogues.let_go(digest, envelope, {o.recipient.key for o in outcomes})

    def _settle(self, digest: str, envelope: Envelope, outcomes: Sequence[Outcome], now: datetime) -> None:
        filed = self._dialogues.records(digest, envelope)
        again = {o.recipient.key for o in outcomes if o.fate is Fate.TRY_AGAIN}
        with writing_plainly(JournalUnavailable):
            Entries.of(digest, envelope, again).free(self._dialogues.mark(digest, envelope))
            for (fate, detail), group in _by_fate(outcomes).items():
                Entries.of(digest, envelope, group).finish(fate.value, detail, now)
            audit.append(self._result(filed.get(o.recipient.key, ""), o, now) for o in outcomes)

    def release(self, digest: str, envelope: Envelope, recipients: Collection[Address]) -> None:
        """See the port."""
        keys = {r.key for r in recipients}
        with writing_plainly(JournalUnavailable, lasting=False):
            Entries.of(digest, envelope, keys).free(self._dialogues.mark(digest, envelope))
        self._dialogues.let_go(digest, envelope, keys)

    def forget(self, now: datetime) -> int:
        """Housekeeping: drop what is finished, or was broken off, longer ago than ``remember``. How many.

        What is held stays while nobody was told, or a reviewer may still let it leave: sent again, it must not leave
        besides. The facts of decisions go in any case. Raises as the port.
        """
        waits = HeldMail.objects.filter(
            record=OuterRef("record"), recipient=OuterRef("recipient"), state=HeldState.HELD
        )
        over = Q(state=JournalState.DONE) | Q(state__in=_UNDER_WAY, lease_until__lt=now)
        with writing(JournalUnavailable):
            recorded.forget(now - self._remember)
            old = JournalEntry.objects.filter(over, changed_at__lt=now - self._remember)
            return old.exclude(Exists(waits)).delete()[0]

    def _intent(self, record: str, decision: Decision, now: datetime) -> audit.Event:
        rules = [r.rule for r in decision.decisive]
        details = {
            "recipient": decision.recipient.key,
            "rules": rules,
            "method": decision.method.value if decision.method else "",
        }
        return audit.Event(
            now, self._owner, f"intended {decision.action.name}", record, decision.decisive[0].why, details
        )

    def _result(self, record: str, outcome: Outcome, now: datetime) -> audit.Event:
        details = {"recipient": outcome.recipient.key, "detail": outcome.detail}
        return audit.Event(now, self._owner, f"outcome {outcome.fate.value}", record, "as intended", details)


def _was_stopped(row: Row) -> bool:
    return row.state == JournalState.CLAIMED and bool(row.fate)


def _answered(rows: Mapping[str, Row], entries: Entries) -> bool:
    """Whether its sender was told 250 for everybody, so that no mail system tries it again."""
    return len(rows) == len(entries.recipients) and all(row.state == JournalState.DONE for row in rows.values())


def _fresh(entries: Entries, mine: str) -> dict[str, Row]:
    return {key: Row(key, JournalState.CLAIMED.value, mine, "", "", "") for key in entries.recipients}


def _stopped(rows: Iterable[Row], mine: str) -> dict[str, Decision]:
    """The decisions that the sender still has to be told of."""
    ours = {row.recipient: row.record for row in rows if row.state == JournalState.HELD_UNTOLD and row.owner == mine}
    if not ours:
        return {}
    held = HeldMail.objects.filter(record__in=set(ours.values()), recipient__in=sorted(ours))
    found = {h.recipient: records.load(h.decision) for h in held if ours[h.recipient] == h.record_id}
    if found.keys() != ours.keys():
        raise JournalUnavailable("held without its decision")
    return found


def _claim_of(recipient: Address, row: Row | None, mine: str, stopped: dict[str, Decision]) -> Claim:
    if row is None:  # somebody gave it back between our two statements: free at the next try
        return Claim(recipient, Standing.BUSY)
    if row.state == JournalState.DONE:
        return Claim(recipient, Standing.DONE, Outcome(recipient, Fate(row.fate), row.detail))
    if row.owner != mine:
        return Claim(recipient, Standing.BUSY)
    if row.state == JournalState.HELD_UNTOLD:
        return Claim(recipient, Standing.HELD_UNTOLD, decision=stopped[row.recipient])
    return Claim(recipient, Standing.NEW)


def _by_state(decisions: Sequence[Decision]) -> list[tuple[JournalState, set[str]]]:
    stopped = {d.recipient.key for d in decisions if d.action in _STOPS}
    others = {d.recipient.key for d in decisions} - stopped
    groups = [(JournalState.INTENDED, others), (JournalState.HELD_UNTOLD, stopped)]
    return [(state, group) for state, group in groups if group]


def _by_fate(outcomes: Sequence[Outcome]) -> dict[tuple[Fate, str], set[str]]:
    groups: dict[tuple[Fate, str], set[str]] = {}
    for outcome in outcomes:
        if outcome.fate is not Fate.TRY_AGAIN:
            groups.setdefault((outcome.fate, outcome.detail), set()).add(outcome.recipient.key)
    return groups


def _held(record: str, decision: Decision, now: datetime) -> dict[str, object]:
    return {
        "record_id": record,
        "recipient": decision.recipient.key,
        "decision": records.dump(decision),
        "state": _STOPS[decision.action].value,
        "held_at": now,
    }
