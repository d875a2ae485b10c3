"""The body after DATA, octet by octet the client's, with the dots of transparency removed.

Only CR LF "." CR LF ends it (RFC 5321 section 4.1.1.4). A bare CR, a bare LF or a NUL makes the
whole body refused, because mail programs disagree where such lines end (SMTP smuggling); it is
still read to its true end, so that nothing inside it can ever be taken for a command.

No I/O here. Memory: one growing buffer, which becomes the content without a copy.
"""

from __future__ import annotations

from enum import Enum
from io import BytesIO

_END = b"\r\n.\r\n"


class Flaw(Enum):
    """Why a body is refused."""

    BARE_LF = "bare LF"
    BARE_CR = "bare CR"
    NUL = "NUL"
    TOO_LARGE = "too large"
    NO_ROOM = "no room"


class Body:
    """Collects one body. ``flaw`` is set as soon as it is known; what was collected is then dropped."""

    def __init__(self, limit: int) -> None:
        """``limit``: octets of content that are kept at most (RFC 1870)."""
        self._limit = limit
        self._kept = BytesIO()
        self._held = b"\r\n"  # the start of the body is the start of a line
        self._skip = 2
        self.size = 0
        self.flaw: Flaw | None = None

    def feed(self, chunk: bytes) -> bytes | None:
        """Take a chunk. Gives what lies beyond the end of the body, or None while the end has not come."""
        window = self._held + chunk
        end = window.find(_END)
        if end >= 0:
            self._keep(window[: end + 2])
            return window[end + len(_END) :]
        cut = len(window) - _unfinished(window)
        self._held = window[cut:]
        self._keep(window[:cut])
        return None

    def content(self) -> bytes:
        """The whole body. Call once, after the end, if there is no ``flaw``."""
        return self._kept.getvalue()

    def refuse(self, flaw: Flaw) -> None:
        """Keep nothing of it any more."""
        self.flaw = self.flaw or flaw
        self._kept = BytesIO()

    def _keep(self, piece: bytes) -> None:
        """``piece`` never ends inside a line ending or before a dot that may have to go."""
        flaw = _flaw(piece)
        if flaw is not None:
            self.refuse(flaw)
        piece = piece.replace(b"\r\n.", b"\r\n")
        if self._skip and piece:
            piece, self._skip = piece[self._skip :], 0
        self.size += len(piece)
        if self.size > self._limit:
            self.refuse(Flaw.TOO_LARGE)
        if self.flaw is None:
            self._kept.write(piece)


def _unfinished(window: bytes) -> int:
    """How many octets at the end may be the beginning of the end."""
    return next((n for n in range(len(_END) - 1, 0, -1) if window.endswith(_END[:n])), 0)


def _flaw(piece: bytes) -> Flaw | None:
    pairs = piece.count(b"\r\n")
    if piece.count(b"\n") != pairs:
        return Flaw.BARE_LF
    if piece.count(b"\r") != pairs:
        return Flaw.BARE_CR
    return Flaw.NUL if b"\0" in piece else None
