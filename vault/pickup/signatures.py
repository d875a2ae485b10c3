"""What was signed on the pick-up pages and is filed by now: the papers that the register can be told of.

Forms that the office had made are left out: they have a page of their own (``vault.pickup.asked``).
Raises ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain.errors import VaultUnavailable
from vault.models import AskedPermission, AuditEvent, RecordState, VaultRecord, VaultSubject
from vault.pickup.asked import SIGNED
from vault.rows import reading


@dataclass(frozen=True, slots=True)
class SignedPaper:
    """``record`` is the signed paper, about ``person`` (a reference); ``by`` the address that the link was sent to."""

    record: str
    person: str
    at: datetime
    by: str
    classes: frozenset[str]


def about(people: Collection[str], since: datetime | None = None) -> list[SignedPaper]:
    """The newest first; ``since`` leaves out what was signed before."""
    with reading(VaultUnavailable):
        events = _events(people, since)
        mails = [str(event.details.get("mail", "")) for event in events]
        filed = VaultSubject.objects.filter(
            person__in=people, record__digest__in=mails, record__state=RecordState.FILED
        ).select_related("record")
        found: dict[str, list[tuple[VaultRecord, str]]] = {}
        for subject in filed:
            found.setdefault(subject.record.digest, []).append((subject.record, subject.person))
        sent = [event.record for event in events]
        ours = set(AskedPermission.objects.filter(record__in=sent).values_list("record", flat=True))
    return [
        SignedPaper(record.id, person, event.at, str(event.details.get("recipient", "")), frozenset(record.classes))
        for event, mail in zip(events, mails, strict=True)
        if event.record not in ours
        for record, person in found.get(mail, ())
    ]


def _events(people: Collection[str], since: datetime | None) -> list[AuditEvent]:
    """One a signed paper: who signed it twice, signed it once.

    Lately signed are few, of whomever; all of time are asked for by the records of the one or two that are asked about.
    """
    theirs = VaultSubject.objects.filter(person__in=people)
    signed = AuditEvent.objects.filter(action=SIGNED).order_by()
    if since is None:
        events = list(signed.filter(record__in=theirs.values("record_id")))
    else:
        late = list(signed.filter(at__gte=since))
        about_them = set(theirs.filter(record_id__in=[e.record for e in late]).values_list("record_id", flat=True))
        events = [event for event in late if event.record in about_them]
    events.sort(key=lambda event: event.sequence)
    first = {str(event.details.get("mail", "")): event for event in reversed(events)}
    return sorted(first.values(), key=lambda event: event.sequence, reverse=True)
