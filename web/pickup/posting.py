"""An answer as a mail inward: the same pipeline as all mail, so it is read, decided, filed and recorded.

It comes from the service's own address, so that nobody outside is ever told anything; who answered stands in its words.
The same answer sent twice is the same octets, which the journal knows.
"""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from mimetypes import guess_type
from pathlib import Path

import structlog

from vault.ids import made_at
from vault.pickup.cleaning import Sent

_SECONDS = 300
_log = structlog.get_logger("pickup")


@dataclass(frozen=True, slots=True)
class Answer:
    """``ident`` names the answer (``vault/ids.py``), and says when its page was opened."""

    ident: str
    recipient: str = field(repr=False)
    officer: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    files: tuple[Sent, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Post:
    """The relay that takes answers. ``address`` is the service's own.

    ``verified``: only over TLS, and only to who has a certificate of that name, from ``ca_file`` or the system's
    authorities.
    """

    host: str
    port: int
    service: str
    address: str
    verified: bool = False
    ca_file: Path | None = None

    def send(self, answer: Answer) -> bool:
        """Whether the relay has taken it over for good."""
        content = self.compose(answer)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=_SECONDS) as client:
                self._cover(client)
                refused = client.sendmail(self.address, [answer.officer], content)
        except (OSError, smtplib.SMTPException) as error:
            _log.error("answer not taken", error=type(error).__name__)
            return False
        return not refused

    def _cover(self, client: smtplib.SMTP) -> None:
        """TLS before anything confidential: always where that is set, else where it is offered (RFC 3207, RFC 7435)."""
        client.ehlo()
        if not (self.verified or client.has_extn("starttls")):
            return
        context = ssl.create_default_context(cafile=self.ca_file)
        if not self.verified:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        client.starttls(context=context)
        client.ehlo()

    def compose(self, answer: Answer) -> bytes:
        """The same octets for the same answer, in the office's language."""
        mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
        mail["From"] = MailAddress(self.service, addr_spec=self.address)
        mail["To"] = answer.officer
        mail["Subject"] = f"Answer: {_one_line(answer.subject)}"
        mail["Date"] = format_datetime(made_at(answer.ident))
        digest = hashlib.sha256(f"{answer.ident}\0{answer.recipient}".encode()).hexdigest()[:32]
        mail["Message-ID"] = f"<{digest}@{self.address.rpartition('@')[2]}>"
        told = f"{answer.recipient} has answered on the pick-up pages:"
        mail.set_content(f"{told}\n\n{answer.text.strip()}\n")
        self._attach(mail, answer.files)
        if answer.files:
            mail.set_boundary(f"=_{digest}")
        return mail.as_bytes()

    @staticmethod
    def _attach(mail: EmailMessage, files: Sequence[Sent]) -> None:
        for sent in files:
            kind = guess_type(sent.name)[0] or "application/octet-stream"
            main, _, sub = kind.partition("/")
            mail.add_attachment(sent.content, maintype=main, subtype=sub, filename=sent.name)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
