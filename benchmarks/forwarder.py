"""A forwarder as lean as aiosmtpd allows: a baseline. ``python -m benchmarks.forwarder PORT NEXT-HOP PROCESSES [KEY]``.

It keeps its connections to the next hop, and says 250 only when that one has: nothing is understood, sealed, filed or
written down. With the address of a key it is a gateway that starts ``gpg --encrypt`` for each mail, and signs nothing.
"""

from __future__ import annotations

import asyncio
import sys
from time import monotonic
from typing import Any

from benchmarks.serving import serve

_GPG = ("gpg", "--batch", "--quiet", "--trust-model", "always", "--armor", "--encrypt", "-r")
_IDLE = 60
"""Seconds that a connection is kept; ``smtp-sink`` ends one after a hundred."""


class Line:
    """One kept connection to the next hop. Commands go together where it takes them so (RFC 2920)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._together = False
        self.used = monotonic()

    @classmethod
    async def to(cls, port: int) -> Line:
        """Open, and greeted."""
        line = cls(*await asyncio.open_connection("127.0.0.1", port))
        await line._reply(b"220")
        line._writer.write(b"EHLO forwarder.example\r\n")
        line._together = b"PIPELINING" in await line._reply(b"250")
        return line

    def close(self) -> None:
        self._writer.close()

    async def hand_over(self, sender: str, recipients: list[str], content: bytes) -> None:
        """Raises ``RuntimeError`` for any answer but the one that is hoped for."""
        commands = [f"MAIL FROM:<{sender}>".encode(), *(f"RCPT TO:<{r}>".encode() for r in recipients), b"DATA"]
        wanted = [b"250"] * (len(commands) - 1) + [b"354"]
        if self._together:
            self._writer.write(b"\r\n".join(commands) + b"\r\n")
        for command, code in zip(commands, wanted, strict=True):
            if not self._together:
                self._writer.write(command + b"\r\n")
            await self._reply(code)
        self._writer.writelines((content.replace(b"\n.", b"\n.."), b".\r\n"))
        await self._writer.drain()
        await self._reply(b"250")
        self.used = monotonic()

    async def _reply(self, code: bytes) -> bytes:
        said = b""
        while True:
            line = await self._reader.readline()
            said += line
            if line[3:4] != b"-":
                break
        if not line.startswith(code):
            raise RuntimeError(said.decode(errors="replace"))
        return said


class Forwarder:
    """aiosmtpd's handler."""

    def __init__(self, hop: int, key: str = "") -> None:
        self._hop, self._key = hop, key
        self._free: list[Line] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        content = await self._encrypted(envelope.content) if self._key else envelope.content
        line = self._kept() or await Line.to(self._hop)
        await line.hand_over(envelope.mail_from, envelope.rcpt_tos, content)
        self._free.append(line)
        return "250 2.0.0 forwarded"

    def _kept(self) -> Line | None:
        """One that the next hop has not given up meanwhile."""
        while self._free:
            line = self._free.pop()
            if monotonic() - line.used < _IDLE:
                return line
            line.close()
        return None

    async def _encrypted(self, mail: bytes) -> bytes:
        head, _, body = mail.partition(b"\r\n\r\n")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*_GPG, self._key, stdin=pipe, stdout=pipe)
        done, _ = await process.communicate(body)
        if process.returncode:
            raise RuntimeError("gpg failed")
        return head + b"\r\n\r\n" + done.replace(b"\n", b"\r\n")


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[3]), lambda: Forwarder(int(sys.argv[2]), *sys.argv[4:5]))
