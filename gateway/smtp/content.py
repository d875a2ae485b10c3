"""The content of a mail as SMTP carries it: dots doubled, the end marked, a bare CR or LF, or a NUL, never sent on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_PIECE = 256 * 1024


class Unsendable(Exception):
    """The content would be read differently by different programs."""


def stuffed(pieces: Iterable[memoryview]) -> Iterator[bytes]:
    """The content with dots doubled and its end (RFC 5321 section 4.5.2). One piece in memory at a time."""
    line_start, last = True, b""
    for piece in _even(pieces):
        if last:
            yield last
        pairs = piece.count(b"\r\n")
        if piece.count(b"\n") != pairs or piece.count(b"\r") != pairs or b"\0" in piece:
            raise Unsendable
        last = piece.replace(b"\r\n.", b"\r\n..")
        if line_start and piece.startswith(b"."):
            last = b"." + last
        line_start = piece.endswith(b"\n")
    yield last + (b".\r\n" if line_start else b"\r\n.\r\n")


def _even(pieces: Iterable[memoryview]) -> Iterator[bytes]:
    """The same octets in handy pieces; small ones together, and none that ends between CR and LF."""
    carry = b""
    for view in pieces:
        position = 0
        while position < len(view):
            end = position + _PIECE - len(carry)
            piece = carry + view[position:end]
            position = end
            if len(piece) < _PIECE:
                carry = piece
                continue
            cut = len(piece) - piece.endswith(b"\r")
            carry = piece[cut:]
            yield piece[:cut]
    if carry:
        yield carry
