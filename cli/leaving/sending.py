"""The leaver's page to the carer, with its notice.

The page itself names nothing that the carer does not know: kinds of document, days, and the person they looked after.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from cli.leaving import paper
from cli.pickup.putting import Own, file, put_aside
from config.settings import Settings
from domain.errors import SallyportError, TryAgain
from domain.here import HERE
from domain.leaving import Sheet, Why, is_reminded

if TYPE_CHECKING:
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


def remind(settings: Settings, now: datetime) -> None:
    """The notice once more, with a new link, to whoever has not signed. What waits is the same page."""
    from cli.pickup.sending import resend
    from vault.leaving import cases
    from vault.models import PickupGrant

    for case in cases.unsigned() if settings.pickup.recipient else ():
        notices = list(PickupGrant.objects.filter(record=case.record).order_by("-made_at", "-pk"))
        opens = bool(notices) and not notices[0].ended and notices[0].until > now
        if opens and is_reminded([n.made_at for n in notices], now):
            try:
                resend(notices[0], settings, "worker", "the carer has not signed yet", now)
            except SallyportError as error:
                _LOG.warning("leaver not reminded", case=case.pk, reason=error.private)


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
    from register.leaving import parties
    from vault.leaving import cases

    assert case.asked_at is not None  # noqa: S101 - else it is not to be sent
    who = parties(case.carer, case.person, now.astimezone(HERE).date())
    if who is None:
        _LOG.error("a leaver is not in the register any more", case=case.pk)
        return
    own, waiting = _page(case, who, case.asked_at, settings)
    record, digest = file(own, settings, now)
    _close_earlier(case, record, now)
    if put_aside(own, record, digest, waiting, settings, now):
        cases.sent(case, record, now)


def _page(case: LeavingCase, who: Parties, at: datetime, settings: Settings) -> tuple[Own, Waiting]:
    from vault.pickup.copy import Document, Waiting, Words

    sheet = sheet_of(case, who)
    content = paper.pdf(sheet, settings.service.name)
    said = "\n".join(text for _, text in paper.lines(sheet, settings.service.name))
    subject = f"What a carer of {sheet.council_id} gives back and deletes"
    own = Own(case.person, subject, NAME, content, said, at, case.asked_by, "a leaver's page, before it is sent")
    document = Document(1, NAME, "application/pdf", len(content), (Words(1, said),), content)
    return own, Waiting(who.officer or settings.service.address, who.email, "", at, "", (document,), sheet)


def _close_earlier(case: LeavingCase, record: str, now: datetime) -> None:
    """A page that was sent before opens no more."""
    from vault.models import PickupGrant
    from vault.pickup.ending import revoke

    if case.record and case.record != record:
        for before in PickupGrant.objects.filter(record=case.record, ended=""):
            revoke(before, case.asked_by, "a newer page was sent", now, forget=False)
