"""Back-pressure, hang-ups, and the end: bounded, never cancelled, nothing lost."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from gateway.smtp import connection
from gateway.smtp.house import Capacity
from gateway.smtp.tls import server_context
from tests.support.certificates import make_certificate
from tests.support.relay import Pipeline, Wire, running


def eventually(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether it becomes true in time."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        threading.Event().wait(0.02)
    return true()


def reset(wire: Wire) -> None:
    """Hang up with a RST, as a crashed client does."""
    wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


def test_hang_up_in_a_body_is_no_mail() -> None:
    """Half a mail is none, and its room is free again."""
    pipeline = Pipeline()
    with running(pipeline, capacity=Capacity(octets=2**20)) as relay:
        for _ in range(20):
            wire = Wire(relay)
            assert wire.begin()[:3] == "354"
            wire.send(b"Subject: half\r\n\r\n" + b"x" * 200_000)
            reset(wire)
        assert Wire(relay).mail(b"whole " + b"y" * 900_000)[:3] == "250"
    assert [raw[:5] for raw in pipeline.bodies] == [b"whole"]


@pytest.mark.parametrize("how", [reset, Wire.close], ids=["reset", "close"])
def test_hang_up_after_the_body_cancels_nothing(how: Callable[[Wire], None]) -> None:
    """The pipeline ends its work: the client will try again, and the journal knows."""
    pipeline = Pipeline()
    pipeline.gate.clear()
    with running(pipeline, capacity=Capacity(messages=1, octets=2**20)) as relay:
        wire = Wire(relay)
        assert wire.begin()[:3] == "354"
        wire.send(b"x\r\n.\r\n")
        assert pipeline.entered.acquire(timeout=5)
        how(wire)
        threading.Event().wait(0.2)
        assert pipeline.finished == 0
        pipeline.gate.set()
        assert eventually(lambda: pipeline.finished == 1)
        assert Wire(relay).mail(b"next")[:3] == "250"  # the only place is free again


def test_a_client_that_has_said_all_still_gets_its_replies() -> None:
    """Half-close after QUIT, as netcat does."""
    pipeline = Pipeline()
    with running(pipeline) as relay:
        wire = Wire(relay)
        wire.send(b"MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n")
        wire.sock.shutdown(socket.SHUT_WR)
        assert wire.replies(5) == ["250", "250", "354", "250", "221"]
        assert wire.closed()


def test_too_many_connections_are_told_to_come_back() -> None:
    """421 at once; a place that is free again is given again."""
    with running(Pipeline(), capacity=Capacity(connections=2)) as relay:
        kept = [Wire(relay), Wire(relay)]
        third = Wire(relay, hello="")
        assert third.greeting.startswith("421 4.3.2")
        assert third.closed()
        kept[0].close()
        assert eventually(lambda: Wire(relay, hello="").greeting.startswith("220"))


def test_half_open_connections_give_their_places_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Clients that vanished without a word: before a command, in one, in the handshake of TLS, in a body, and one that
    drips. All places were theirs; soon after all are free, and nothing was taken for a mail."""  # noqa: D205, D209 - one thought
    monkeypatch.setattr(connection, "_HANDSHAKE", 0.5)
    files, pipeline = make_certificate(tmp_path), Pipeline()
    tls = server_context(files.certificate, files.key)
    with running(pipeline, capacity=Capacity(connections=5), idle=0.5, tls=tls) as relay:
        silent, half, shaking, body, dripping = vanished = [Wire(relay) for _ in range(5)]
        half.send(b"MAIL FROM:<a@cou")
        assert shaking.ask("STARTTLS")[:3] == "220"
        shaking.send(b"\x16\x03\x01")
        assert body.begin()[:3] == "354"
        body.send(b"Subject: x\r\n")
        assert Wire(relay, hello="").greeting.startswith("421 4.3.2")
        drips = 0
        while drips < 100 and not _gone(dripping, b"N"):
            drips += 1
        assert drips < 100
        assert eventually(lambda: not relay._connections, 10)
        assert silent.reply().startswith("421 4.4.2")
        assert Wire(relay).mail(b"Subject: x\r\n\r\nHello")[:3] == "250"
        for wire in vanished:
            wire.close()
    assert len(pipeline.bodies) == 1


def _gone(wire: Wire, drop: bytes) -> bool:
    """Whether the line is closed to one more octet."""
    time.sleep(0.1)
    try:
        wire.send(drop)
    except OSError:
        return True
    return False


def test_a_full_pipeline_makes_clients_wait_and_then_come_back() -> None:
    """451 after the patience is over, which the log tells; those inside are not disturbed."""
    pipeline = Pipeline()
    pipeline.gate.clear()
    with (
        structlog.testing.capture_logs() as logged,
        running(pipeline, capacity=Capacity(messages=1), patience=0.2) as relay,
    ):
        first, second = Wire(relay), Wire(relay)
        for wire in (first, second):
            assert wire.begin()[:3] == "354"
            wire.send(b"x\r\n.\r\n")
        replies = []
        assert pipeline.entered.acquire(timeout=5)
        waiting = threading.Thread(target=lambda: replies.append(second.reply()))
        late = threading.Thread(target=lambda: replies.append(first.reply()))
        waiting.start()
        late.start()
        assert eventually(lambda: len(replies) == 1)
        assert replies[0].startswith("451 4.3.2")
        pipeline.gate.set()
        waiting.join(5)
        late.join(5)
        assert sorted(reply[:3] for reply in replies) == ["250", "451"]
    assert [line["octets"] for line in logged if line["event"] == "no room"] == [3]


def test_memory_for_bodies_is_bounded() -> None:
    """Whose declared size does not fit is asked to come back before the body; whose undeclared one does not, after."""
    pipeline = Pipeline()
    pipeline.gate.clear()
    with running(pipeline, capacity=Capacity(octets=2**20), patience=0.2) as relay:
        first = Wire(relay)
        assert first.begin()[:3] == "354"
        first.send(b"x" * 700_000 + b"\r\n.\r\n")
        assert pipeline.entered.acquire(timeout=5)
        declared = Wire(relay)
        assert declared.ask("MAIL FROM:<a@b.c> SIZE=900000")[:3] == "250"
        assert declared.ask("RCPT TO:<d@e.f>")[:3] == "250"
        assert declared.ask("DATA").startswith("451 4.3.2")
        assert Wire(relay).mail(b"y" * 900_000).startswith("451 4.3.1")
        pipeline.gate.set()
        assert first.reply()[:3] == "250"
        assert declared.ask("DATA")[:3] == "354"  # room again
    assert [len(raw) for raw in pipeline.bodies] == [700_002]


def test_a_graceful_stop_ends_what_is_under_way_and_sends_the_others_away() -> None:
    """The idle get 421, the busy their answer and then 421, the new no connection."""
    pipeline = Pipeline()
    pipeline.gate.clear()
    with running(pipeline) as relay:
        idle, busy, sending = Wire(relay), Wire(relay), Wire(relay)
        assert busy.begin()[:3] == "354"
        busy.send(b"x\r\n.\r\n")
        assert sending.begin()[:3] == "354"
        sending.send(b"half ")
        assert pipeline.entered.acquire(timeout=5)
        stopping = threading.Thread(target=relay.stop, args=(10,))
        stopping.start()
        assert idle.reply().startswith("421 4.3.2")
        assert idle.closed()
        with pytest.raises(ConnectionError):
            socket.create_connection(relay.addresses[0], timeout=2)
        sending.send(b"whole\r\n.\r\n")
        pipeline.gate.set()
        for wire in (busy, sending):
            assert wire.reply()[:3] == "250"
            assert wire.reply()[:3] == "421"
            assert wire.closed()
        stopping.join(5)
        assert not stopping.is_alive()
    assert pipeline.finished == 2


def test_when_the_grace_is_over_the_unanswered_get_421_and_the_work_still_ends() -> None:
    """No false 250, and nothing cut in the middle."""
    pipeline = Pipeline()
    pipeline.gate.clear()
    with running(pipeline) as relay:
        busy = Wire(relay)
        assert busy.begin()[:3] == "354"
        busy.send(b"x\r\n.\r\n")
        assert pipeline.entered.acquire(timeout=5)
        relay.stop(0.2)
        assert busy.reply().startswith("421 4.3.2")
        assert busy.closed()
        assert pipeline.finished == 0
        pipeline.gate.set()
        assert eventually(lambda: pipeline.finished == 1)


def test_many_clients_at_once_are_all_served() -> None:
    """More clients than places: they wait their turn."""
    pipeline = Pipeline()
    with running(pipeline, capacity=Capacity(messages=2, threads=2)) as relay:
        results: list[str] = []

        def client(number: int) -> None:
            wire = Wire(relay)
            results.extend(wire.mail(b"%d-%d" % (number, n))[:3] for n in range(5))
            wire.close()

        threads = [threading.Thread(target=client, args=(n,)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert results == ["250"] * 100
    assert len(set(pipeline.bodies)) == 100
