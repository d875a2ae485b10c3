"""From ASGI to WSGI: what arrives, what is answered, and that a slow body costs no thread and ends in time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

import pytest

from web.buffered import Buffered

_END = {"type": "http.disconnect"}


def scope(method: str = "POST", *headers: tuple[bytes, bytes], path: bytes = b"/x", who: str = "192.0.2.1") -> Any:
    return {
        "type": "http", "method": method, "raw_path": path, "path": "?", "query_string": b"a=%20b", "scheme": "https",
        "http_version": "1.1", "server": ("127.0.0.1", "8025"), "client": (who, "5"), "headers": list(headers),
    }  # fmt: skip


class Wsgi:
    """An application that says what it was given."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        self.got.append(environ | {"body": environ["wsgi.input"].read()})
        start("201 Created", [("Content-Type", "text/plain"), ("X-A", "caf\u00e9")])
        return [b"a", b"b"]


def served(made: Buffered, asked: Any, *events: dict[str, Any]) -> list[dict[str, Any]]:
    """What is sent for one request. After its events nothing comes any more."""
    return asyncio.run(_served(made, asked, *events))


async def _served(made: Buffered, asked: Any, *events: dict[str, Any]) -> list[dict[str, Any]]:
    left, sent = list(events), list[dict[str, Any]]()

    async def receive() -> Any:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    async def send(event: Any) -> None:
        sent.append(event)

    await made(asked, receive, send)
    return sent


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.fixture
def inner() -> Wsgi:
    return Wsgi()


def buffered(inner: Any, seconds: float = 60) -> Buffered:
    return Buffered(inner, threads=1, max_body=10, seconds=seconds)


def test_a_request_arrives_whole_and_its_answer_leaves(inner):
    """Bytes that are no UTF-8 included; the same header twice is one."""
    asked = scope("POST", (b"content-length", b"4"), (b"x-r", b"\xc3\xa9"), (b"x-r", b"2"), path=b"/a%ff%2Fb")
    sent = served(buffered(inner), asked, part(b"ab", more=True), part(b"cd"))
    assert [(e["type"], e.get("status"), e.get("body")) for e in sent] == [
        ("http.response.start", 201, None), ("http.response.body", None, b"ab"),
    ]  # fmt: skip
    assert sent[0]["headers"] == [(b"Content-Type", b"text/plain"), (b"X-A", b"caf\xe9")]
    got = inner.got[0]
    names = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "wsgi.url_scheme", "CONTENT_LENGTH", "body")
    assert [got[n] for n in names] == ["POST", "/a\xff/b", "a=%20b", "192.0.2.1", "https", "4", b"abcd"]
    assert got["HTTP_X_R"] == "\xc3\xa9,2"


def test_a_header_with_an_underline_is_not_taken_for_another(inner):
    """Otherwise X_Forwarded_Proto would pass for what a proxy says."""
    served(buffered(inner), scope("GET", (b"x_forwarded_proto", b"https"), (b"x-forwarded-proto", b"http")))
    assert inner.got[0]["HTTP_X_FORWARDED_PROTO"] == "http"


@pytest.mark.parametrize("length", [b"11", b"x", b"-1", b"\xb2", b"0"])
def test_a_body_that_would_be_refused_is_not_waited_for(inner, length):
    """The application says why: it sees the length."""
    sent = served(buffered(inner), scope("POST", (b"content-length", length)))
    assert (sent[0]["status"], inner.got[0]["body"]) == (201, b"")
    assert inner.got[0]["CONTENT_LENGTH"] == length.decode("latin-1")


def test_a_body_that_does_not_end_is_408(inner):
    """And the connection ends with it; the application never sees it."""
    asked = scope("POST", (b"content-length", b"4"))
    sent = served(buffered(inner, seconds=0.05), asked, part(b"a", more=True))
    assert (sent[0]["status"], b"arrive in time" in sent[1]["body"], inner.got) == (408, True, [])
    assert (b"Connection", b"close") in sent[0]["headers"]


def test_who_hangs_up_gets_no_answer(inner):
    assert served(buffered(inner), scope("POST", (b"content-length", b"4")), part(b"a", more=True), _END) == []
    assert inner.got == []


def test_slow_bodies_hold_up_nobody(inner):
    """16 of one address, 64 in all; one more is 503; others go on, in the only thread; when they end there is room."""

    async def run() -> tuple[list[int], list[int]]:
        made = buffered(inner)
        body = (b"content-length", b"4")

        async def status(asked: Any, *events: Any) -> int:
            return int((await _served(made, asked, *events))[0]["status"])

        slow = [asyncio.create_task(status(scope("POST", body, who=f"192.0.2.{n % 4}"))) for n in range(64)]
        await asyncio.sleep(0)
        held = [await status(scope("POST", body, who=w), part(b"abcd")) for w in ("192.0.2.1", "192.0.2.9")]
        held.append(await status(scope("GET", who="192.0.2.1")))
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        return held, [await status(scope("POST", body, who="192.0.2.1"), part(b"abcd"))]

    assert asyncio.run(run()) == ([503, 503, 201], [201])


def test_one_address_alone_does_not_fill_all_places(inner):
    async def run() -> list[int]:
        made = buffered(inner)
        asked = scope("POST", (b"content-length", b"4"))
        slow = [asyncio.create_task(_served(made, asked)) for _ in range(16)]
        await asyncio.sleep(0)
        other = scope("POST", (b"content-length", b"4"), who="192.0.2.9")
        found = [(await _served(made, a, part(b"abcd")))[0]["status"] for a in (asked, other)]
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        return found

    assert asyncio.run(run()) == [503, 201]


def test_large_bodies_of_many_do_not_fill_the_memory_also_while_they_wait_for_a_thread(inner):
    """Each of another address, each sent to its end: 20 octets are all there is, and there is room again."""
    gate = threading.Event()

    def slow(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        gate.wait(20)
        return inner(environ, start)

    async def run() -> tuple[int, list[int], int]:
        made = Buffered(slow, threads=1, max_body=10, seconds=60, octets=20)

        async def status(number: int) -> int:
            asked = scope("POST", (b"content-length", b"10"), who=f"192.0.2.{number}")
            return int((await _served(made, asked, part(b"x" * 10)))[0]["status"])

        two = [asyncio.create_task(status(n)) for n in range(2)]
        await asyncio.sleep(0.05)
        third = await status(3)
        gate.set()
        return third, list(await asyncio.gather(*two)), await status(4)

    assert asyncio.run(run()) == (503, [201, 201], 201)


def test_a_long_answer_is_sent_piece_by_piece_and_closed() -> None:
    """Nothing of it waits in memory but the piece that is being sent."""
    closed: list[str] = []

    class Long:
        def __iter__(self) -> Any:
            for number in range(5):
                yield bytes([number]) * 2**20

        def close(self) -> None:
            closed.append("yes")

    def application(_environ: Any, start: Any) -> Any:
        start("200 OK", [])
        return Long()

    sent = served(Buffered(application, threads=1, max_body=10, seconds=1), scope("GET"))
    bodies = [event["body"] for event in sent[1:]]
    assert [len(b) for b in bodies] == [2**20] * 5 + [0]
    assert [event.get("more_body", False) for event in sent[1:]] == [True] * 5 + [False]
    assert b"".join(bodies)[:: 2**20] == bytes(range(5))
    assert closed == ["yes"]


def test_of_a_long_answer_that_nobody_waits_for_everything_is_closed() -> None:
    closed: list[str] = []

    class Endless:
        def __iter__(self) -> Any:
            while True:
                yield b"x" * 2**20

        def close(self) -> None:
            closed.append("yes")

    def application(_environ: Any, start: Any) -> Any:
        start("200 OK", [])
        return Endless()

    async def hung_up(event: Any) -> None:
        if event["type"] == "http.response.body":
            raise OSError("gone")

    made = Buffered(application, threads=1, max_body=10, seconds=1)
    with pytest.raises(OSError, match="gone"):
        asyncio.run(made(scope("GET"), None, hung_up))  # type: ignore[arg-type]
    assert closed == ["yes"]


def test_behind_a_known_proxy_each_caller_is_counted_by_themselves() -> None:
    """Else sixteen slow bodies of one would keep out everybody who comes by the same proxy."""
    proxy = "198.51.100.7"
    body = (b"content-length", b"4")

    async def run(forwarded: bytes, known: bool) -> int:
        made = Buffered(Wsgi(), threads=1, max_body=10, seconds=5, proxies=(ip_network(proxy),) if known else ())
        slow = [
            asyncio.create_task(_served(made, scope("POST", body, (b"x-forwarded-for", b"203.0.113.1"), who=proxy)))
            for _ in range(16)
        ]
        await asyncio.sleep(0)
        other = scope("POST", body, (b"x-forwarded-for", forwarded), who=proxy)
        sent = await _served(made, other, part(b"abcd"))
        for task in slow:
            task.cancel()
        return int(sent[0]["status"])

    assert asyncio.run(run(b"203.0.113.1", known=True)) == 503, "the slow one themselves"
    assert asyncio.run(run(b"203.0.113.1, 203.0.113.2", known=True)) == 201, "somebody else"
    assert asyncio.run(run(b"203.0.113.2", known=False)) == 503, "a stranger may not say who they are"
