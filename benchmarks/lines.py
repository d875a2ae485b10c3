"""Connections to a relay that a load's mails share: kept while they hold, and opened when all are in use."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from benchmarks import load

_MOST, _KEPT = 400, 60.0


class Lines:
    """All of them. Used within one event loop."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[_Line] = []
        self._room = asyncio.Semaphore(_MOST)

    async def send(self, mail: bytes, to: str) -> str:
        """The code of its answer; what else ended it, where there was none."""
        async with self._room:
            line = await self._line()
            code = await line.send(mail, to)
            line.used = time.monotonic()
            if code in {"250", "451"}:
                self._idle.append(line)
            else:
                line.writer.close()
            return code

    async def _line(self) -> _Line:
        """A kept one; what was idle for a minute is not tried, as by a mail server: the relay may be ending it."""
        while self._idle:
            line = self._idle.pop()
            if time.monotonic() - line.used < _KEPT:
                return line
            line.writer.close()
        return _Line(*await asyncio.open_connection("127.0.0.1", self._port))

    def close(self) -> None:
        """All."""
        for line in self._idle:
            line.writer.close()


@dataclass
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    greeted: bool = False
    used: float = 0.0

    async def send(self, mail: bytes, to: str) -> str:
        try:
            if not self.greeted and (answer := await load.reply(self.reader))[:3] == b"220":
                answer = await load.ask(self.reader, self.writer, b"EHLO bench.example\r\n")
                self.greeted = True
            elif not self.greeted:
                return answer[:3].decode()
            for words in (b"MAIL FROM:<officer@council.example>\r\n", f"RCPT TO:<{to}>\r\n".encode(), b"DATA\r\n"):
                answer = await load.ask(self.reader, self.writer, words)
            if answer[:3] == b"354":
                answer = await load.ask(self.reader, self.writer, mail + b".\r\n")
            return answer[:3].decode() or "lost"
        except OSError:
            return "lost"
