"""A mistyped address was held: its officer answers the notice with one word, and the mail goes where it should."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP

from rich.console import Console

from demo.desk import SURGERY
from demo.mails import DemoMail
from demo.next_hop import NextHop
from demo.stage import Stage

_TITLE = "Mistyped address"


def answer(stage: Stage, out: Console, hop: NextHop, drafted: list[DemoMail]) -> Iterator[str]:
    """As the officer's mail program sends it; gives what went wrong, if anything."""
    mail = next(m for m in drafted if m.title == _TITLE)
    notice = hop.notice_about(_message_id(mail))
    to = str(notice.header["Reply-To"] or "") if notice else ""
    if not to:
        yield f"the notice of '{_TITLE}' cannot be answered"
        return
    out.print(
        f"\n{mail.sender} mistyped an address. The notice names the one that may be meant, and they answer it with "
        "one word:\n  OTHER",
        soft_wrap=True,
    )
    written = EmailMessage(policy=SMTP)
    written["From"], written["To"], written["Subject"] = mail.sender, to, "Re: Not sent"
    written.set_content("OTHER\n")
    with smtplib.SMTP("127.0.0.1", stage.port, local_hostname="exchange.hants.example", timeout=120) as client:
        client.sendmail(mail.sender, [to], written.as_bytes())


def arrived(out: Console, hop: NextHop, drafted: list[DemoMail]) -> Iterator[str]:
    """Once the worker has been round."""
    mail, (right,) = next(m for m in drafted if m.title == _TITLE), SURGERY
    copy = hop.for_message(_message_id(mail), right)
    if copy is None or not copy.protected:
        yield f"'{_TITLE}' did not go to the address that was meant"
        return
    out.print(f"\nThe mail with the mistyped address has gone to {right}: {copy.described()}.", soft_wrap=True)


def _message_id(mail: DemoMail) -> str:
    return str(BytesHeaderParser().parsebytes(mail.message)["Message-ID"])
