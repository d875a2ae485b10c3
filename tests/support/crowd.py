"""Many SMTP clients at the same moment, each on a connection of its own: what each was told, and how long it waited."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.support.house import OFFICER

_GIVE_UP = 600.0
"""Seconds that a client waits for the answer to its mail (RFC 5321 section 4.5.3.2.6)."""


@dataclass
class Told:
    """``reply`` is the last that a client got, empty where the line broke; ``longest`` its longest wait in seconds."""

    reply: str = ""
    longest: float = 0.0


@dataclass
class _Meeting:
    """All clients that were let in send their bodies together: none before each of the others has come or gone."""

    missing: int
    all_here: asyncio.Event = field(default_factory=asyncio.Event)

    def one_less(self) -> None:
        self.missing -= 1
        if not self.missing:
            self.all_here.set()


def at_once(port: int, mails: Mapping[int, bytes], to: str) -> dict[int, Told]:
    """Each mail over its own connection; what became of each."""

    async def all_of_them() -> list[Told]:
        meeting = _Meeting(len(mails))
        return await asyncio.gather(*(_client(port, mail, to, meeting) for mail in mails.values()))

    return dict(zip(mails, asyncio.run(all_of_them()), strict=True))


async def _client(port: int, mail: bytes, to: str, meeting: _Meeting) -> Told:
    told = Told()
    with suppress(OSError):
        async with _line(port) as (reader, writer):
            try:
                wanted = await _dialogue(reader, writer, to, told)
            finally:
                meeting.one_less()
            await meeting.all_here.wait()
            if wanted:
                await _ask(reader, writer, mail + b"\r\n.\r\n", told)
                writer.write(b"QUIT\r\n")
        return told
    return Told(longest=told.longest)


@asynccontextmanager
async def _line(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection. The relay is there: who cannot connect ends the test, rather than let all others wait."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def _dialogue(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: str, told: Told) -> bool:
    """As far as the body; whether it is wanted."""
    for words in (b"", b"EHLO crowd.test", f"MAIL FROM:<{OFFICER}>".encode(), f"RCPT TO:<{to}>".encode(), b"DATA"):
        await _ask(reader, writer, words + b"\r\n" if words else b"", told)
        if told.reply[:1] not in {"2", "3"}:
            return False
    return True


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: bytes, told: Told) -> None:
    begun = time.monotonic()
    writer.write(words)
    line = b"   -"
    while line[3:4] == b"-":
        line = await asyncio.wait_for(reader.readline(), _GIVE_UP)
    told.reply = line.decode().strip()
    told.longest = max(told.longest, time.monotonic() - begun)
