"""Every reply code that speaks of a message's fate, and the life of the relay process."""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import pytest

from domain.errors import (
    ConfigurationError,
    MailLoop,
    MalformedMessage,
    Refused,
    RegisterUnavailable,
    SealBroken,
    TryAgain,
)
from domain.model import Address, Envelope
from domain.outgoing import Fate, Outcome
from gateway.server import Relay, answer_error, answer_outcomes
from gateway.smtp.house import Capacity, Dialogue, Listener, Unwatched
from tests.support.relay import LOOPBACK, NOON, NOWHERE, Pipeline, StoppedClock, Wire, running

ONE, TWO = Address.of("one@x.org"), Address.of("two@x.org")
ENVELOPE = Envelope(Address.of("a@b.c"), (ONE, TWO), NOON)
SECRET = "Mrs Example, NHS 943 476 5919"


@pytest.mark.parametrize("first", Fate)
@pytest.mark.parametrize("second", Fate)
def test_250_is_said_exactly_when_every_recipient_has_a_durable_outcome(first: Fate, second: Fate) -> None:
    """Promise 3, over all pairs."""
    answer = answer_outcomes(ENVELOPE, [Outcome(ONE, first), Outcome(TWO, second)], "id")
    durable = Fate.TRY_AGAIN not in {first, second}
    assert answer.whole.startswith("250 2.0.0 Ok id" if durable else "451 4.3.0 ")
    assert answer.to(ONE)[:3] == ("451" if first is Fate.TRY_AGAIN else "250")
    assert answer.to(TWO)[:3] == ("451" if second is Fate.TRY_AGAIN else "250")


def test_a_recipient_without_an_outcome_is_to_be_tried_again() -> None:
    """Fewer outcomes than recipients, none, or a stranger's, are never 250."""
    stranger = Outcome(Address.of("z@x.org"), Fate.DELIVERED)
    for outcomes in ([], [Outcome(ONE, Fate.DELIVERED)], [Outcome(ONE, Fate.DELIVERED), stranger]):
        answer = answer_outcomes(ENVELOPE, outcomes, "id")
        assert answer.whole.startswith("451")
        assert answer.to(TWO).startswith("451")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MalformedMessage(SECRET), "550 5.6.0"),
        (MailLoop(SECRET), "554 5.4.6"),
        (Refused(SECRET), "550 5.7.1"),
        (TryAgain(SECRET), "451 4.3.0"),
        (RegisterUnavailable(SECRET), "451 4.3.0"),
        (SealBroken(SECRET), "451 4.3.0"),
        (ValueError(SECRET), "451 4.3.0"),
        (MemoryError(), "451 4.3.0"),
    ],
)
def test_each_error_has_its_code_and_tells_nothing(error: Exception, code: str) -> None:
    """Only the public sentence, on one line."""
    with running(Pipeline(error=error)) as relay:
        reply = Wire(relay).mail(b"x")
    assert reply.startswith(code)
    assert "943" not in reply
    assert type(error).__name__ not in reply


def test_a_public_sentence_cannot_write_a_second_reply() -> None:
    """Line ends in it are white space."""
    assert "\n" not in answer_error(Refused(public="no\r\n250 yes")).whole


def test_an_error_that_no_pipeline_should_raise_still_keeps_the_mail_with_the_client() -> None:
    """Something that is no Exception: 451, and the relay lives on."""
    for error in (KeyboardInterrupt(), SystemExit(1)):
        with running(Pipeline(error=error)) as relay:
            assert Wire(relay).mail(b"x").startswith("451 4.3.0")
            assert Wire(relay).mail(b"x").startswith("451 4.3.0")


def test_what_fails_around_the_pipeline_keeps_no_client_waiting() -> None:
    """Who watches the relay may have a fault, too: 451 at once, and room for the next mail."""

    class Broken(Unwatched):
        def message(self, *_: object) -> NoReturn:
            raise OSError

    with running(Pipeline(), watch=Broken()) as relay:
        wire = Wire(relay)
        for _ in range(3):
            assert wire.mail(b"x").startswith("451 4.3.0")


def test_the_guard_looks_first() -> None:
    """A loop is refused before the pipeline sees it."""
    pipeline = Pipeline()

    def guard(raw: bytes) -> None:
        if b"loop" in raw:
            raise MailLoop

    with running(pipeline, guard=guard) as relay:
        assert Wire(relay).mail(b"loop").startswith("554 5.4.6")
        assert Wire(relay).mail(b"fine").startswith("250")
    assert pipeline.bodies == [b"fine\r\n"]


@pytest.mark.parametrize(
    ("dialogue", "listeners", "capacity"),
    [
        ({}, [], Capacity()),
        ({}, [Listener(implicit_tls=True)], Capacity()),
        ({"max_size": 100}, [Listener()], Capacity(octets=99)),
        ({"networks": ()}, [Listener()], Capacity()),
        ({"hostname": ""}, [Listener()], Capacity()),
        ({"authenticator": object()}, [Listener()], Capacity()),
    ],
)
def test_what_could_never_work_is_refused_at_the_start(
    dialogue: dict[str, object], listeners: list[Listener], capacity: Capacity
) -> None:
    """With a sentence, not at the first mail."""
    words: dict[str, object] = {"hostname": "relay.test", "networks": LOOPBACK}
    with pytest.raises(ConfigurationError):
        Relay(Pipeline(), StoppedClock(), Dialogue(**words | dialogue), listeners, capacity)  # type: ignore[arg-type]


def test_an_address_in_use_is_said_and_nothing_is_left_listening() -> None:
    """Also the first of two listeners is given back."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = _free_port()
        listeners = [Listener(port=free), Listener(port=taken.getsockname()[1])]
        relay = Relay(Pipeline(), StoppedClock(), Dialogue(hostname="r", networks=LOOPBACK), listeners)
        with pytest.raises(ConfigurationError) as caught:
            relay.start()
        assert str(taken.getsockname()[1]) in caught.value.public
    socket.create_server(("127.0.0.1", free)).close()


def test_stop_may_be_called_twice_and_before_start() -> None:
    """Without a fault."""
    relay = Relay(Pipeline(), StoppedClock(), Dialogue(hostname="r", networks=LOOPBACK), [Listener(port=0)])
    relay.stop(0)
    relay.start()
    relay.stop(0)
    relay.stop(0)


def test_a_client_that_leaves_while_it_waits_for_a_place_frees_its_room() -> None:
    """Nothing of it is processed, and its octets are free for others."""
    pipeline = Pipeline()
    pipeline.gate.clear()
    with running(pipeline, capacity=Capacity(messages=1, octets=2**20)) as relay:
        first, second = Wire(relay), Wire(relay)
        assert first.begin()[:3] == "354"
        first.send(b"x\r\n.\r\n")
        assert pipeline.entered.acquire(timeout=5)
        assert second.begin()[:3] == "354"
        second.send(b"y" * 900_000 + b"\r\n.\r\n")
        threading.Event().wait(0.3)
        second.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        second.close()
        threading.Event().wait(0.3)
        pipeline.gate.set()
        assert first.reply()[:3] == "250"
        assert Wire(relay).mail(b"z" * 900_000)[:3] == "250"
    assert [raw[:1] for raw in pipeline.bodies] == [b"x", b"z"]


def test_the_same_networks_by_ipv4_and_ipv6() -> None:
    """An IPv4 client on an IPv6 socket is who it is; nonsense is nobody."""
    dialogue = Dialogue(hostname="r", networks=LOOPBACK)
    assert [dialogue.trusts(p) for p in ("127.0.0.1", "::ffff:127.0.0.9", "::1", "10.0.0.1", "", "x")] == [
        True, True, False, False, False, False,
    ]  # fmt: skip
    assert not Dialogue(hostname="r", networks=NOWHERE).trusts("127.0.0.1")


def test_only_the_domains_of_the_settings_send_where_others_share_the_network() -> None:
    """A cloud's addresses are everybody's. Reports of ours come from nobody; others do not."""
    dialogue = Dialogue(hostname="r", networks=LOOPBACK, senders=frozenset({"council.example"}))
    assert all(dialogue.takes_from(a) for a in ("O@Council.example", ""))
    assert not any(dialogue.takes_from(a) for a in ("o@evil.example", "x%evil.example@council.example"))
    assert Dialogue(hostname="r", networks=LOOPBACK).takes_from("o@evil.example")
    with (
        running(Pipeline(), senders=frozenset({"council.example"})) as relay,
        smtplib.SMTP(*relay.addresses[0]) as client,
    ):
        client.ehlo()
        assert client.mail("o@evil.example")[0] == 250
        assert client.rcpt("a@b.example") == (550, b"5.7.1 This gateway does not take mail from that sender")
        client.rset()
        assert client.mail("o@council.example")[0] == 250
        assert client.rcpt("a@b.example")[0] == 250


def test_a_fault_of_the_relay_itself_is_451_and_frees_its_room() -> None:
    """A clock that fails after the body: bland words, and the next mail is taken."""
    pipeline, clock = Pipeline(), BrokenClock()
    dialogue = Dialogue(hostname="r", networks=LOOPBACK, max_size=2**20, patience=0.2)
    relay = Relay(pipeline, clock, dialogue, [Listener(port=0)], Capacity(octets=2**20))
    relay.start()
    wire = Wire(relay)
    for _ in range(3):
        reply = wire.mail(b"x" * 700_000)
        assert reply.startswith("451 4.3.0")
        assert "secret" not in reply
    clock.broken = False
    assert wire.mail(b"x" * 700_000).startswith("250")
    relay.stop(0)
    assert len(pipeline.seen) == 1


class BrokenClock(StoppedClock):
    """Until it is mended."""

    broken = True

    def now(self) -> datetime:
        if self.broken:
            raise ValueError("secret")
        return NOON


@pytest.mark.parametrize("signals", [1, 2])
def test_run_forever_ends_by_signal_here_too(signals: int) -> None:
    """In this process: one signal waits for the busy client, a second does not."""
    pipeline = Pipeline()
    pipeline.gate.clear()
    relay = Relay(pipeline, StoppedClock(), Dialogue(hostname="r", networks=LOOPBACK), [Listener(port=0)])
    replies: list[str] = []

    def client() -> None:
        wire = Wire(relay)
        wire.begin()
        wire.send(b"x\r\n.\r\n")
        assert pipeline.entered.acquire(timeout=5)
        for _ in range(signals):
            os.kill(os.getpid(), signal.SIGTERM)
            threading.Event().wait(0.2)
        if signals == 1:
            pipeline.gate.set()
        replies.append(wire.reply()[:3])
        pipeline.gate.set()

    thread = threading.Thread(target=client)
    relay.run_forever(10, ready=thread.start)
    thread.join(5)
    assert replies == ["250" if signals == 1 else "421"]


_PROCESS = """
import sys, time
from tests.support.relay import *
from gateway.server import *
pipeline = Pipeline()
def slow(envelope, raw):
    if b"slow" in raw:
        print("working", flush=True)
        time.sleep(1.0 if b"very" not in raw else 3.0)
        print("worked", flush=True)
    return pipeline(envelope, raw)
relay = Relay(slow, StoppedClock(), Dialogue(hostname="r", networks=LOOPBACK), [Listener(port=0)])
relay.run_forever(20, ready=lambda: print(relay.addresses[0][1], flush=True))
print("ended", flush=True)
"""


def _process() -> tuple[subprocess.Popen[str], int]:
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", _PROCESS],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert child.stdout is not None
    return child, int(child.stdout.readline())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_after_what_is_under_way(number: signal.Signals) -> None:
    """The client gets its 250, then 421; the process ends with 0."""
    child, port = _process()
    wire = _wire(port)
    assert wire.begin()[:3] == "354"
    wire.send(b"slow\r\n.\r\n")
    assert child.stdout is not None
    assert child.stdout.readline() == "working\n"
    child.send_signal(number)
    assert wire.reply()[:3] == "250"
    assert wire.reply()[:3] == "421"
    out, _ = child.communicate(timeout=10)
    assert out.splitlines()[0] == "worked"
    assert out.splitlines()[-1] == "ended"
    assert child.returncode == 0


def test_a_second_signal_ends_the_grace_but_not_the_work() -> None:
    """The client is told 421 at once; the thread still ends what it began."""
    child, port = _process()
    wire = _wire(port)
    assert wire.begin()[:3] == "354"
    wire.send(b"very slow\r\n.\r\n")
    assert child.stdout is not None
    assert child.stdout.readline() == "working\n"
    begun = time.monotonic()
    child.send_signal(signal.SIGTERM)
    threading.Event().wait(0.3)
    child.send_signal(signal.SIGTERM)
    assert wire.reply()[:3] == "421"
    assert time.monotonic() - begun < 2
    out, _ = child.communicate(timeout=10)
    assert "worked" in out
    assert child.returncode == 0


def _wire(port: int) -> Wire:
    class At:
        addresses = (("127.0.0.1", port),)

    return Wire(At())  # type: ignore[arg-type]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
