"""Which letters bytes are, and whether all programs would agree.

Purpose: text by its label, its mark, or a guess. Trust: hostile bytes with a hostile label.
Failure: never raises; ``doubtful`` says where another program may show other words.
"""

from __future__ import annotations

import codecs
import re

from classifiers.filetype import usable_codec

_PRINTABLE = bytes(range(32, 127))
_SHIFTING = re.compile(r"utf-7|iso-?2022|iso2022|hz")
_WIDE = ("utf-16", "utf-32")
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAMPLE = 65_536


def decode(content: bytes, charset: str) -> str:
    """Text by its label, else UTF-8, else Windows-1252 as Outlook has it. Takes any bytes and any label."""
    if content.startswith(_MARKS):
        charset = "utf-16"
    for codec in (usable_codec(charset), "utf-8", "cp1252"):
        if codec and codec != "ascii":
            try:
                return content.decode(codec)
            except (UnicodeError, ValueError):
                continue
    return content.decode("cp1252", "replace")


def doubtful(content: bytes, charset: str) -> bool:
    """Whether label and bytes contradict each other, or the label is of a kind that few programs know.

    EBCDIC and shifting codes (UTF-7, ISO 2022) read the octets of English as something else. Two octets a letter are
    half of them NUL in English; where they are not, the mark or the label is wrong, or it is no text for us.
    """
    codec = usable_codec(charset)
    wide = codec.startswith(_WIDE)
    if content.startswith(_MARKS) or wide:
        head = content[:_SAMPLE]
        return 4 * head.count(0) < len(head.strip()) if head.strip(b"\xff\xfe") else False
    if not codec:
        return False
    if _SHIFTING.match(codec):
        return True
    try:
        return _PRINTABLE.decode(codec) != _PRINTABLE.decode("ascii")
    except (UnicodeError, ValueError):
        return True
