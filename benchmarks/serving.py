"""Stock aiosmtpd on uvloop, in one or several processes on one port: what the forwarder and the floor are built on.

The processes share one listening socket, and leave connections to each other, by the relay's own code
(``gateway/smtp/sharing.py``), so that none of what is compared has a better spread than another.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvloop
from aiosmtpd.smtp import SMTP

from gateway.smtp.house import Listener
from gateway.smtp.sharing import Acceptor, Share, Shares, bound

Handler = Any
"""With aiosmtpd's ``handle_DATA``."""


def serve(port: int, processes: int, make: Callable[[], Handler]) -> None:
    """Until SIGTERM. ``make`` is called in each process, with its loop running."""
    listener, shares = bound(Listener(port=port)), Shares(processes)
    fork = multiprocessing.get_context("fork")
    others = [fork.Process(target=_run, args=(listener, shares.of(n), make)) for n in range(1, processes)]
    for other in others:
        other.start()

    def stop(*_: object) -> None:
        for other in others:
            other.kill()
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    _run(listener, shares.of(0), make)


def _run(listener: Listener, share: Share, make: Callable[[], Handler]) -> None:
    uvloop.run(_listen(listener, share, make))


async def _listen(listener: Listener, share: Share, make: Callable[[], Handler]) -> None:
    loop, handler = asyncio.get_running_loop(), make()
    open_now = 0

    class Counted(SMTP):
        """Says how many connections there are, which the processes go by."""

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            nonlocal open_now
            open_now += 1
            share.has(open_now)
            super().connection_made(transport)

        def connection_lost(self, error: Exception | None) -> None:
            nonlocal open_now
            open_now -= 1
            share.has(open_now)
            super().connection_lost(error)

    def greeted() -> SMTP:
        return Counted(handler, hostname="bench.example", data_size_limit=None, enable_SMTPUTF8=True, loop=loop)

    share.has(0)
    Acceptor(listener.sockets, greeted, share, None, None)
    await asyncio.Event().wait()


@contextmanager
def running(port: int, *command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server of its own process, once it answers on the port; gone afterwards."""
    process = subprocess.Popen([*command], env=os.environ | environment, stdout=subprocess.DEVNULL)
    try:
        until_it_answers(port, process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    """Raises ``RuntimeError`` after a minute, or when the process has ended."""
    for _ in range(1200):
        with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", port, timeout=5):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError("nobody answers")


def python(module: str, *words: object) -> list[str]:
    """The command line of a program of this package."""
    return [sys.executable, "-m", f"benchmarks.{module}", *map(str, words)]
