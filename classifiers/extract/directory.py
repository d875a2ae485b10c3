"""Calendars and contacts: iCalendar (RFC 5545), vCard 2.1 to 4 (RFC 6350).

Purpose: lines unfolded, values unescaped, quoted-printable and HTML values as words. Base64 values are files and are
found with all others in text. Trust: hostile text. Failure: never raises.
"""

from __future__ import annotations

import html
import quopri
import re

_START = re.compile(r"^BEGIN:V(?:CALENDAR|CARD|EVENT|TODO|JOURNAL|NOTE)\b", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(r"\r?\n[ \t]")
_QUOTED = re.compile(
    r"^([^:\r\n]*;(?:ENCODING=)?QUOTED-PRINTABLE[^:\r\n]*):((?:[^\r\n]*=\r?\n)*[^\r\n]*)", re.IGNORECASE | re.MULTILINE
)
_ESCAPE = re.compile(r"\\([nN,;:\\])")
_TAG = re.compile(r"<[^<>]{1,500}>")


def is_directory(text: str) -> bool:
    """Whether there is a calendar or a contact in it."""
    return _START.search(text) is not None


def directory_text(text: str) -> str:
    """Its words. What is not understood stays as it is; tags of HTML values are left out in a copy at the end."""
    text = _FOLD.sub("", _QUOTED.sub(_unquoted, text))
    text = _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)
    marked = [html.unescape(_TAG.sub("", line)) for line in text.splitlines() if _TAG.search(line)]
    return "\n".join((text, *marked))


def _unquoted(found: re.Match[str]) -> str:
    raw = quopri.decodestring(found[2].encode("utf-8", "replace"))
    return f"{found[1]}:{raw.decode('utf-8', 'replace')}"
