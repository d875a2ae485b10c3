"""The notice of a pick-up once more, with a new link."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from config.settings import Settings

if TYPE_CHECKING:
    from domain.outgoing import ProtectedMessage
    from gateway.letters import Told
    from vault.models import PickupGrant
    from vault.pickup.helping import Send


def sender(settings: Settings) -> Send:
    """Sends a notice once more, by these settings."""

    def send(row: PickupGrant, by: str, why: str, now: datetime) -> str:
        return resend(row, settings, by, why, now)

    return send


def resend(row: PickupGrant, settings: Settings, by: str, why: str, now: datetime) -> str:
    """The new grant's name, once the next mail system has the notice. Raises ``SallyportError``.

    The new grant is there before its notice leaves, as for every mail; the old one is closed with the same step.
    """
    from domain.errors import NextHopUnavailable
    from domain.model import Address
    from gateway.bootstrap import build_pickup_protector
    from gateway.letters import Told
    from vault import audit
    from vault.ids import new_id
    from vault.models import PickupGrant
    from vault.pickup.room import event, grant
    from vault.rows import writing

    notice = build_pickup_protector(settings).again(
        Address.of(row.sender), Address.of(row.recipient), row.documents, now
    )
    assert notice.ticket is not None  # noqa: S101 - a pick-up has one
    anew = PickupGrant.objects.get(pk=row.pk)
    anew.pk, anew.link_sha256, anew.made_at, anew.until = (
        new_id(now),
        notice.ticket.link_sha256,
        now,
        notice.ticket.until,
    )
    grant([anew], now, by, why)
    if hand_over(settings, notice) is not Told.YES:
        public = f"The mail system did not take the notice. Try again with: sallyport pickup resend {anew.pk}"
        raise NextHopUnavailable("resend", public=public)
    with writing(NextHopUnavailable):
        details = {"recipient": row.recipient, "grant": anew.pk}
        audit.append([audit.Event(now, by, "outcome delivered", row.record, why, details)])
        audit.append([event(anew, "notice sent again", by, why, now)])
    return str(anew.pk)


def hand_over(settings: Settings, notice: ProtectedMessage) -> Told:
    """One notice of pick-up to the next mail system."""
    from gateway.bootstrap import build_next_hop
    from gateway.letters import hand_over as hand

    hop = build_next_hop(settings)
    try:
        return hand(notice, hop)
    finally:
        hop.close()
