"""Two relay processes, a worker and what they show: counted together, also when one is killed; ready or not."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from cli.exits import Exit
from tests.functional.test_processes import TWO, _both_up, _plain
from tests.support.house import CARER, COLLEAGUE, NO_KEY, House, free_port, letter
from tests.support.sink import Sink


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    with Sink() as sink:
        yield House(tmp_path_factory.mktemp("watching"), sink.port).set_up()


def _get(port: int, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def _number(text: str, series: str) -> float:
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_the_processes_of_a_relay_count_together(house) -> None:
    """Whichever of them answers, and also what one had counted that is dead; its connections count no more."""
    port = free_port()
    with house.relay(**TWO, SALLYPORT_WATCH__RELAY=str(port)) as relay:
        children = _both_up(house, relay.pid)
        assert house.submit(letter(), (CARER,)).startswith("250")
        assert house.submit(letter(Message_ID="<two@c>"), (NO_KEY,)).startswith("250")
        assert house.submit(_plain("rota"), (COLLEAGUE,)).startswith("250")
        os.kill(children[0], signal.SIGKILL)
        _both_up(house, relay.pid, 3)
        assert house.submit(_plain("rota-2"), (COLLEAGUE,)).startswith("250")
        time.sleep(0.3)  # the last of them is counted after it was answered
        for _ in range(4):
            status, text = _get(port, "/metrics")
            assert status == 200
            assert _number(text, 'sallyport_message_seconds_count{reply="250"}') == 4
            assert _number(text, 'sallyport_outcomes_total{fate="delivered"}') == 3
            assert _number(text, 'sallyport_outcomes_total{fate="held"}') == 1
            assert _number(text, "sallyport_connections") == 0
        assert re.search(r'decisions_total\{action="encrypt",method="OpenPGP",rule="[a-z-]+"\} 1\.0', text)
        for step in ("parse", "classify", "identify", "decide", "file", "record", "deliver"):
            assert _number(text, f'sallyport_step_seconds_count{{step="{step}"}}') >= 4, step
        assert _number(text, 'sallyport_step_seconds_count{step="protect"}') == 1
        assert _get(port, "/health/live") == (200, "alive\n")
        assert _get(port, "/health/ready") == (200, "ready\n")
        assert _get(port, "/secret")[0] == 404
    with pytest.raises(URLError):
        _get(port, "/health/live")


def test_a_relay_whose_database_is_gone_is_alive_and_not_ready(house) -> None:
    """A load balancer sends it nothing, and nobody restarts it for nothing."""
    port = free_port()
    with house.relay(SALLYPORT_WATCH__RELAY=str(port)):
        tables = house.home / "var" / "sallyport.sqlite3"
        away = tables.rename(tables.with_suffix(".away"))
        tables.mkdir()
        try:
            assert _get(port, "/health/ready") == (503, "the database does not answer\n")
            assert _get(port, "/health/live")[0] == 200
        finally:
            tables.rmdir()
            away.rename(tables)
        assert _get(port, "/health/ready")[0] == 200


def test_a_port_that_is_taken_is_said_in_a_sentence(house) -> None:
    port = free_port()
    with house.relay(SALLYPORT_WATCH__RELAY=str(port)):
        taken = house.extra | {"SALLYPORT_WATCH__RELAY": str(house.port), "SALLYPORT_RELAY__PORT": str(free_port())}
        other = House(house.folder, house.hop_port, extra=taken, port=free_port())
        done = other.command("relay", check=False)
    assert done.returncode == Exit.CONFIGURATION
    assert f"Metrics cannot be served at 127.0.0.1 port {house.port}" in done.stderr
