"""Several relays on the same listening sockets: each takes its share, one that is slow keeps nobody waiting."""

from __future__ import annotations

import errno
import os
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import uvloop

from domain.errors import ConfigurationError
from gateway.server import Relay
from gateway.smtp.house import Dialogue, Listener
from gateway.smtp.sharing import Child, Shares, bound
from gateway.smtp.tls import server_context
from tests.support.certificates import make_certificate
from tests.support.relay import LOOPBACK, Pipeline, StoppedClock, Wire, running

NOBODY_HOLDS = -1


def _children(count: int, listener: Listener, shares: Shares) -> list[Child]:
    """Each with sockets of its own for the same queue, as a fork gives them."""
    return [
        Child(
            (replace(listener, sockets=tuple(s.dup() for s in listener.sockets)),),
            shares.of(number),
            NOBODY_HOLDS,
            lambda: None,
        )
        for number in range(count)
    ]


@contextmanager
def _house(count: int = 2, **more: object) -> Iterator[tuple[list[Relay], list[Pipeline]]]:
    listener, pipelines = bound(Listener(port=0)), [Pipeline() for _ in range(count)]
    children = _children(count, listener, Shares(count))
    with ExitStack() as stack:
        for each in listener.sockets:
            stack.callback(each.close)
        relays = [
            stack.enter_context(running(p, child=c, loop_factory=uvloop.new_event_loop, **more))  # type: ignore[arg-type]
            for p, c in zip(pipelines, children, strict=True)
        ]
        yield relays, pipelines


def test_each_process_gets_its_share_of_the_connections() -> None:
    """Also when they all come at the same moment. Half each on a quiet machine; nobody nearly all in any case."""
    with _house() as (relays, pipelines):
        socks = [socket.create_connection(relays[0].addresses[0]) for _ in range(12)]
        wires = [Wire.over(each) for each in socks]
        assert all(wire.greeting.startswith("220") for wire in wires)
        for wire in wires:
            assert wire.mail(b"x").startswith("250")
        assert min(len(p.seen) for p in pipelines) >= 3
        for wire in wires:
            wire.close()


def test_who_has_more_waits_a_moment_and_no_longer() -> None:
    """The other one has fewer connections, and does not take any."""
    shares, listener = Shares(2), bound(Listener(port=0))
    shares.of(1).has(0)
    child, _ = _children(2, listener, shares)
    with running(Pipeline(), child=child) as relay:
        wires = [Wire(relay) for _ in range(3)]
        assert all(wire.greeting.startswith("220") for wire in wires)
    for each in listener.sockets:
        each.close()


def test_a_process_that_is_gone_is_not_waited_for() -> None:
    shares = Shares(2)
    mine, other = shares.of(0), shares.of(1)
    other.has(0)
    mine.has(3)
    assert mine.others_have_fewer
    shares.gone(1)
    assert not mine.others_have_fewer


class _Hungry(socket.socket):
    """Has no file descriptor left, once."""

    fed = False

    def accept(self) -> tuple[socket.socket, object]:
        if not self.fed:
            self.fed = True
            raise OSError(errno.EMFILE, "too many open files")
        return super().accept()


def test_too_many_open_files_are_too_many_for_a_second_only() -> None:
    listener = bound(Listener(port=0))
    hungry = _Hungry(fileno=listener.sockets[0].dup().detach())
    hungry.setblocking(False)
    child = Child((replace(listener, sockets=(hungry,)),), Shares(1).of(0), NOBODY_HOLDS, lambda: None)
    with running(Pipeline(), child=child) as relay:
        assert Wire(relay).greeting.startswith("220")
        assert hungry.fed
    listener.sockets[0].close()


def test_tls_from_the_first_octet(tmp_path: Path) -> None:
    """And who speaks no TLS is let go, and the next one served."""
    files = make_certificate(tmp_path)
    listener = bound(Listener(port=0, implicit_tls=True))
    (child,) = _children(1, listener, Shares(1))
    context = ssl.create_default_context(cafile=str(files.ca))
    with running(Pipeline(), child=child, tls=server_context(files.certificate, files.key)) as relay:
        with socket.create_connection(relay.addresses[0], timeout=10) as rude:
            rude.sendall(b"EHLO plain\r\n")
            assert b"220" not in rude.recv(100)
        with socket.create_connection(relay.addresses[0], timeout=10) as raw:
            wire = Wire.over(context.wrap_socket(raw, server_hostname="127.0.0.1"))
            assert wire.greeting.startswith("220")
            assert wire.mail(b"x").startswith("250")
    listener.sockets[0].close()


def test_an_address_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigurationError, match="listen"):
            bound(Listener(port=taken.getsockname()[1]))


@pytest.mark.parametrize("signalled", ["", "before", "after", "twice after"])
def test_the_end_of_the_leash_lets_the_busy_one_end(signalled: str) -> None:
    """A signal before or after it means the same, and the two together are not impatience; two signals are."""
    pipeline, listener = Pipeline(), bound(Listener(port=0))
    pipeline.gate.clear()
    held, leash = os.pipe()
    begun = threading.Event()
    child = Child((listener,), Shares(1).of(0), held, begun.set)
    dialogue = Dialogue(hostname="r", networks=LOOPBACK)
    relay = Relay(pipeline, StoppedClock(), dialogue, child.listeners, child=child)
    replies: list[str] = []

    def client() -> None:
        assert begun.wait(5)
        wire, idle = Wire(relay), Wire(relay)
        wire.begin()
        wire.send(b"x\r\n.\r\n")
        assert pipeline.entered.acquire(timeout=5)
        if signalled == "before":
            os.kill(os.getpid(), signal.SIGTERM)
            replies.append(idle.reply()[:3])
        os.close(leash)
        if signalled != "before":
            replies.append(idle.reply()[:3])
        for number in {"after": [signal.SIGTERM], "twice after": [signal.SIGTERM, signal.SIGINT]}.get(signalled, []):
            os.kill(os.getpid(), number)
        threading.Event().wait(0.2)
        if signalled == "twice after":
            replies.append(wire.reply()[:3])
        pipeline.gate.set()
        if signalled != "twice after":
            replies.append(wire.reply()[:3])

    thread = threading.Thread(target=client)
    thread.start()
    relay.run_forever(10, ready=child.ready)
    thread.join(5)
    os.close(held)
    assert replies == ["421", "421" if signalled == "twice after" else "250"]
