"""The subject line without its tags, for mail that leaves as it came; no other octet is touched.

The bytes come from anybody; the new subject is ours. Total.
"""

from __future__ import annotations

import re
from email.header import Header

from gateway.mime.fields import header_end

_SUBJECT = re.compile(rb"^subject[ \t]*:[^\n]*\n?(?:[ \t][^\n]*\n?)*", re.IGNORECASE | re.MULTILINE)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


def encoded(text: str) -> bytes:
    """An unstructured value: plain where it can be, else RFC 2047; folded (RFC 5322 section 2.2.3)."""
    line = _CONTROLS.sub(" ", text).encode("utf-8", "replace").decode("utf-8")
    plain = line.isascii() and "=?" not in line  # what merely looks like an encoded word must not become one
    charset = "us-ascii" if plain else "utf-8"
    return Header(line, charset, header_name="Subject").encode(linesep="\r\n").encode("ascii")


def retitled(raw: bytes, subject: str) -> bytes:
    """The message with this in the place of its Subject fields; the first one's place is kept."""
    pieces, position, ours = [], 0, b"Subject: " + encoded(subject) + b"\r\n"
    for found in _SUBJECT.finditer(raw, 0, header_end(raw)):
        pieces += [raw[position : found.start()], ours]
        position, ours = found.end(), b""
    return b"".join([*pieces, raw[position:]])
