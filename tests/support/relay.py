"""The real relay in a thread, with a pipeline that remembers, and a client that speaks octets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

from domain.model import Envelope
from domain.outgoing import Fate, Outcome
from gateway.server import Relay
from gateway.smtp.house import Capacity, Dialogue, Listener, Speaks, Watch
from gateway.smtp.sharing import Child

LOOPBACK = (ip_network("127.0.0.0/8"),)
NOWHERE = (ip_network("192.0.2.0/24"),)
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class StoppedClock:
    """Always noon."""

    def now(self) -> datetime:
        """Noon."""
        return NOON


class Pipeline:
    """Remembers what came; says DELIVERED unless told otherwise. ``gate``, once cleared, holds each message."""

    def __init__(self, fates: dict[str, Fate] | None = None, error: BaseException | None = None) -> None:
        self.seen: list[tuple[Envelope, bytes]] = []
        self.finished = 0
        self.fates, self.error = fates or {}, error
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Semaphore(0)

    def __call__(self, envelope: Envelope, raw: bytes) -> Sequence[Outcome]:
        self.seen.append((envelope, raw))
        self.entered.release()
        assert self.gate.wait(30)
        self.finished += 1
        if self.error is not None:
            raise self.error
        return [Outcome(r, self.fates.get(r.key, Fate.DELIVERED)) for r in envelope.recipients]

    @property
    def bodies(self) -> list[bytes]:
        """The content of each mail that came."""
        return [raw for _, raw in self.seen]


@contextmanager
def running(
    pipeline: Callable[..., Sequence[Outcome]],
    *,
    lmtp: bool = False,
    implicit_tls: bool = False,
    capacity: Capacity | None = None,
    loop_factory: Any = None,
    guard: Callable[[bytes], None] | None = None,
    child: Child | None = None,
    port: int = 0,
    watch: Watch | None = None,
    **dialogue: Any,
) -> Iterator[Relay]:
    """A relay that listens; stopped afterwards at once. A ``child`` brings its listeners along."""
    speaks = Speaks.LMTP if lmtp else Speaks.SMTP
    words: dict[str, Any] = {"hostname": "relay.test", "networks": LOOPBACK, "max_size": 2**20, "patience": 5.0}
    relay = Relay(
        pipeline,
        StoppedClock(),
        Dialogue(**words | dialogue),
        child.listeners if child else [Listener(port=port, speaks=speaks, implicit_tls=implicit_tls)],
        capacity,
        guard=guard,
        loop_factory=loop_factory,
        child=child,
        watch=watch,
    )
    relay.start()
    try:
        yield relay
    finally:
        relay.stop(0)


class Wire:
    """A client that sends octets as told."""

    def __init__(self, relay: Relay, *, hello: str = "EHLO client.test") -> None:
        self._begin(socket.create_connection(relay.addresses[0], timeout=10), hello)

    @classmethod
    def over(cls, sock: socket.socket, *, hello: str = "EHLO client.test") -> Wire:
        """Over a connection that is there already."""
        wire = cls.__new__(cls)
        wire._begin(sock, hello)
        return wire

    def _begin(self, sock: socket.socket, hello: str) -> None:
        self.sock, self.file = sock, sock.makefile("rb")
        self.greeting = self.reply()
        if hello:
            self.hello = self.ask(hello)

    def send(self, data: bytes) -> None:
        """As it is."""
        self.sock.sendall(data)

    def reply(self) -> str:
        """One reply, its lines joined by newlines; empty when the line is closed."""
        lines = []
        while line := self.file.readline().decode():
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                break
        return "\n".join(lines)

    def replies(self, count: int) -> list[str]:
        """So many, by their codes."""
        return [self.reply()[:3] for _ in range(count)]

    def ask(self, command: str) -> str:
        """A command and its reply."""
        self.send(command.encode() + b"\r\n")
        return self.reply()

    def begin(self, sender: str = "a@council.test", *recipients: str) -> str:
        """As far as 354; gives DATA's reply."""
        assert self.ask(f"MAIL FROM:<{sender}>")[:3] == "250"
        for recipient in recipients or ("b@example.org",):
            assert self.ask(f"RCPT TO:<{recipient}>")[:3] == "250"
        return self.ask("DATA")

    def mail(self, content: bytes) -> str:
        """A whole transaction; gives the last reply."""
        assert self.begin()[:3] == "354"
        self.send(content + b"\r\n.\r\n")
        return self.reply()

    def closed(self) -> bool:
        """Whether nothing more comes."""
        return self.file.readline() == b""

    def close(self) -> None:
        """Hang up."""
        self.file.close()
        self.sock.close()
