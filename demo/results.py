"""From what the relay wrote down, and what the next hop got, to rows that a person can read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

from demo.next_hop import NextHop
from demo.view import Row
from domain.decision import Action, Method
from domain.model import Category
from domain.outgoing import Fate
from domain.retention import CORRESPONDENCE


def rows_of(title: str, message: bytes, recipients: tuple[str, ...], hop: NextHop, answer: str = "") -> Iterator[Row]:
    """One row a recipient. ``answer`` is the relay's reply where it took nothing (then nothing is on record)."""
    from vault.models import VaultRecord

    digest = hashlib.sha256(message).hexdigest()
    record = VaultRecord.objects.filter(digest=digest).order_by("-filed_at").first()
    decisions = {d["recipient"].casefold(): d for d in record.decisions} if record else {}
    message_id = str(message_from_bytes(message[:65536], policy=default)["Message-ID"] or "").strip()
    for recipient in recipients:
        decision = decisions.get(recipient.casefold())
        if answer or record is None or decision is None:
            yield Row(
                title, recipient, "", "", "DEFER 451", _why_deferred(answer), "nothing; the sending server keeps it"
            )
        else:
            yield _row(title, recipient, record, decision, hop, message_id)


def row_of_record(record: Any, decision: dict[str, Any], hop: NextHop) -> Row:
    """A row for a mail that somebody sent by hand, once it has left, or may not leave."""
    title = f"from {record.sender}" if record.sender else "a report"
    left = "nothing; the sender was told"
    if Action[decision["action"]] < Action.HOLD:
        arrival = hop.claim(record.digest, record.sender, decision["recipient"].casefold())
        left = arrival.described() if arrival else "nothing"
    return replace(_row(title, decision["recipient"], record, decision, hop, ""), left=left)


def rows_after(sequence: int, hop: NextHop) -> Iterator[tuple[int, Row]]:
    """A row for each outcome that the audit trail has after that event, with the event's own number.

    By outcome and not by record: the same mail to one more recipient makes no new record.
    """
    from vault.models import AuditEvent, VaultRecord

    ended = [f"outcome {fate}" for fate in Fate if fate is not Fate.TRY_AGAIN]
    for event in AuditEvent.objects.filter(sequence__gt=sequence, action__in=ended).order_by("sequence"):
        record = VaultRecord.objects.filter(id=event.record).first()
        for decision in record.decisions if record else ():
            if decision["recipient"].casefold() == event.details["recipient"]:
                yield event.sequence, row_of_record(record, decision, hop)


def last_outcome() -> int:
    """The number of the audit trail's last event."""
    from vault.models import AuditEvent

    newest = AuditEvent.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    return newest or 0


def _why_deferred(answer: str) -> str:
    return answer or "No answer is on record yet"


def _row(title: str, recipient: str, record: Any, decision: dict[str, Any], hop: NextHop, message_id: str) -> Row:
    decisive = [r for r in decision["reasons"] if r["action"] == decision["action"]]
    return Row(
        mail=title,
        recipient=recipient,
        found=_found(record, decision),
        about=_about(record, decision),
        decision=f"{decision['action']} {decision['method'] or ''}".strip(),
        why="; ".join(dict.fromkeys(r["why"] for r in decisive)),
        left=_left(recipient, decision, hop, message_id),
    )


def _found(record: Any, decision: dict[str, Any]) -> str:
    labels = [Category(c).label for c in record.classes if c != CORRESPONDENCE]
    rules = {r["rule"] for r in decision["reasons"]}
    if "unreadable" in rules:
        labels.append("a part that cannot be read")
    return ", ".join(labels) or "nothing confidential"


def _about(record: Any, decision: dict[str, Any]) -> str:
    from register.models import Person

    refs = [s.person for s in record.subjects.all()]
    people = Person.objects.filter(ref__in=refs, names__main=True).values_list("names__name", "council_id")
    names = [f"{name} ({council_id})" for name, council_id in people.order_by("council_id")]
    rules = {r["rule"] for r in decision["reasons"]}
    if "person-ambiguous" in rules:
        names.append("one of several with that name")
    return ", ".join(names) or ("not known" if "person-unknown" in rules else "")


def _left(recipient: str, decision: dict[str, Any], hop: NextHop, message_id: str) -> str:
    if decision["method"] == Method.PICK_UP:
        arrival = hop.last_notice_of_pick_up(recipient.casefold())
    else:
        arrival = hop.for_message(message_id, recipient.casefold())
    if arrival:
        return arrival.described()
    notice = hop.notice_about(message_id)
    if notice and Action[decision["action"]] in {Action.HOLD, Action.REJECT}:
        return "nothing; the sender was told"
    return "nothing"
