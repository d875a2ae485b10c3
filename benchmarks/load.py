"""A load of mails over SMTP from this process: many connections, pipelined commands, nothing else in the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence


async def _connection(port: int, mails: asyncio.Queue[bytes], recipient: str, *, kept: bool) -> int:
    """One connection after the other until no mail is left. How many mails were taken."""
    done = 0
    while not mails.empty():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reply(reader)
        await ask(reader, writer, b"EHLO bench.example\r\n")
        while not mails.empty():
            await _hand_over(reader, writer, mails.get_nowait(), recipient)
            done += 1
            if not kept:
                break
        await ask(reader, writer, b"QUIT\r\n")
        writer.close()
    return done


async def _hand_over(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mail: bytes, recipient: str) -> None:
    for line in (b"MAIL FROM:<officer@council.example>\r\n", f"RCPT TO:<{recipient}>\r\n".encode(), b"DATA\r\n"):
        await ask(reader, writer, line)
    answer = await ask(reader, writer, mail + b".\r\n")
    if not answer.startswith(b"250"):
        raise RuntimeError(answer.decode())


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: bytes) -> bytes:
    """A command and the last line of its reply."""
    writer.write(words)
    return await reply(reader)


async def reply(reader: asyncio.StreamReader) -> bytes:
    """The last line of a reply; empty where the line broke."""
    while True:
        line = await reader.readline()
        if line[3:4] != b"-":
            return line


def run(port: int, mails: Sequence[bytes], recipient: str, connections: int, *, kept: bool = True) -> float:
    """Mails a second, over so many connections at once; each ``kept`` for all its mails, or for one alone."""

    async def all_of_it() -> float:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        for mail in mails:
            queue.put_nowait(mail)
        begun = time.perf_counter()
        done = await asyncio.gather(*(_connection(port, queue, recipient, kept=kept) for _ in range(connections)))
        return sum(done) / (time.perf_counter() - begun)

    return asyncio.run(all_of_it())


def plain(number: int, size: int) -> bytes:
    """A mail with nothing confidential in it, each another one (the journal would know a second copy)."""
    line = b"The garden group meets on Tuesday at ten; bring gloves and a flask.\r\n"
    head = f"From: officer@council.example\r\nTo: friend@else.example\r\nSubject: Garden group {number}\r\n"
    head += f"Message-ID: <{number}.{time.time_ns()}@council.example>\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n\r\n"
    return head.encode() + line * (size // len(line))
