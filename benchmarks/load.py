"""A load of mails over SMTP from this process: many connections, pipelined commands, nothing else in the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence


async def _connection(port: int, mails: asyncio.Queue[bytes], recipient: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def reply() -> bytes:
        while True:
            line = await reader.readline()
            if line[3:4] != b"-":
                return line

    await reply()
    writer.write(b"EHLO bench.example\r\n")
    await reply()
    done = 0
    while True:
        try:
            mail = mails.get_nowait()
        except asyncio.QueueEmpty:
            break
        writer.write(b"MAIL FROM:<officer@council.example>\r\n")
        await reply()
        writer.write(f"RCPT TO:<{recipient}>\r\n".encode())
        await reply()
        writer.write(b"DATA\r\n")
        await reply()
        writer.write(mail + b".\r\n")
        answer = await reply()
        if not answer.startswith(b"250"):
            raise RuntimeError(answer.decode())
        done += 1
    writer.write(b"QUIT\r\n")
    writer.close()
    return done


def run(port: int, mails: Sequence[bytes], recipient: str, connections: int) -> float:
    """Mails a second."""

    async def all_of_it() -> float:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        for mail in mails:
            queue.put_nowait(mail)
        begun = time.perf_counter()
        done = await asyncio.gather(*(_connection(port, queue, recipient) for _ in range(connections)))
        return sum(done) / (time.perf_counter() - begun)

    return asyncio.run(all_of_it())


def plain(number: int, size: int) -> bytes:
    """A mail with nothing confidential in it, each another one (the journal would know a second copy)."""
    line = b"The garden group meets on Tuesday at ten; bring gloves and a flask.\r\n"
    head = f"From: officer@council.example\r\nTo: friend@else.example\r\nSubject: Garden group {number}\r\n"
    head += f"Message-ID: <{number}.{time.time_ns()}@council.example>\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n\r\n"
    return head.encode() + line * (size // len(line))
