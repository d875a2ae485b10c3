"""The types ``message/*`` (RFC 2046 section 5.2): which are mails, which are pieces, which some take for mails."""

from __future__ import annotations

import re

MESSAGES = frozenset({"message/rfc822", "message/global"})
FRAGMENTS = frozenset({"message/partial", "message/external-body"})
_REPORTS = frozenset(
    f"message/{international}{kind}"
    for international in ("", "global-")
    for kind in ("delivery-status", "disposition-notification", "feedback-report", "tracking-status", "headers")
)
"""Fields for programs to read (RFC 3464, RFC 8098, RFC 5965, RFC 3886, RFC 6533)."""
_MIME_INSIDE = re.compile(rb"^content-(?:type|transfer-encoding)[ \t]*:", re.IGNORECASE | re.MULTILINE)


def mistaken_for_a_mail(kind: str, content: bytes) -> bool:
    """Whether some programs would read it as a mail, and undo an encoding inside: Python reads any so."""
    return kind.startswith("message/") and (kind not in _REPORTS or _MIME_INSIDE.search(content) is not None)
