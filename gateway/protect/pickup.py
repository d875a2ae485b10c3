"""Protecting by pick-up: the mail stays here, and what leaves is a notice with a link.

The notice says who sent something, how many documents, and until when; no word of the mail itself, not even its
subject line. It is written so that nobody has to trust it more than a parcel card: a plain link, no attachment, no
question, and a number to ring. The link's secret is in the notice alone; we keep its SHA-256.

Input: a message that an officer's mail program wrote. Failure: an address to which no mail can be written raises
``ProtectionFailed``.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from html import escape

from django.utils import formats
from django.utils.translation import get_language, gettext, ngettext, override

from domain.decision import Method
from domain.errors import ProtectionFailed
from domain.here import HERE
from domain.model import Address, Envelope, Message, Place
from domain.outgoing import ProtectedMessage, Ticket
from domain.ports import KeyVerdict, StoredKey
from gateway.letters import Letter, Letterhead, page
from gateway.mime.fields import header_fields
from gateway.mime.words import decoded, one_line, plain

_LONGEST_NAME = 60
_LINK_BYTES = 32


@dataclass(frozen=True, slots=True)
class PickupPlace:
    """``address`` is that of the pages; ``recipient`` the public half of the pick-up process's key."""

    address: str
    recipient: str
    lasts: timedelta
    language: str = "en"


class PickUp:
    """Implements ``Protector`` for those who have no key. ``names`` says how somebody at an address is greeted.

    ``languages`` is that in which they wish to be written to; empty for the place's own.
    """

    method = Method.PICK_UP

    def __init__(
        self,
        place: PickupPlace,
        letterhead: Letterhead,
        phone: str,
        hostname: str,
        names: Callable[[Address], str],
        languages: Callable[[Address], str] = lambda _: "",
    ) -> None:
        self._place, self._letterhead = place, letterhead
        self._phone, self._hostname, self._names = phone, hostname, names
        self._languages = languages

    def examine(self, key: StoredKey, now: datetime) -> KeyVerdict:  # noqa: ARG002 - the port's
        """See the port. There are no keys of this kind."""
        return KeyVerdict(key, usable=False, reason="what is picked up takes no key")

    def protect(
        self,
        message: Message,
        envelope: Envelope,
        recipient: Address,
        keys: Sequence[StoredKey],  # noqa: ARG002 - it takes none
        subject: str,  # noqa: ARG002 - confidential, so not in the notice
        now: datetime,
    ) -> ProtectedMessage:
        """See the port: the notice, with its ticket. Each call makes another link."""
        documents = sum(p.place is Place.ATTACHMENT and not p.path.endswith(".NAME") for p in message.parts)
        return self._notice(envelope.sender, recipient, _writer(message, envelope), documents, now)

    def again(self, sender: Address, recipient: Address, documents: int, now: datetime) -> ProtectedMessage:
        """The notice once more, without the mail: with another link."""
        return self._notice(sender, recipient, self._names(sender) or sender.text, documents, now)

    def _notice(
        self, sender: Address, recipient: Address, writer: str, documents: int, now: datetime
    ) -> ProtectedMessage:
        secret = secrets.token_urlsafe(_LINK_BYTES)
        ticket = Ticket(hashlib.sha256(secret.encode()).hexdigest(), now + self._place.lasts)
        with override(self._languages(recipient) or self._place.language):
            before = self._before(writer, documents, recipient)
            letter = self._letter(before, f"{self._place.address}/p/{secret}", ticket)
        try:
            notice = self._letterhead.to(recipient, letter, now, seven_bit=True)
        except ValueError as error:
            raise ProtectionFailed("no notice can be written to this address") from error
        return ProtectedMessage(
            sender,
            recipient,
            self.method,
            (self._place.recipient,),
            notice.content,
            options=notice.options,
            ticket=ticket,
        )

    def _letter(self, before: list[str], link: str, ticket: Ticket) -> Letter:
        service = self._letterhead.service
        title = gettext("You have a message from %(service)s") % {"service": service}
        after = self._after(ticket)
        button = gettext("Read your message")
        blocks = [*map(_paragraph, before), _button(link, button), *map(_paragraph, after)]
        return Letter(
            title=title,
            text="\n\n".join([*before, link, *after]) + "\n",
            html=page(title, [f"<div style='{_LETTER}'>", *blocks, "</div>"], get_language() or "en"),
            message_id=f"<{hashlib.sha256(ticket.link_sha256.encode()).hexdigest()[:32]}@{self._hostname}>",
            automatic="auto-generated",
        )

    def _before(self, writer: str, count: int, recipient: Address) -> list[str]:
        name = one_line(self._names(recipient), _LONGEST_NAME)
        told = {"sender": writer, "service": self._letterhead.service}
        what = gettext("%(sender)s at %(service)s has sent you a message.") % told
        if count:
            documents = ngettext("It comes with %(count)s document.", "It comes with %(count)s documents.", count)
            what += " " + documents % {"count": count}
        return [
            (gettext("Hello %(name)s,") % {"name": name}) if name else gettext("Hello,"),
            what,
            gettext("It is private, so it is not in this email. You can read it on our safe page:"),
        ]

    def _after(self, ticket: Ticket) -> list[str]:
        until = formats.date_format(ticket.until.astimezone(HERE), "j F Y")
        lines = [
            gettext("We will give you a code. Type it in, and your message opens. You do not need an account."),
            gettext("You can read it until %(until)s.") % {"until": until},
        ]
        if self._phone:
            told = {"phone": self._phone}
            lines.append(gettext("Do you need help? Are you not sure that this is from us? Ring %(phone)s.") % told)
        lines.append(gettext("We will never ask you for a password or for bank details."))
        return [*lines, self._letterhead.service]


def _writer(message: Message, envelope: Envelope) -> str:
    """The author's name as their own mail program writes it; else the address that sent it."""
    value = next((f.value for f in header_fields(message.raw) if f.name == "from"), b"")
    name, address = parseaddr(plain(value.strip()))
    ours = Address.of(address) == envelope.sender
    return one_line(decoded(name.encode()).text if ours and name else envelope.sender.text, _LONGEST_NAME)


_LETTER = "font-family:Arial,sans-serif;font-size:19px;line-height:1.5;color:#0b0c0c;max-width:36em"
_LINK = "display:inline-block;background:#00703c;color:#ffffff;font-weight:bold;padding:14px 22px;text-decoration:none"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _button(link: str, text: str) -> str:
    return f"<p><a href='{escape(link)}' style='{_LINK}'>{escape(text)}</a></p>"
