"""One reader process, seen from the relay.

Purpose: start it, talk to it under a deadline, end it. Trust: none; whatever it says goes through ``wire``. Not
thread-safe: the pool lends a reader to one thread at a time. Failure: ``ReaderGone`` or ``ReaderStalled``; the
process is dead by then.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from classifiers import wire
from classifiers.confinement import Confinement, command, end, environment
from domain.model import Analysis, Part, Place

_PIPE = 1 << 20
_SMALL = 1 << 16
"""Octets that are sent in one piece with what is said of them."""
_F_SETPIPE_SZ = 1031
_TEXT_ALONE = 0.2
"""What text in a mail's body wears a reader, beside documents, which go through libraries in C."""


class ReaderGone(Exception):
    """It ended, or said what it must not say."""


class ReaderStalled(Exception):
    """It did not answer in time."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: ``seconds`` for a document, ``a_picture`` more for each in it, in all until ``last``.

    ``last`` is of the monotonic clock.
    """

    seconds: float
    last: float
    a_picture: float = 0.0


class Reader:
    """A live reader. ``served`` counts the requests it has answered, ``reads_pictures`` is known once it is ready.

    ``knowledge`` is the first frame it is sent.
    """

    def __init__(self, confinement: Confinement, arguments: tuple[str, ...], knowledge: bytes) -> None:
        """Start it, without waiting. Raises ``OSError`` when no process can be had."""
        self._knowledge = knowledge
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            command(confinement, arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            cwd="/",
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin is not None  # noqa: S101 - PIPE was asked for
        assert self._process.stdout is not None  # noqa: S101 - PIPE was asked for
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        for descriptor in (self._to, self._from):
            os.set_blocking(descriptor, False)
            with contextlib.suppress(OSError):
                fcntl.fcntl(descriptor, _F_SETPIPE_SZ, _PIPE)
        self._ready = False
        self.served = 0
        self.reads_pictures = False
        self.worn = 0.0

    def wait_ready(self, seconds: float) -> None:
        """Wait until it has loaded its libraries and what it must know. Raises ``ReaderGone`` or ``ReaderStalled``."""
        if not self._ready:
            until = time.monotonic() + seconds
            self._send(self._knowledge, until)
            greeting = bytes(self._receive(until)[0])
            if greeting not in {wire.READY, wire.READY_WITH_OCR}:
                self.end()
                raise ReaderGone("no greeting")
            self._ready, self.reads_pictures = True, greeting == wire.READY_WITH_OCR

    def ask(
        self, subject: str, parts: Sequence[Part], paths: Sequence[str], patience: Patience, *, say_subject: bool
    ) -> Analysis:
        """One request. ``paths`` are what the answer may speak of. Large contents are written uncopied."""
        until = min(time.monotonic() + patience.seconds, patience.last)
        self.served += 1
        self.worn += 1 if any(part.place is Place.ATTACHMENT for part in parts) else _TEXT_ALONE
        header = wire.request(self.served, subject, parts, say_subject=say_subject)
        said = wire.prefix(header, sum(len(p.content) for p in parts)) + header
        if sum(len(p.content) for p in parts) <= _SMALL:
            self._send(b"".join((said, *(p.content for p in parts))), until)
        else:
            self._send(said, until)
            for part in parts:
                self._send(part.content, until)
        try:
            return wire.read_answer(*self._answer(until, patience), self.served, paths)
        except wire.WireError as error:
            self.end()
            raise ReaderGone(str(error)) from None

    def _answer(self, until: float, patience: Patience) -> tuple[bytearray, bytearray]:
        """The next frame that is an answer; each picture that it says it is reading is waited for."""
        while True:
            header, body = self._receive(until)
            if header != wire.BUSY:
                return header, body
            until = min(time.monotonic() + patience.seconds + patience.a_picture, patience.last)

    def end(self) -> None:
        """Kill it and everything in it; wait until it is gone."""
        end(self._process)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _send(self, content: bytes, until: float) -> None:
        view = memoryview(content)
        while view:
            try:
                view = view[os.write(self._to, view) :]
            except BlockingIOError:
                self._await(self._to, select.POLLOUT, until)
            except OSError:
                self.end()
                raise ReaderGone("hung up") from None

    def _receive(self, until: float) -> tuple[bytearray, bytearray]:
        """A frame's JSON and raw bytes."""
        header, body = wire.PREFIX.unpack(self._exactly(wire.PREFIX.size, until))
        if header > wire.HEADER_CAP or body > wire.BODY_CAP:
            self.end()
            raise ReaderGone("too long an answer")
        return self._exactly(header, until), self._exactly(body, until)

    def _exactly(self, size: int, until: float) -> bytearray:
        out = bytearray(size)
        view, at = memoryview(out), 0
        while at < size:
            try:
                got = os.readv(self._from, [view[at:]])
            except BlockingIOError:
                self._await(self._from, select.POLLIN, until)
                continue
            except OSError:
                got = 0
            if not got:
                self.end()
                raise ReaderGone("ended")
            at += got
        return out

    def _await(self, descriptor: int, event: int, until: float) -> None:
        poller = select.poll()
        poller.register(descriptor, event)
        left = until - time.monotonic()
        if left <= 0 or not poller.poll(left * 1000):
            self.end()
            raise ReaderStalled
