"""The leaver's page to the carer: filed, put aside sealed, then the notice with its link. Steps can be repeated.

The page itself names nothing that the carer does not know: kinds of document, days, and the person they looked after.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

import structlog

from cli.leaving import paper
from cli.pickup.sending import hand_over
from config.settings import Settings
from domain.errors import SallyportError, TryAgain
from domain.here import HERE
from domain.leaving import Sheet, Why
from domain.model import Address, Envelope, PageText, Place
from domain.ports import FiledPart, Filing

if TYPE_CHECKING:
    from domain.outgoing import ProtectedMessage
    from register.leaving import Parties
    from vault.models import LeavingCase
    from vault.pickup.copy import Waiting

NAME = "What to give back and delete.pdf"
_LOG = structlog.get_logger("worker")


def send_all(settings: Settings, now: datetime) -> None:
    """All that officers asked for. One that cannot leave keeps no other."""
    from vault.leaving import cases

    for case in cases.to_send() if settings.pickup.recipient else ():
        try:
            _send(case, settings, now)
        except TryAgain as error:
            _LOG.warning("leaver's page not sent yet", case=case.pk, reason=error.private)
        except SallyportError as error:
            _LOG.error("leaver's page not sent", case=case.pk, reason=error.private)


def sheet_of(case: LeavingCase, who: Parties) -> Sheet:
    """What the page says of now."""
    from domain.leaving import How
    from vault.leaving.shared import links, shared

    told = shared(case.person, who.addresses)
    return Sheet(
        name=who.person,
        council_id=who.council_id,
        carer=who.carer,
        why=Why(case.why),
        ended=case.ended_on,
        shared=tuple(s for s in told if s.how is not How.UNREAD),
        closed=len(links(case.person, who.addresses)),
        keeps=case.keeps,
        agreed_by=case.agreed_by,
    )


def _send(case: LeavingCase, settings: Settings, now: datetime) -> None:
    from gateway.bootstrap import build_pickup_protector
    from gateway.letters import Told
    from register.leaving import parties
    from vault.leaving import cases

    assert case.asked_at is not None  # noqa: S101 - else it is not to be sent
    who = parties(case.carer, case.person, now.astimezone(HERE).date())
    if who is None:
        _LOG.error("a leaver is not in the register any more", case=case.pk)
        return
    sheet = sheet_of(case, who)
    content = paper.pdf(sheet, settings.service.name)
    officer = who.officer or settings.service.address
    raw = _mail(sheet, content, case.asked_at, settings)
    record = _file(case, sheet, raw, settings, now)
    notice = build_pickup_protector(settings).again(Address.of(officer), Address.of(who.email), 1, now)
    _put_aside(case, record, raw, _waiting(case, sheet, content, who, officer), notice, settings, now)
    if hand_over(settings, notice) is Told.YES:
        cases.sent(case, record, now)


def _waiting(case: LeavingCase, sheet: Sheet, content: bytes, who: Parties, officer: str) -> Waiting:
    from vault.pickup.copy import Document, Waiting, Words

    assert case.asked_at is not None  # noqa: S101 - as above
    said = "\n".join(text for _, text in paper.lines(sheet, ""))
    document = Document(1, NAME, "application/pdf", len(content), (Words(1, said),), content)
    return Waiting(officer, who.email, "", case.asked_at, "", (document,), sheet)


def _put_aside(
    case: LeavingCase,
    record: str,
    raw: bytes,
    waiting: Waiting,
    notice: ProtectedMessage,
    settings: Settings,
    now: datetime,
) -> None:
    """Sealed, with its link; a page that was sent before closes."""
    from gateway.bootstrap import build_pickup_store
    from vault.ids import new_id
    from vault.models import PickupGrant
    from vault.pickup.copy import FORMAT, pack
    from vault.pickup.ending import revoke
    from vault.pickup.room import PREFIX, grant
    from vault.unlocked import keep_sealed

    assert notice.ticket is not None  # noqa: S101 - a pick-up has one
    store, recipient = build_pickup_store(settings), settings.pickup.recipient
    kept = keep_sealed(store, f"{PREFIX}{record}/", pack(waiting), recipient, ("pickup", FORMAT), now)
    row = PickupGrant(
        id=new_id(now), record=record, digest=hashlib.sha256(raw).hexdigest(), sender=notice.sender.key,
        recipient=notice.recipient.key, link_sha256=notice.ticket.link_sha256, about=[], documents=1,
        made_at=now, until=notice.ticket.until, **kept._asdict(),
    )  # fmt: skip
    grant([row], now, case.asked_by, "a leaver's page")
    if case.record and case.record != record:
        for before in PickupGrant.objects.filter(record=case.record, ended=""):
            revoke(before, case.asked_by, "a newer page was sent", now)


def _mail(sheet: Sheet, content: bytes, at: datetime, settings: Settings) -> bytes:
    """As a mail of the office to itself, which the vault files, searches and opens as any other."""
    digest = hashlib.sha256(content).hexdigest()
    mail = EmailMessage(policy=SMTP)
    mail["From"] = mail["To"] = settings.service.address
    mail["Subject"] = f"What a carer of {sheet.council_id} gives back and deletes"
    mail["Date"] = at
    mail["Message-ID"] = f"<{digest[:40]}@leaving.invalid>"
    mail.set_content("The page as it was sent to the carer, to be signed.\n")
    mail.add_attachment(content, maintype="application", subtype="pdf", filename=NAME)
    mail.set_boundary(f"leaving-{digest[:40]}")
    return mail.as_bytes()


def _file(case: LeavingCase, sheet: Sheet, raw: bytes, settings: Settings, now: datetime) -> str:
    """Filed before it leaves (promise 2), about the person alone; the record's name."""
    from gateway.bootstrap import build_filer, build_relay_store
    from gateway.parse import parse

    message, office = parse(raw), Address.of(settings.service.address)
    about = frozenset({case.person})
    said = "\n".join(text for _, text in paper.lines(sheet, ""))
    attached = next(p.path for p in message.parts if p.place is Place.ATTACHMENT)
    filing = Filing(
        digest=hashlib.sha256(raw).hexdigest(),
        envelope=Envelope(office, (office,), now),
        message=message,
        parts=tuple(FiledPart(part, about, frozenset()) for part in message.parts),
        people=about,
        categories=frozenset(),
        decisions=(),
        texts=(PageText(attached, Place.ATTACHMENT, 1, said),),
    )
    by = {"actor": case.asked_by, "why": "a leaver's page, before it is sent"}
    return build_filer(settings, build_relay_store(settings), by).file(filing, now).record
