"""Words that people put into the header, besides the subject: Comments, Keywords and the like (RFC 5322 section 3.6.5).

The bytes come from anybody. Fields that programs write for programs are left out, and so are values of one word; the
rest is read as a part of its own, so that nothing confidential goes out in a field that nobody looks at. Total.
"""

from __future__ import annotations

import re

from domain.model import Part, Place
from gateway.mime.fields import Field, Header
from gateway.mime.words import decoded

PATH = "HEADER"
_FOR_PROGRAMS = re.compile(
    r"from|sender|reply-to|to|cc|bcc|subject|date|message-id|in-reply-to|references|return-path|received|mime-version"
    r"|dkim-signature|domainkey-signature|authentication-results|autocrypt|autocrypt-gossip|openpgp|face|x-face"
    r"|x-originating-ip|x-mailer|user-agent|x-priority|importance|precedence|auto-submitted|accept-language"
    r"|disposition-notification-to|errors-to|delivered-to|x-original-to|thread-index|tls-required"
    r"|(?:content|resent|list|arc|received|x-ms-exchange|x-microsoft|x-google|x-gm)-.*"
)
_MAX_OCTETS = 256 * 1024


def notes(header: Header, subject: str) -> tuple[Part, ...]:
    """None, or one part of text: a line for each such field. What only repeats the ``subject`` is no news."""
    told = ((field.name, decoded(field.value).text.strip()) for field in header.fields if _for_people(field))
    lines = "\r\n".join(f"{name}: {text}" for name, text in told if text not in subject)
    content = lines.encode("utf-8", "replace")[:_MAX_OCTETS]
    return (Part(PATH, Place.ATTACHMENT, "text/plain", "", content, "utf-8"),) if content else ()


def _for_people(field: Field) -> bool:
    told = b" " in field.value or b"=?" in field.value
    return told and _FOR_PROGRAMS.fullmatch(field.name) is None
