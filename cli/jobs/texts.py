"""Passphrases of protected PDFs whose recipients get one with each mail: by text message, once the mail has left."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from config.settings import Settings
from domain.errors import ConfigurationError, TryAgain, UnusableKey

if TYPE_CHECKING:
    from web.pickup.senders import Notify, Shown


class NotTexted(TryAgain):
    """A text message was not taken."""

    public = "A text message could not be sent. It is tried again."


def send_texts(settings: Settings, now: datetime) -> None:
    """All that are due. Raises ``NotTexted`` at the end where one waits on."""
    from gateway.keyfiles import random_key
    from gateway.protect.passphrases import opened_text
    from vault import texts
    from vault.models import PickupContact

    due = texts.due()
    if not due or settings.pdf.key is None:
        return
    sender, key, waiting = texter(settings), random_key(settings.at_home(settings.pdf.key), "pdf.key"), 0
    for one in due:
        try:
            mobile, passphrase = opened_text(one.data, one.recipient, key)
        except UnusableKey:
            waiting += 1
            continue
        if sender.send(PickupContact(mobile=mobile), passphrase):
            texts.sent(one.row, now)
        else:
            waiting += 1
    if waiting:
        raise NotTexted("text messages", waiting=waiting)


def texter(settings: Settings) -> Notify | Shown:
    """Who sends a password. Raises ``ConfigurationError`` where nobody is set."""
    from web.pickup.senders import Notify, Shown

    p = settings.pickup
    key = p.notify_key.get_secret_value()
    if p.show_codes:
        return Shown()
    if not (key and settings.pdf.notify_template):
        public = "No text messages can be sent: pickup.notify_key and pdf.notify_template are not set."
        raise ConfigurationError("pdf by text", public=public)
    return Notify(key, {"en": settings.pdf.notify_template}, p.notify_url)
