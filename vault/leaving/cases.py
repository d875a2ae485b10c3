"""Partings as cases: opened by the register, asked of the carer by the officer, signed on the pages, and done.

Each step is one transaction with its audit event. Raises :class:`CannotLeave` with a sentence, ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum

from django.db import IntegrityError, transaction

from domain.errors import SallyportError, VaultUnavailable
from domain.leaving import Copies, Leaving, Papers, is_all_gone
from vault import audit
from vault.models import AuditEvent, LeavingCase, VaultRecord
from vault.rows import reading, writing

LONGEST = 2000
SIGNED = "pick-up leaving signed"
"""What the pages write to the audit trail; ``details`` has papers, copies and the mail's SHA-256."""


class CannotLeave(SallyportError):
    """This cannot be done with this case; ``public`` says why."""


class Stage(StrEnum):
    """How far it is."""

    TO_SEND = "waits for you to send it"
    LEAVES = "is being sent"
    WAITS = "waits for the carer"
    SIGNED = "is signed"
    DONE = "is done"


def stage(case: LeavingCase) -> Stage:
    """By what is in the row."""
    if case.done_at:
        return Stage.DONE
    if case.signed_at:
        return Stage.SIGNED
    if case.sent_at:
        return Stage.WAITS
    return Stage.LEAVES if case.asked_at else Stage.TO_SEND


def open_new(found: Iterable[Leaving], now: datetime) -> int:
    """One case for each parting that has none; how many are new. Several workers may do it at once."""
    new = 0
    for leaving in found:
        with writing(VaultUnavailable):
            if _is_known(leaving):
                continue
            try:
                with transaction.atomic():
                    case = LeavingCase.objects.create(
                        carer=leaving.carer, person=leaving.person, why=leaving.why, ended_on=leaving.ended,
                        opened_at=now,
                    )  # fmt: skip
            except IntegrityError:
                continue  # another worker's
            audit.append([_event(case, "opened", "worker", leaving.why, now)])
            new += 1
    return new


def _is_known(leaving: Leaving) -> bool:
    """Since they were last together. A day that is corrected afterwards opens no second case."""
    known = LeavingCase.objects.filter(carer=leaving.carer, person=leaving.person)
    return (known.filter(ended_on__gte=leaving.began) if leaving.began else known).exists()


def ask(case: LeavingCase, keeps: str, agreed_by: str, agreed_on: date | None, by: str, now: datetime) -> None:
    """The worker sends the carer the page. Asked once more, an earlier page closes and counts no more."""
    keeps, agreed_by = keeps.strip(), agreed_by.strip()
    if keeps and not agreed_by:
        raise CannotLeave("not agreed", public="Say who of the Management Team agreed to what they may keep.")
    if len(keeps) > LONGEST:
        raise CannotLeave("too long", public=f"Say what they may keep in at most {LONGEST} characters.")
    with writing(VaultUnavailable):
        asked = LeavingCase.objects.filter(pk=case.pk, done_at=None).update(
            keeps=keeps, agreed_by=agreed_by if keeps else "", agreed_on=agreed_on if keeps else None,
            asked_at=now, asked_by=by, sent_at=None, signed_at=None, signed_mail="", signed_record="",
            papers="", copies="",
        )  # fmt: skip
        if not asked:
            raise CannotLeave("done", public="This is done already.")
        audit.append([_event(case, "asked", by, "the carer gets the page", now, keeps=bool(keeps))])


def sent(case: LeavingCase, record: str, now: datetime) -> None:
    """The page waits for the carer, and the notice has left."""
    with writing(VaultUnavailable):
        LeavingCase.objects.filter(pk=case.pk, asked_at=case.asked_at).update(sent_at=now, record=record)
        audit.append([_event(case, "sent", "worker", "the page waits for the carer", now, record=record)])


def note_signed(now: datetime) -> int:
    """What carers signed since the last time, and where it is filed; how many new signatures. The last one counts."""
    with reading(VaultUnavailable):
        open_ = list(LeavingCase.objects.filter(done_at=None, sent_at__isnull=False))
        events = AuditEvent.objects.filter(record__in=[c.record for c in open_], action=SIGNED).order_by("sequence")
        last = {event.record: event for event in events}
        mails = [str(event.details.get("mail", "")) for event in last.values()]
        filed = dict(VaultRecord.objects.filter(digest__in=mails).order_by("-id").values_list("digest", "id"))
    return sum(_note(case, last[case.record], filed, now) for case in open_ if case.record in last)


def _note(case: LeavingCase, event: AuditEvent, filed: Mapping[str, str], now: datetime) -> bool:
    """Whether it is a new signature. Its record is noted once there is one: the relay may file it again later."""
    mail = str(event.details.get("mail", ""))
    record = filed.get(mail, "")
    if case.signed_mail == mail and case.signed_record == record:
        return False
    with writing(VaultUnavailable):
        same = LeavingCase.objects.filter(pk=case.pk, asked_at=case.asked_at, done_at=None)
        new = bool(
            same.exclude(signed_mail=mail).update(
                signed_at=event.at, signed_mail=mail, papers=Papers(event.details["papers"]),
                copies=Copies(event.details["copies"]),
            )
        )  # fmt: skip
        same.update(signed_record=record)
        if new:
            case.refresh_from_db()
            audit.append([_event(case, "signed", "worker", "the carer has signed", now, mail=mail)])
    return new


def finish(case: LeavingCase, by: str, why: str, now: datetime) -> None:
    """The officer has the papers, and nothing is left to do. Without a signature that says so, ``why`` says how."""
    why = why.strip()
    clear = case.signed_at is not None and is_all_gone(Papers(case.papers), Copies(case.copies))
    if not clear and not why:
        public = "The carer has not signed that everything is back and deleted. Say how you made sure of it."
        raise CannotLeave("not signed", public=public)
    with writing(VaultUnavailable):
        done = LeavingCase.objects.filter(pk=case.pk, done_at=None).update(done_at=now, done_by=by, done_why=why[:500])
        if not done:
            raise CannotLeave("done", public="This is done already.")
        audit.append([_event(case, "done", by, why or "the papers are here", now)])


def still_open() -> list[LeavingCase]:
    """The oldest first."""
    with reading(VaultUnavailable):
        return list(LeavingCase.objects.filter(done_at=None).order_by("ended_on", "pk"))


def of_people(people: Collection[str]) -> list[LeavingCase]:
    """All about these (references), what is open first, then the newest."""
    with reading(VaultUnavailable):
        rows = list(LeavingCase.objects.filter(person__in=people).order_by("-ended_on", "-pk"))
    return sorted(rows, key=lambda case: case.done_at is not None)


def unsigned() -> list[LeavingCase]:
    """The carer has the page, and has not signed anything on it."""
    with reading(VaultUnavailable):
        return list(LeavingCase.objects.filter(sent_at__isnull=False, signed_at=None, done_at=None).order_by("pk"))


def to_send() -> list[LeavingCase]:
    """Asked for, and not sent yet."""
    with reading(VaultUnavailable):
        return list(LeavingCase.objects.filter(asked_at__isnull=False, sent_at=None, done_at=None).order_by("asked_at"))


def _event(case: LeavingCase, what: str, by: str, why: str, now: datetime, **more: object) -> audit.Event:
    details = {"leaving": case.pk, "carer": case.carer, "person": case.person, **more}
    return audit.Event(now, by, f"leaving {what}", case.signed_record or case.record, why, details)
