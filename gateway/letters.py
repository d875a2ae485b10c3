"""The mails that we write ourselves: notices and reminders, as text and as simple HTML, and how they are handed over.

They come from the null sender and say that they are automatic (RFC 3834), so nothing ever answers them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from enum import Enum
from html import escape
from typing import NamedTuple

from domain.errors import NextHopUnavailable
from domain.model import Address
from domain.outgoing import Notice, ProtectedMessage
from domain.ports import NextHop
from gateway.dsn import Report


class Letter(NamedTuple):
    """What one says. ``automatic`` is the word of RFC 3834 section 5; ``answers`` a Message-ID, or empty.

    ``reply_to`` is an address that takes one word, or empty: then nobody reads an answer. With a ``report`` it is a
    delivery report (RFC 6522).
    """

    title: str
    text: str
    html: str
    message_id: str
    automatic: str
    answers: str = ""
    reply_to: str = ""
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose they are: the service's name and its address."""

    service: str
    address: str

    def to(self, recipient: Address, letter: Letter, now: datetime, *, seven_bit: bool = False) -> Notice:
        """The letter as a mail to one reader. ``seven_bit``: its body passes through any mail system as it is."""
        international = not recipient.text.isascii()
        policy = SMTPUTF8 if international else SMTP
        mail = EmailMessage(policy=policy.clone(cte_type="7bit") if seven_bit else policy)
        mail["From"] = MailAddress(self.service, addr_spec=self.address)
        mail["To"] = recipient.text
        mail["Subject"] = letter.title
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = letter.message_id
        if letter.answers:
            mail["In-Reply-To"] = letter.answers
        mail["Auto-Submitted"] = letter.automatic
        if letter.reply_to:
            mail["Reply-To"] = letter.reply_to
        body = EmailMessage(policy=mail.policy) if letter.report else mail
        body.set_content(letter.text)
        body.add_alternative(letter.html, subtype="html")
        if letter.report:
            mail.add_header("Content-Type", "multipart/report", **{"report-type": "delivery-status"})
            mail["MIME-Version"] = "1.0"
            for part in letter.report.around(body):
                mail.attach(part)
        return Notice(recipient, mail.as_bytes(), options=("SMTPUTF8",) if international else ())


def page(title: str, body: list[str], language: str = "en") -> str:
    """A whole HTML page around blocks that are HTML already; the title is plain text, ``language`` BCP 47."""
    head = f"<head><title>{escape(title)}</title></head>"
    return f"<!doctype html><html lang='{language}'>{head}<body>{''.join(body)}</body></html>"


def many(title: str, opening: str, lines: list[str], closing: list[str], message_id: str, most: int) -> Letter:
    """A letter about many things: a line for each up to ``most``, the rest counted, then what to do."""
    shown = lines[:most] + ([f"and {len(lines) - most} more"] if len(lines) > most else [])
    items = [f"<li>{escape(line)}</li>" for line in shown]
    body = [f"<p>{escape(opening)}</p>", "<ul>", *items, "</ul>", *(f"<p>{escape(c)}</p>" for c in closing)]
    text = "\n".join([opening, "", *(f"  - {line}" for line in shown), "", "\n\n".join(closing), ""])
    return Letter(title, text, page(opening, body), message_id, automatic="auto-generated")


def always_the_same(kind: str, seed: str, hostname: str) -> str:
    """A Message-ID (RFC 5322 section 3.6.4) of what the letter says, so that a repeat is seen as one."""
    return f"<{kind}-{hashlib.sha256(seed.encode()).hexdigest()[:32]}@{hostname}>"


def last_words(letterhead: Letterhead, warning: str, phone: str, console: str) -> list[str]:
    """How a letter about several mails ends: where each is found, a warning, and that nobody wrote it.

    ``{reach}`` in the warning is where to ring; ``phone`` and ``console`` may be empty.
    """
    return [
        *([f"You find each mail in the console, under My sent mail: {console}"] if console else []),
        warning.format(reach=f" or ring {phone}" if phone else ""),
        f"{letterhead.service}. This is an automatic message.",
    ]


class Told(Enum):
    """What became of a notice."""

    YES = "the next hop took it, or there is nobody to tell"
    LATER = "not now"
    TOGETHER = "written down, and told with others"
    UNWANTED = "the sender asked not to be told"
    REVIEWED = "a reviewer decides, and tells the sender"
    NEVER = "the mailbox refuses it, or its owner is outside and must not learn of it"


def hand_over(notice: Notice | ProtectedMessage, next_hop: NextHop) -> Told:
    """One notice to the next hop. Total: whatever is no clear answer is LATER."""
    try:
        replies = next_hop.deliver(notice)
    except NextHopUnavailable:
        return Told.LATER
    if replies and all(r.delivered for r in replies):
        return Told.YES
    return Told.NEVER if any(r.refused for r in replies) else Told.LATER
