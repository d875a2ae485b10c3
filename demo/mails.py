"""The demo's mails, as an officer's mail program would send them, and what is promised for each recipient.

Trusted input (our own). Message-IDs and boundaries are new on every call, so that a second run of the demo is not
taken for a retry of the first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid
from html import escape

from demo.desk import Desk, Draft, Expected
from demo.drafts_asked import asked
from demo.drafts_leaving import leaving
from demo.drafts_stopped import stopped
from demo.people import Officer, People
from domain.model import Category

_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class DemoMail:
    """One mail to send.

    ``recipients`` is the envelope's list, Bcc included; ``fault`` is what breaks meanwhile, or empty.
    """

    title: str
    sender: str
    recipients: tuple[str, ...]
    message: bytes = field(repr=False)
    expects: Mapping[str, Expected]
    shows: frozenset[tuple[str, Category]] = frozenset()
    fault: str = ""


def mails(people: People, today: date) -> list[DemoMail]:
    """Every mail: those that leave, those that ask for something, those that are held, refused, and tried again."""
    desk = Desk(people, today)
    morning = datetime.combine(today, time(9, 4), UTC)
    drafts = [*leaving(desk), *asked(desk), *stopped(desk)]
    return [_mail(draft, morning + timedelta(minutes=7 * n)) for n, draft in enumerate(drafts)]


def _mail(draft: Draft, sent: datetime) -> DemoMail:
    return DemoMail(
        title=draft.title,
        sender=draft.sender.email,
        recipients=(*draft.to, *draft.cc, *draft.bcc),
        message=compose(draft, sent),
        expects=dict(draft.expects),
        shows=draft.shows,
        fault=draft.fault,
    )


def compose(draft: Draft, sent: datetime) -> bytes:
    """The RFC 5322 message, CRLF lines, 7-bit; Bcc recipients are in the envelope alone."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = formataddr((draft.sender.name, draft.sender.email))
    message["To"] = ", ".join(formataddr((name, address)) for address, name in draft.to.items())
    if draft.cc:
        message["Cc"] = ", ".join(formataddr((name, address)) for address, name in draft.cc.items())
    message["Subject"] = draft.subject
    message["Date"] = format_datetime(sent)
    message["Message-ID"] = make_msgid(domain=draft.sender.email.partition("@")[2])
    message.set_content("\n\n".join((*draft.text, _signature(draft.sender))) + "\n")
    if draft.html:
        message.add_alternative(_html(draft), subtype="html")
    for attachment in draft.attachments:
        maintype, subtype = attachment.declared
        message.add_attachment(attachment.content, maintype=maintype, subtype=subtype, filename=attachment.filename)
    return message.as_bytes()


def to_send_again(mail: DemoMail) -> bytes:
    """The same mail with a Message-ID of its own: sent by hand, it is another mail and not a retry of the first."""
    new = make_msgid(domain=mail.sender.partition("@")[2]).encode("ascii")
    return _MESSAGE_ID.sub(lambda field: field[1] + new, mail.message, count=1)


_MESSAGE_ID = re.compile(rb"^(Message-ID: )[^\r\n]*(?:\r\n[ \t][^\r\n]*)*", re.MULTILINE)

_SMALL_PRINT = (
    "This email is for the person it is addressed to. If it reached you by mistake, please tell the sender and "
    "delete it. "
    "Hampshire Shared Lives keeps emails in line with its retention schedule."
)


def _signature(officer: Officer) -> str:
    return f"{officer.name}\n{officer.title}\nHampshire Shared Lives\nTelephone {officer.phone}\n\n{_SMALL_PRINT}"


def _html(draft: Draft) -> str:
    """The same words as HTML, as the council's mail program makes it."""
    body = "".join(f"<p>{escape(p)}</p>" for p in draft.text)
    officer = draft.sender
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"></head>'
        '<body style="font-family:Arial,sans-serif;font-size:11pt;color:#1d2733">'
        f"{body}"
        '<table cellpadding="0" cellspacing="0" style="border-left:3px solid #0b5c63;padding-left:10px"><tr><td>'
        f"<b>{escape(officer.name)}</b><br>{escape(officer.title)}<br>Hampshire Shared Lives<br>Telephone "
        f"{escape(officer.phone)}"
        f'</td></tr></table><p style="font-size:8pt;color:#5b6770">{escape(_SMALL_PRINT)}</p></body></html>'
    )
