"""``sallyport keys pdf``: a recipient asks for a PDF with a password, and how they get that password."""

from __future__ import annotations

import hashlib
from typing import Annotated

import typer

from cli.frame import InputError, command, framed, mailbox
from cli.jobs.texts import texter
from cli.looking import looked
from cli.pickup.codes import number
from config.settings import Settings
from domain.decision import Method
from domain.errors import ConfigurationError, TryAgain


class NotTexted(TryAgain):
    """The text message was not taken, and nothing was recorded."""

    public = "The text message could not be sent, so nothing was changed. Try again later, or agree a password."


@command
def pdf(
    address: Annotated[str, typer.Argument(help="The recipient's e-mail address.")],
    agreed: Annotated[bool, typer.Option("--agreed", help="A password agreed with them; it is asked for.")] = False,
    text: Annotated[str, typer.Option(help="Make a password, and send it to this mobile number.")] = "",
    text_each: Annotated[
        str, typer.Option("--text-each", help="A password of its own for each mail, sent to this mobile number.")
    ] = "",
    off: Annotated[bool, typer.Option("--off", help="No PDF from now on.")] = False,
) -> None:
    """Protect this recipient's mail as a PDF with a password. A new password takes the place of the one before."""
    settings = framed()
    if agreed + bool(text) + bool(text_each) + off != 1:
        raise InputError("pdf", public="Say one of --agreed, --text NUMBER, --text-each NUMBER and --off.")
    from gateway.keyfiles import random_key
    from gateway.protect.passphrases import sealed, sealed_number
    from register.models import RecipientKey

    who = mailbox(address).key
    rows = RecipientKey.objects.filter(address=who, method=Method.PDF)
    if off:
        gone, _ = rows.delete()
        looked("pdf password removed", address=who)
        print("No PDF from now on." if gone else "There was no password for this address.")
        return
    if settings.pdf.key is None:  # before anybody is sent a password
        raise ConfigurationError("pdf", public="There is no key for protected PDFs in the settings (pdf.key).")
    key = random_key(settings.at_home(settings.pdf.key), "pdf.key")
    if text_each:
        texter(settings)  # refuses where nobody could send one
        data, way = sealed_number(number(text_each), who, key), "text message with each mail"
    else:
        data = sealed(_agreed() if agreed else _texted(number(text), settings), who, key)
        way = "agreed" if agreed else "text message"
    mark = _record(who, data)
    looked("pdf password recorded", address=who, fingerprint=mark, way=way)
    says = "Each has a password of its own, sent to their phone" if text_each else "The password is in no mail"
    print(f"Mail for {who} goes as a PDF from now on. {says}; earlier files keep theirs.")


def _record(address: str, data: bytes) -> str:
    from django.db import transaction

    from register.models import RecipientKey

    mark = hashlib.sha256(data).hexdigest()[:16].upper()
    with transaction.atomic():
        RecipientKey.objects.filter(address=address, method=Method.PDF).delete()
        RecipientKey.objects.create(address=address, method=Method.PDF, fingerprint=mark, data=data)
    return mark


def _agreed() -> str:
    from gateway.protect.passphrases import SHORTEST, fit

    passphrase: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not fit(passphrase):
        public = f"A password has at least {SHORTEST} letters, numbers and signs of a plain keyboard."
        raise InputError("passphrase", public=public)
    return passphrase


def _texted(mobile: str, settings: Settings) -> str:
    """A new one, once the text message with it is taken."""
    from gateway.protect.passphrases import made
    from vault.models import PickupContact

    passphrase, sender = made(), texter(settings)
    if not sender.send(PickupContact(mobile=mobile), passphrase):
        raise NotTexted("notify")
    return passphrase
