"""``{% load saying %}``: what was done with a mail, in people's words and not the audit trail's."""

from __future__ import annotations

from django import template

from vault.held.words import became
from vault.models import AuditEvent

register = template.Library()

_DID = {
    "filed": "sealed copy filed",
    "opened": "sealed copy opened",
    "intended RELAY": "decided: sent in the clear",
    "intended ENCRYPT": "decided: sent protected",
    "intended HOLD": "decided: held",
    "intended REJECT": "decided: refused",
    "intended DEFER": "decided: put off",
    "outcome delivered": "taken by the next mail server",
    "outcome held": "held",
    "outcome told": "not sent; the sender was told",
    "outcome try-again": "not sent yet; it is tried again",
    "access-collected": "opened for a request for access",
    "access-searched": "looked through for a request for access",
    "export-opened": "opened for a bundle",
    "held: release ordered": "release ordered",
    "held: release proposed": "release proposed",
    "held: release agreed to": "release agreed to",
    "held: release not agreed to": "release not agreed to",
    "held: release done": "released",
    "held: release stopped": "not released: it may not leave",
    "held: return ordered": "return to its sender ordered",
    "held: return done": "returned to its sender",
    "held: reject ordered": "rejection ordered",
    "held: reject done": "rejected",
    "held: confirm ordered": "settled by its sender",
    "held: confirm done": "released, as its sender settled it",
    "held: confirm stopped": "not released, as its sender settled it: it may not leave",
    "incident people told": "written down that the people were told",
    "incident people not told": "written down why the people are not told",
    "recipient stopped": "mail stopped",
    "recipient let go": "mail let go again",
}


register.filter("ended", became)


@register.filter
def did(event: AuditEvent) -> str:
    """What was done; of a copy, for whom, and where it was to go instead."""
    said, recipient = _DID.get(event.action, event.action), event.details.get("recipient")
    instead = f", to go to {event.details['to']} instead" if event.details.get("to") else ""
    return f"{said}: {recipient}{instead}" if recipient else said
