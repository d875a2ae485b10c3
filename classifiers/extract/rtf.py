"""RTF 1.9: the words, and whether there is something besides.

Purpose: body, headers, notes and hidden words. Trust: hostile bytes. Failure: ``Unread`` NO_TEXT (no word, or a picture
that is no ornament), UNSUPPORTED (an object inside); the words come from any bytes.
"""

from __future__ import annotations

import re

from classifiers.extract.image import passes, seen
from classifiers.extract.reading import Item, Reading, Unread
from classifiers.filetype import usable_codec
from domain.model import UnreadableReason

_PICTURE = re.compile(rb"\\pict(?![a-z])((?:[^{}]++|\{[^{}]*+\})*+)")
_NOT_HEX = re.compile(rb"\{[^{}]*\}|\\\*?[a-z]*-?\d*|\s+")


def read_rtf(item: Item, reading: Reading) -> None:
    """An RTF file. Raises ``Unread``."""
    said = reading.say(item.path, item.place, rtf_text(item.content))
    reason = rtf_unseen(item, item.content, reading)
    if reason or not (said or reading.said(item.path)):
        raise Unread(reason or UnreadableReason.NO_TEXT)


def rtf_unseen(item: Item, content: bytes, reading: Reading) -> UnreadableReason | None:
    """Why there may be more in it than its words; None where there is not. Its pictures are read."""
    if b"\\objdata" in content:
        return UnreadableReason.UNSUPPORTED
    shown = True
    for found in _PICTURE.finditer(content):
        shown = _picture_passes(item, found[1], reading) and shown
    return None if shown else UnreadableReason.NO_TEXT


def _picture_passes(item: Item, group: bytes, reading: Reading) -> bool:
    try:
        picture = bytes.fromhex(_NOT_HEX.sub(b"", group).decode("ascii"))
    except ValueError:
        return False
    return passes(picture, reading) or seen(item, picture, reading)


_RTF_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.IGNORECASE
)
_RTF_SILENT = frozenset(
    (
        b"fonttbl colortbl stylesheet pict themedata colorschememapping latentstyles datastore generator "
        b"listtable listoverridetable rsidtbl xmlnstbl objdata blipuid"
    ).split()
)
_RTF_SIGNS = {b"tab": "\t", b"cell": "\t", b"lquote": "'", b"rquote": "'", b"ldblquote": '"', b"rdblquote": '"'}
_RTF_BREAKS = dict.fromkeys((b"par", b"line", b"row", b"page", b"sect"), "\n") | _RTF_SIGNS
_RTF_BREAKS |= dict.fromkeys(b"title subject keywords doccomm author operator company manager category".split(), "\n")
_RTF_BREAKS |= {b"endash": "-", b"emdash": "-"}


def rtf_text(content: bytes) -> str:
    """The words of an RTF file. Only tables of fonts, colours and pictures are left out. Takes any bytes."""
    codec = _rtf_codec(content)
    out: list[str] = []
    silent, skip, stack = False, 0, [False]
    for word, number, octet, symbol, brace, plain in _RTF_TOKEN.findall(content):
        if brace:
            silent = _rtf_brace(brace, stack, silent=silent)
        elif word in _RTF_SILENT:
            silent = stack[-1] = True
        elif silent:
            continue
        elif word == b"u" and number:
            out.append(_rtf_unicode(int(number)))
            skip = 1
        elif octet or plain or symbol:
            text = _rtf_plain(octet, plain, symbol, codec)
            out.append(text[skip:])
            skip = 0
        else:
            out.append(_RTF_BREAKS.get(word, ""))
    return "".join(out)


def _rtf_brace(brace: bytes, stack: list[bool], *, silent: bool) -> bool:
    if brace == b"{":
        stack.append(silent)
        return silent
    if len(stack) > 1:
        stack.pop()
    return stack[-1]


def _rtf_plain(octet: bytes, plain: bytes, symbol: bytes, codec: str) -> str:
    if octet:
        return bytes.fromhex(octet.decode("ascii")).decode(codec, "replace")
    if plain:
        return plain.decode(codec, "replace")
    return {b"~": " ", b"_": "-", b"\n": "\n", b"\r": "\n"}.get(
        symbol, symbol.decode("latin-1") if symbol in b"\\{}" else ""
    )


def _rtf_unicode(number: int) -> str:
    """RTF counts code units as signed 16-bit numbers; halves of pairs carry no word of their own."""
    unit = number & 0xFFFF
    return "" if 0xD800 <= unit <= 0xDFFF else chr(unit)  # noqa: PLR2004 - the surrogate range of Unicode


def _rtf_codec(content: bytes) -> str:
    found = re.search(rb"\\ansicpg(\d{3,5})", content[:4096])
    return usable_codec(f"cp{found[1].decode('ascii')}") or "cp1252" if found else "cp1252"
