"""Forms that wait to be signed: asked for, sent, signed, and recorded or given up by the office.

Each step is one transaction with its audit event. Raises :class:`CannotAsk` with a sentence, ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from domain.errors import SallyportError, VaultUnavailable
from vault import audit
from vault.models import AskedPermission, AuditEvent, VaultRecord
from vault.rows import reading, writing

SIGNED = "pick-up signed"


class CannotAsk(SallyportError):
    """This cannot be done with this form; ``public`` says why."""


def ask(code: str, person: str, signer: str, draft: dict[str, Any], by: str, now: datetime) -> AskedPermission:
    """The worker sends it to be signed. One that waits under the same id is replaced: it was answered anew."""
    with writing(VaultUnavailable):
        _open().filter(code=code).update(closed_at=now, closed_by=by, closed_how="")
        row = AskedPermission.objects.create(
            code=code, person=person, signer=signer, draft=draft, asked_at=now, asked_by=by
        )
        audit.append([_event(row, "asked", by, now)])
    return row


def to_send() -> list[AskedPermission]:
    """Oldest first."""
    with reading(VaultUnavailable):
        return list(_open().filter(sent_at=None).order_by("asked_at", "pk"))


def sent(row: AskedPermission, record: str, now: datetime) -> None:
    """It waits for who signs, and the notice has left."""
    with writing(VaultUnavailable):
        _open().filter(pk=row.pk).update(sent_at=now, record=record)
        audit.append([_event(row, "sent", "worker", now, record=record)])


def note_signed(now: datetime) -> int:
    """What was signed since the last time, and is filed by now; how many."""
    with reading(VaultUnavailable):
        waiting = list(_open().filter(sent_at__isnull=False, signed_at=None))
        events = AuditEvent.objects.filter(record__in=[r.record for r in waiting], action=SIGNED).order_by("-sequence")
        first = {event.record: event for event in events}
        mails = [str(event.details.get("mail", "")) for event in first.values()]
        filed = dict(VaultRecord.objects.filter(digest__in=mails).order_by("-id").values_list("digest", "id"))
    done = 0
    for row in waiting:
        event = first.get(row.record)
        record = filed.get(str(event.details.get("mail", "")), "") if event else ""
        if event is not None and record:
            done += _note(row, event, record, now)
    return done


def _note(row: AskedPermission, event: AuditEvent, record: str, now: datetime) -> int:
    with writing(VaultUnavailable):
        mail = str(event.details["mail"])
        new: int = (
            _open().filter(pk=row.pk, signed_at=None)
            .update(signed_at=event.at, signed_mail=mail, signed_record=record)
        )  # fmt: skip
        if new:
            audit.append([_event(row, "signed", "worker", now, signed=record)])
    return new


def waits(people: Collection[str]) -> list[AskedPermission]:
    """About these (references): what is signed first."""
    with reading(VaultUnavailable):
        rows = list(_open().filter(person__in=people).order_by("asked_at", "pk"))
    return sorted(rows, key=lambda row: row.signed_at is None)


def close(row: AskedPermission, how: str, by: str, now: datetime) -> None:
    """Recorded as the permission ``how``; given up where that is empty."""
    with writing(VaultUnavailable):
        if not _open().filter(pk=row.pk).update(closed_at=now, closed_by=by, closed_how=how):
            raise CannotAsk("closed", public="Somebody has settled this already; look at the register.")
        audit.append([_event(row, "recorded" if how else "given up", by, now, permission=how)])


def _open() -> Any:
    return AskedPermission.objects.filter(closed_at=None)


def _event(row: AskedPermission, what: str, by: str, now: datetime, **more: object) -> audit.Event:
    details = {"asked": row.pk, "code": row.code, "person": row.person, **more}
    return audit.Event(now, by, f"permission to sign {what}", row.signed_record or row.record, "", details)
