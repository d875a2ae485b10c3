"""Calendar methods (iTIP, RFC 5546): what an invitation does is said twice, and must be said alike.

By RFC 6047 section 2.4 the ``method`` parameter of ``text/calendar`` equals the METHOD of the calendar inside. Where
they differ, one program shows a meeting and another takes it out of the calendar. The bytes come from anybody; total.
"""

from __future__ import annotations

import re

_METHOD = re.compile(rb"^METHOD[ \t]*(?:;[^:\r\n]*)?:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(rb"\r?\n[ \t]")
_MOST = 2**20
"""Octets: a calendar's METHOD stands at its beginning."""


def methods_disagree(labelled: str, content: bytes) -> bool:
    """Whether programs could take it for different methods. ``labelled`` is the parameter, lower case, or empty.

    A calendar without any METHOD is a file to look at. UTF-16 and the like are no calendars (RFC 5545 section 3.1.4).
    """
    said = {found.strip().lower() for found in _METHOD.findall(_FOLD.sub(b"", content[:_MOST]))}
    if labelled:
        said.add(labelled.encode("utf-8", "replace"))
    return len(said) > 1
