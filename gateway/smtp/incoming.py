"""What the client has sent and nobody has read yet: command lines, or a body in chunks.

aiosmtpd reads through ``asyncio.StreamReader``, which knows only separators and one limit. This
buffer gives whole command lines, large chunks of a body, and takes back what was read too far
(pipelining, RFC 2920). Input is not trusted: it is bounded, and the transport is paused above the mark.
"""

from __future__ import annotations

import asyncio

_HIGH = 512 * 1024
"""Octets unread before the client is made to wait."""


class LineTooLong(Exception):
    """The line was longer than allowed; all of it has been thrown away."""


class Incoming:
    """One connection's unread octets. Used from the event loop alone."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._buffer = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._paused = False
        self._transport: asyncio.ReadTransport | None = None

    def attach(self, transport: asyncio.ReadTransport) -> None:
        """The transport to hold back; called again after STARTTLS."""
        self._transport, self._paused = transport, False

    def feed(self, data: bytes) -> None:
        """From the network."""
        self._buffer += data
        if len(self._buffer) > _HIGH and not self._paused and self._transport is not None:
            self._transport.pause_reading()
            self._paused = True
        self._wake()

    def finish(self) -> None:
        """Nothing more will come."""
        self._ended = True
        self._wake()

    def clear(self) -> None:
        """Forget what is unread: plaintext sent ahead of TLS (RFC 3207 section 4.2)."""
        self._buffer.clear()
        self._resume()

    def put_back(self, data: bytes) -> None:
        """What was read beyond the end of a body."""
        self._buffer[:0] = data

    async def line(self, limit: int) -> bytes:
        """The next line with its terminator, however it ends. Raises ``EOFError`` or :class:`LineTooLong`."""
        scanned, too_long = 0, False
        while (end := self._buffer.find(b"\n", scanned)) < 0:
            if len(self._buffer) > limit:
                too_long = True
                self._buffer.clear()
            scanned = len(self._buffer)
            await self._more()
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        if too_long or len(line) > limit:
            raise LineTooLong
        return line

    async def chunk(self) -> bytes:
        """All that is there, at least one octet. Raises ``EOFError``."""
        if not self._buffer:
            await self._more()
        data = bytes(self._buffer)
        self._buffer.clear()
        return data

    async def _more(self) -> None:
        if self._ended:
            raise EOFError
        self._resume()
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _resume(self) -> None:
        if self._paused and self._transport is not None:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
