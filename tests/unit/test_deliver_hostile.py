"""A next hop that misbehaves: what it says and how long it takes are bounded, and none of it is taken for an answer."""

from __future__ import annotations

import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count

import pytest

from domain.errors import NextHopUnavailable
from domain.model import Address
from domain.outgoing import Notice
from gateway.deliver import Route, Security, SmtpNextHop
from tests.unit.test_deliver import relayed

NOTICE = Notice(Address.of("a@x.org"), b"Subject: x\r\n\r\nHello\r\n")
Line = socket.socket


@contextmanager
def hop(serve: Callable[[Line, int], None]) -> Iterator[int]:
    """Its port. ``serve`` gets each connection with its number, in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run(line: Line, number: int) -> None:
            with suppress(OSError), line:
                serve(line, number)

        def accept() -> None:
            for number in count():
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=run, args=(line, number), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def to(port: int, *, timeout: float = 20.0, patience: float = 20.0, **more: object) -> SmtpNextHop:
    route = Route(("*",), "127.0.0.1", port, **more)  # type: ignore[arg-type]
    return SmtpNextHop([route], "relay.test", timeout=timeout, patience=patience)


def greet(line: Line, *offers: str) -> None:
    """Greeting and EHLO; the next command is what comes next."""
    line.sendall(b"220 hop\r\n")
    line.recv(1000)
    line.sendall("".join(f"250-{o}\r\n" for o in offers).encode() + b"250 8BITMIME\r\n")


def forever(line: Line, data: bytes, pause: float = 0.0) -> None:
    while True:
        line.sendall(data)
        time.sleep(pause)


def at_ehlo(data: bytes, pause: float = 0.0) -> Callable[[Line, int], None]:
    """Greets, then says this without end."""

    def serve(line: Line, _: int) -> None:
        line.sendall(b"220 hop\r\n")
        line.recv(1000)
        forever(line, data, pause)

    return serve


@pytest.mark.parametrize("data", [b"250-AND-SO-ON\r\n" * 500, b"2" * 8000, b"250-" + b"x" * 70_000 + b"\r\n"])
def test_a_reply_without_end_costs_neither_memory_nor_time(data: bytes) -> None:
    """Many lines, one line, a long line: the connection ends after a few octets."""
    with hop(at_ehlo(data)) as port:
        begun = time.monotonic()
        tracemalloc.start()
        with pytest.raises(NextHopUnavailable):
            to(port).deliver(NOTICE)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert time.monotonic() - begun < 5
    assert peak < 2 * 2**20


@pytest.mark.parametrize("data", [b"2", b"250-x\r\n"])
def test_a_reply_that_drips_ends_with_its_step(data: bytes) -> None:
    """Each octet comes in time; the reply does not."""
    with hop(at_ehlo(data, 0.05)) as port:
        begun = time.monotonic()
        with pytest.raises(NextHopUnavailable):
            to(port, timeout=0.5).deliver(NOTICE)
        assert time.monotonic() - begun < 3


def test_a_delivery_ends_though_every_step_is_in_time() -> None:
    """Thirty recipients, each answered at leisure: after its patience nothing of it counts, and none is served."""

    def serve(line: Line, _: int) -> None:
        greet(line)
        while line.recv(1000):
            time.sleep(0.2)
            line.sendall(b"250 OK\r\n")

    with hop(serve) as port:
        begun = time.monotonic()
        replies = to(port, patience=1.0).deliver(relayed(*(f"r{n}@x.org" for n in range(30))))
        assert time.monotonic() - begun < 3
        assert {r.code for r in replies} == {0}


@pytest.mark.parametrize("reads", [True, False])
def test_content_that_is_not_taken_in_time_is_lost(*, reads: bool) -> None:
    """The hop reads nothing of it, or all of it and never answers; its step would be minutes."""

    def serve(line: Line, _: int) -> None:
        greet(line)
        for answer in (b"250 OK\r\n", b"250 OK\r\n", b"354 Go\r\n"):
            line.recv(1000)
            line.sendall(answer)
        while reads and line.recv(65536):
            pass
        time.sleep(5)

    big = Notice(NOTICE.recipient, NOTICE.content + b"x" * 70 * 1000 * 1000 + b"\r\n")
    with hop(serve) as port:
        begun = time.monotonic()
        assert [r.code for r in to(port, patience=1.5).deliver(big)] == [0]
        assert time.monotonic() - begun < 4


def test_words_in_clear_behind_starttls_are_not_read_as_said_over_tls() -> None:
    """Else whoever stands between could offer a log-in (RFC 3207 section 6, CVE-2011-0411)."""

    def serve(line: Line, _: int) -> None:
        greet(line, "STARTTLS")
        line.recv(1000)
        line.sendall(b"220 Go\r\n250-AUTH PLAIN\r\n250 OK\r\n")
        time.sleep(2)

    with hop(serve) as port, pytest.raises(NextHopUnavailable) as caught:
        to(port, security=Security.REQUIRED).deliver(NOTICE)
    assert caught.value.private


def test_an_answer_that_nobody_asked_for_is_no_answer_to_the_next_mail() -> None:
    """A second reply behind the last one would say 250 to a mail that is yet to come: the line is not kept."""
    taken = threading.Semaphore(0)

    def serve(line: Line, number: int) -> None:
        greet(line)
        refused = b"550 5.1.1 No\r\n" if number else b"250 OK\r\n"
        for answer in (b"250 OK\r\n", refused):
            line.recv(1000)
            line.sendall(answer)
        if not number:
            line.recv(1000)
            line.sendall(b"354 Go\r\n")
            while not line.recv(65536).endswith(b"\r\n.\r\n"):
                pass
            line.sendall(b"250 OK\r\n250 OK\r\n250 OK\r\n354 Go\r\n250 OK\r\n")
            taken.release()
        line.recv(1000)

    with hop(serve) as port:
        next_hop = to(port)
        assert next_hop.deliver(NOTICE)[0].code == 250
        assert taken.acquire(timeout=5)
        assert next_hop.deliver(NOTICE)[0].code == 550


@pytest.mark.parametrize("data", [b"354 Go on\r\n", b"503 5.5.1 Nobody\r\n", b""])
def test_a_hop_that_takes_nobody_gets_no_content_whatever_it_says_to_data(data: bytes) -> None:
    """DATA goes along with RCPT (RFC 2920); the refusals stand, also where the line ends on them."""
    heard: list[bytes] = []

    def serve(line: Line, _: int) -> None:
        greet(line, "hop.test", "PIPELINING")
        heard.append(line.recv(4000))
        line.sendall(b"250 2.1.0 Ok\r\n550 5.1.1 Unknown\r\n" + data)
        if data:
            heard.append(line.recv(4000))

    with hop(serve) as port:
        (reply,) = to(port).deliver(NOTICE)
    assert (reply.code, reply.text) == (550, "5.1.1 Unknown")
    assert heard[0].endswith(b"RCPT TO:<a@x.org>\r\nDATA\r\n")
    assert heard[1:] in ([], [b""], [b"rset\r\n"], [b"RSET\r\n"])
