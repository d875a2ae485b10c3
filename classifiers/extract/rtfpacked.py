"""RTF as Outlook packs it (MS-OXRTFCP).

Purpose: undo the compression of RTF bodies in TNEF and MSG. Trust: hostile; output is bounded by the sliding window's
own arithmetic (eight references of 17 bytes for each 17 bytes of input). Failure: ``Unread`` CORRUPT.
"""

from __future__ import annotations

from classifiers.extract.reading import Unread
from domain.model import UnreadableReason

_PRELOADED = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0"
    b"\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096
_HEADER = 16


def rtf_decompressed(content: bytes) -> bytes:
    """The RTF inside; empty for empty. Raises ``Unread``."""
    if not content:
        return b""
    kind = content[8:12]
    if kind == b"MELA":
        return content[_HEADER:]
    if kind != b"LZFu" or len(content) < _HEADER:
        raise Unread(UnreadableReason.CORRUPT)
    return _unpack(content[_HEADER:])


def _unpack(packed: bytes) -> bytes:
    """Eight tokens a control byte; a reference is 12 bits of place and 4 of length, and one to the write place ends."""
    window = bytearray(_PRELOADED.ljust(_WINDOW, b"\0"))
    write, out, at = len(_PRELOADED), bytearray(), 0
    while at < len(packed):
        control = packed[at]
        at += 1
        for bit in range(8):
            is_reference = control >> bit & 1
            if at + is_reference >= len(packed):
                return bytes(out)
            if is_reference:
                place, size = (packed[at] << 4) | (packed[at + 1] >> 4), (packed[at + 1] & 15) + 2
                if place == write:
                    return bytes(out)
                piece = [(place + step) % _WINDOW for step in range(size)]
            else:
                piece, window[write] = [write], packed[at]
            at += 1 + is_reference
            for source in piece:
                window[write] = window[source]
                out.append(window[write])
                write = (write + 1) % _WINDOW
    return bytes(out)
