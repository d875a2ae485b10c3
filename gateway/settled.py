"""What officers are told once a reviewer has settled their held mail: sent, sent back, or not to be sent.

As all notices: no personal data beyond the recipient's address, the mail's own subject line and the reviewer's note.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from html import escape

from domain.model import Address
from domain.outgoing import Notice
from gateway.letters import Letter, Letterhead, page
from gateway.mime.words import one_line


class Settled(Enum):
    """How it ended, by a reviewer or by its sender. The values are the subject line and what happened."""

    SENT = ("Sent after review", "has been looked at by a reviewer and was sent.")
    CONFIRMED = ("Sent", "was sent, as you said that the address is right.")
    REDIRECTED = (
        "Sent to another address",
        "has been looked at by a reviewer, who had it sent there in place of {first}. It was not sent to {first}.",
    )
    INSTEAD = ("Sent to the other address", "was sent to that address, as you asked. It was not sent to the first one.")
    RETURNED = ("Sent back to you", "has been looked at by a reviewer. It was not sent, and comes back to you.")
    REJECTED = ("Will not be sent", "has been looked at by a reviewer. It was not sent, and will not be.")


@dataclass(frozen=True, slots=True)
class Told:
    """One settled copy: whose mail, to whom, how it ended. ``note`` are the reviewer's words to the officer.

    ``first`` is to whom the officer had sent it, where a reviewer sent it elsewhere.
    """

    sender: Address
    recipient: str
    subject: str
    message_id: str
    how: Settled
    note: str = ""
    first: str = ""


class SettledNotices:
    """``address`` is shown as the author; ``phone`` may be empty."""

    def __init__(self, service: str, address: str, phone: str, hostname: str) -> None:
        self._letterhead = Letterhead(service, address)
        self._phone, self._hostname = phone, hostname

    def compose(self, told: Told, now: datetime) -> Notice:
        """One notice to the officer."""
        subject = one_line(told.subject) or "(no subject)"
        title, happened = told.how.value
        happened = happened.replace("{first}", told.first)
        lines = [f'Your mail "{subject}" to {told.recipient} {happened}', *self._note(told), *self._closing()]
        letter = Letter(
            title=f"{title}: {subject}",
            text="\n\n".join(lines) + "\n",
            html=page(lines[0], [f"<p>{escape(line).replace(chr(10), '<br>')}</p>" for line in lines]),
            message_id=self._message_id(told, now),
            automatic="auto-replied",
            answers=one_line(told.message_id),
        )
        return self._letterhead.to(told.sender, letter, now)

    def _note(self, told: Told) -> list[str]:
        note = "\n".join(one_line(line, limit=1000) for line in told.note.splitlines()).strip()
        return [f"The reviewer writes:\n{note}"] if note else []

    def _closing(self) -> list[str]:
        reach = f" or ring {self._phone}" if self._phone else ""
        return [
            "This is about this recipient alone.",
            f"If someone may be in danger, do not wait: speak to the Shared Lives Management Team{reach}.",
            f"{self._letterhead.service}. This is an automatic message.",
        ]

    def _message_id(self, told: Told, now: datetime) -> str:
        seed = f"{told.message_id}\0{told.recipient}\0{told.how.name}\0{now.isoformat()}"
        return f"<{hashlib.sha256(seed.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}@{self._hostname}>"
