"""Mails of the tests, changed a little."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

_SURE = ", date of birth: 29/02/1980, NHS number: 999 000 0018"


def named_by_name_alone(mail: bytes) -> bytes:
    """A letter (``house.letter``) without date of birth and number: nothing says for sure whom it is about."""
    message = message_from_bytes(mail, policy=SMTP)
    assert isinstance(message, EmailMessage)
    (part,) = message.iter_attachments()
    text = part.get_payload(decode=True).decode()
    assert _SURE in text
    part.set_content(text.replace(_SURE, "").encode(), maintype="text", subtype="plain", filename="letter.txt")
    part.replace_header("Content-Disposition", 'attachment; filename="letter.txt"')
    return message.as_bytes()
