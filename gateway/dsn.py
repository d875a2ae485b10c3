"""The half of a notice that programs read: a delivery status (RFC 3464) for each recipient, and the mail's header.

Of the header only what tells the sender which mail it was (RFC 6522 section 4): no other recipient, no words but the
subject, which the notice names anyway; never the text, whatever RET says, because a notice is not protected. The next
hop's words come from anybody and are bounded. Total.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import Enum

from domain.decision import Action, Decision
from domain.model import Address, Envelope, Message
from domain.outgoing import HopReply
from gateway.mime.words import one_line

_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |\Z)")
_HEXCHAR = re.compile(r"\+([0-9A-F]{2})")


class Event(Enum):
    """What became of a recipient's copy: Action and Status (RFC 3464 section 2.3.3, RFC 3463)."""

    HELD = ("delayed", "4.7.1")
    REJECTED = ("failed", "5.7.1")
    REFUSED = ("failed", "5.0.0")
    HANDED_ON = ("relayed", "2.0.0")


@dataclass(frozen=True, slots=True)
class Entry:
    """One recipient's. ``reply`` is the next hop's, where it spoke."""

    recipient: Address
    event: Event
    reply: HopReply | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of one mail, once."""

    envelope: Envelope
    message: Message
    entries: tuple[Entry, ...]
    mta: str

    def around(self, letter: EmailMessage) -> list[EmailMessage]:
        """The three parts of a ``multipart/report``."""
        return [letter, self._status(), self._header()]

    def _status(self) -> EmailMessage:
        part = EmailMessage(SMTP)
        part["Content-Type"] = "message/delivery-status"
        part.set_payload([self._of_message(), *map(self._of_recipient, self.entries)])
        return part

    def _of_message(self) -> EmailMessage:
        block = EmailMessage(SMTP)
        if self.envelope.reports.envid:
            block["Original-Envelope-Id"] = _decoded(self.envelope.reports.envid)
        block["Reporting-MTA"] = f"dns; {self.mta}"
        block["Arrival-Date"] = format_datetime(self.envelope.received_at)
        return block

    def _of_recipient(self, entry: Entry) -> EmailMessage:
        block = EmailMessage(SMTP)
        kind, _, original = self.envelope.reports.of(entry.recipient.key).original.partition(";")
        if original:
            block["Original-Recipient"] = (
                f"{kind}; {_decoded(original) if kind.lower() != 'utf-8' else _ascii(original)}"
            )
        block["Final-Recipient"] = _typed(entry.recipient)
        action, status = entry.event.value
        block["Action"] = action
        block["Status"] = _status_of(entry.reply, status)
        if entry.reply is not None and entry.event is Event.REFUSED:
            block["Diagnostic-Code"] = f"smtp; {entry.reply.code} {_ascii(one_line(entry.reply.text, 200))}"
        return block

    def _header(self) -> EmailMessage:
        part = EmailMessage(SMTP)
        part["Content-Type"] = "text/rfc822-headers"
        said = {"From": self.message.author, "Subject": self.message.subject, "Message-ID": self.message.message_id}
        lines = [f"{name}: {_ascii(one_line(value))}" for name, value in said.items() if value]
        part.set_payload("\r\n".join([*lines, ""]))
        return part


def entries(
    decisions: Sequence[Decision], refusals: Sequence[HopReply], relayed: Sequence[HopReply]
) -> tuple[Entry, ...]:
    """Each recipient once, in that order."""
    found = [Entry(d.recipient, Event.HELD if d.action is Action.HOLD else Event.REJECTED) for d in decisions]
    found += [Entry(r.recipient, Event.REFUSED, r) for r in refusals]
    found += [Entry(r.recipient, Event.HANDED_ON, r) for r in relayed]
    return tuple({entry.recipient: entry for entry in found}.values())


def _status_of(reply: HopReply | None, otherwise: str) -> str:
    """The hop's own, where it is of the class of its code (RFC 2034)."""
    found = _STATUS.match(reply.text) if reply is not None else None
    return found[0] if found and reply is not None and found[0][0] == str(reply.code)[0] else otherwise


def _typed(recipient: Address) -> str:
    """RFC 3464 section 2.3.2; beyond ASCII as RFC 6533 section 3 writes it into seven bits."""
    return f"rfc822; {recipient.text}" if recipient.text.isascii() else f"utf-8; {_ascii(recipient.text)}"


def _ascii(text: str) -> str:
    r"""Other letters as ``\x{F6}`` (RFC 6533 section 3)."""
    return "".join(c if c.isascii() else f"\\x{{{ord(c):X}}}" for c in text)


def _decoded(xtext: str) -> str:
    """RFC 3461 section 4; whatever is no printable ASCII stays encoded, so that it writes no other field."""
    return _HEXCHAR.sub(
        lambda hexed: c if (c := chr(int(hexed[1], 16))).isascii() and c.isprintable() else hexed[0], xtext
    )
