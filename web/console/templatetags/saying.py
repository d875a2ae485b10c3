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
    "incident people told": "written down that the people were told",
    "incident people not told": "written down why the people are not told",
    "recipient stopped": "mail stopped",
    "recipient let go": "mail let go again",
}


register.filter("ended", became)


@register.filter
def did(event: AuditEvent) -> str:
    """What was done; of a copy, for whom."""
    said, recipient = _DID.get(event.action, event.action), event.details.get("recipient")
    return f"{said}: {recipient}" if recipient else said
