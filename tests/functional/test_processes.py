"""Several relay processes: whichever is killed, also the one that watches, nothing is lost and nobody is left over."""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from cli.exits import Exit
from gateway.smtp.passwords import hash_password
from tests.functional.test_kill import TO, _nothing_in_the_clear, _nothing_lost, _nothing_twice, _until_accepted
from tests.support.certificates import Files, make_certificate
from tests.support.house import COLLEAGUE, OFFICER, House, free_port, letter
from tests.support.sink import Sink

TWO = {"SALLYPORT_RELAY__PROCESSES": "2"}
PATIENT = TWO | {"SALLYPORT_JOURNAL__LEASE_SECONDS": "30"}


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def house(tmp_path_factory, sink) -> House:
    return House(tmp_path_factory.mktemp("processes"), sink.port).set_up()


def _children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def _both_up(house: House, pid: int, ever: int = 2) -> list[int]:
    """The two children, when so many have come up since this relay began."""
    _until(lambda: house.log().rpartition('"listening"')[2].count("relay process is up") >= ever - 1)
    _until(lambda: len(_children(pid)) == 2)
    return _children(pid)


def _gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def _plain(name: str) -> bytes:
    return f"Subject: Rota\r\nMessage-ID: <{name}@c>\r\n\r\nTuesday at ten.\r\n".encode()


def test_a_process_that_is_killed_is_replaced_and_the_other_goes_on(house, sink):
    """Four connections, two each: two are cut off, two are served on, and the new process serves as well."""
    with house.relay(**TWO) as relay:
        first, second = _both_up(house, relay.pid)
        clients = [smtplib.SMTP("127.0.0.1", house.port, timeout=60) for _ in range(4)]
        os.kill(first, signal.SIGKILL)
        alive = [client for client in clients if _served(client, f"one-{clients.index(client)}")]
        assert len(alive) == 2
        fresh = [p for p in _both_up(house, relay.pid, 3) if p != second]
        assert fresh
        assert fresh != [first]
        os.kill(second, signal.SIGKILL)
        assert house.submit(_plain("two"), (COLLEAGUE,)).startswith("250")
    assert '"code": -9' in house.log()


def _served(client: smtplib.SMTP, name: str) -> bool:
    try:
        client.sendmail(OFFICER, [COLLEAGUE], _plain(name))
    except (smtplib.SMTPException, OSError):
        return False
    return True


def test_no_child_outlives_the_supervisor(house, sink):
    """It gets kill -9 while a mail is under way: that mail is answered, then all are gone and the port is free."""
    with house.relay(**PATIENT) as relay:
        children = _both_up(house, relay.pid)
        with _slow(sink), closing(smtplib.SMTP("127.0.0.1", house.port, timeout=60)) as client:
            answers: list[bool] = []
            under_way = threading.Thread(target=lambda: answers.append(_served(client, "orphan")))
            under_way.start()
            _until(lambda: house.rows("select 1 from vault_journalentry where state = 'intended'"))
            relay.kill()
            under_way.join(60)
        assert answers == [True]
        _until(lambda: _gone(children))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", house.port))
    assert house.rows("select state from vault_journalentry where state <> 'done'") == []


class _slow:  # noqa: N801 - reads as a word
    """The next hop thinks about each mail."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def __enter__(self) -> None:
        self._sink.seconds = 3.0

    def __exit__(self, *_: object) -> None:
        self._sink.seconds = 0.0


def test_told_to_stop_it_ends_what_is_under_way(house, sink):
    """By one signal to the supervisor, and one to everybody besides, as systemd and a terminal send it."""
    with house.relay(**PATIENT) as relay:
        children = _both_up(house, relay.pid)
        with _slow(sink), closing(smtplib.SMTP("127.0.0.1", house.port, timeout=60)) as client:
            answers: list[bool] = []
            under_way = threading.Thread(target=lambda: answers.append(_served(client, "stopped")))
            under_way.start()
            _until(lambda: house.rows("select 1 from vault_journalentry where state = 'intended'"))
            for pid in (relay.pid, *children):
                os.kill(pid, signal.SIGTERM)
            under_way.join(60)
        assert relay.wait(40) == 0
        assert answers == [True]
        assert _gone(children)


def test_what_is_wrong_is_said_once(house):
    """And ends it all with the code that one process would have ended with."""
    one = _refused(house, SALLYPORT_RELAY__PROCESSES="1")
    assert _refused(house, **TWO) == one
    assert one[1].count("loop_key") == 1


def _refused(house: House, **environment: str) -> tuple[int, str]:
    house.extra |= environment | {"SALLYPORT_RELAY__LOOP_KEY": str(house.folder)}
    try:
        done = house.command("relay", check=False)
    finally:
        for name in (*environment, "SALLYPORT_RELAY__LOOP_KEY"):
            del house.extra[name]
    return done.returncode, done.stderr


def test_a_port_that_is_taken(house):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", house.port))
        taken.listen()
        house.extra |= TWO
        done = house.command("relay", check=False)
        del house.extra["SALLYPORT_RELAY__PROCESSES"]
    assert done.returncode == Exit.CONFIGURATION
    assert f"cannot listen on 127.0.0.1 port {house.port}" in done.stderr


@pytest.mark.parametrize(
    "moment", ["journal.claim:after", "vault.file:after", "journal.intend:after", "hop.deliver:after"]
)
def test_a_child_killed_at(moment, house, sink, tmp_path):
    """The client's next try finds the other process, or the one that came after: nothing lost, nothing twice."""
    mail = letter(Message_ID=f"<child-{moment.replace(':', '-')}@council.example>")
    sink.received.clear()
    once = {"KILL_AT": moment, "KILL_ONCE": str(tmp_path / "once")}
    with house.relay("tests.support.killable", **once, **TWO) as relay:
        _both_up(house, relay.pid)
        assert house.submit(mail, TO).startswith("000")
        assert _until_accepted(house, mail).startswith("250")
        assert relay.poll() is None
    _nothing_lost(house, mail, sink)
    _nothing_twice(moment, sink)
    _nothing_in_the_clear(sink)


def test_guesses_at_passwords_count_for_all_processes_and_nodes(house, tmp_path):
    """Ten over four connections of two processes: then neither of them, nor another node, looks at a password."""
    files = make_certificate(tmp_path)
    (tmp_path / "users").write_text(f"scanner:{hash_password('s3cret')}\n")
    logged_in = {
        "SALLYPORT_RELAY__TLS_CERTIFICATE": str(files.certificate),
        "SALLYPORT_RELAY__TLS_KEY": str(files.key),
        "SALLYPORT_RELAY__USERS_FILE": str(tmp_path / "users"),
    }
    node = replace(house, port=free_port())
    with house.relay(**TWO, **logged_in) as relay, ExitStack() as stack:
        _both_up(house, relay.pid)
        stack.enter_context(node.relay(**logged_in))
        assert _said(node.port, files, "s3cret") == [235]
        with ThreadPoolExecutor(4) as guessing:
            tries = [guessing.submit(_said, house.port, files, *["wrong"] * times) for times in (3, 3, 2, 2)]
            assert sorted(code for each in tries for code in each.result()) == [421] * 2 + [535] * 8
        with ThreadPoolExecutor(2) as honest:
            both = [honest.submit(_said, house.port, files, "s3cret", stays=1.0) for _ in range(2)]
            assert [each.result() for each in both] == [[454], [454]]
        assert _said(node.port, files, "s3cret") == [454]
    assert house.rows("select origin, count from vault_loginfailure") == [("127.0.0.1", 10)]


def _said(port: int, files: Files, *passwords: str, stays: float = 0.0) -> list[int]:
    """The answers to these passwords, one after the other, on one connection that ``stays`` open for a while."""
    with closing(smtplib.SMTP("127.0.0.1", port, timeout=60)) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(files.ca)))
        client.ehlo()
        words = [b64encode(b"\0scanner\0" + password.encode()).decode() for password in passwords]
        codes = [client.docmd("AUTH", f"PLAIN {word}")[0] for word in words]
        time.sleep(stays)
        return codes
