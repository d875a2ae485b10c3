"""Between the web server (ASGI) and Django (WSGI): a body is read whole, in a limited time, before a thread is taken.

Trust: anybody may connect here. Whoever sends slowly costs memory of at most one body and no thread, until the time is
over (408) or too many do the same (503). That is what a buffering proxy would do, so that none is needed for it.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network, IPv6Network
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication

import structlog

from web.api import problems
from web.callers import is_proxy, told_by

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Scope]]
_Send = Callable[[_Scope], Awaitable[None]]
_log = structlog.get_logger("web")
_MOST_UNFINISHED, _MOST_OF_ONE = 64, 16
_MOST_OCTETS = 256 * 2**20
_LONGEST_NUMBER = 18
_AT_ONCE = 2**20
"""Octets of an answer that are in memory at once, unless the application makes larger pieces."""


class _Answer(NamedTuple):
    """``body`` is all of it, or its beginning: then ``rest`` goes on, and has to be closed."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    rest: Iterator[bytes] | None = None
    close: Callable[[], object] | None = None


class _GoneError(Exception):
    """The caller has hung up."""


class Buffered:
    """An ASGI 3 application that runs a WSGI one in ``threads`` threads.

    Bodies have at most ``max_body`` bytes; longer ones, and those that do not say how long they are, are not read: the
    application sees the headers, and refuses. ``seconds`` are for a whole body. One address may have 16 unfinished ones
    at a time, all together 64; behind one of ``proxies`` it is the address that the proxy has added. Bodies in memory,
    those that wait for a thread too, have ``octets`` together; what is more is refused (503): nobody has to have signed
    in to send a large one.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        threads: int,
        max_body: int,
        seconds: float,
        octets: int = _MOST_OCTETS,
        proxies: Collection[IPv4Network | IPv6Network] = (),
    ) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="web")
        self._max_body = max_body
        self._seconds = seconds
        self._proxies = proxies
        self._most_octets, self._octets = max(max_body, octets), 0
        self._unfinished: Counter[str] = Counter()  # touched by the event loop alone

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """One request (ASGI ``http``); other kinds are not served."""
        if scope["type"] != "http":
            return
        try:
            answer = await self._answer(scope, receive)
        except _GoneError:
            return
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if answer.rest is None:
            await send({"type": "http.response.body", "body": answer.body})
        else:
            await self._go_on(answer, send)

    async def _go_on(self, answer: _Answer, send: _Send) -> None:
        """A long answer, piece by piece: a thread makes each, and none waits for whoever reads slowly."""
        run = asyncio.get_running_loop().run_in_executor
        piece = answer.body
        try:
            while piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await run(self._threads, _piece, answer.rest)
            await send({"type": "http.response.body", "body": b""})
        finally:
            await run(self._threads, answer.close or bool)

    async def _answer(self, scope: _Scope, receive: _Receive) -> _Answer:
        headers = _headers(scope)
        said, caller = headers.get("CONTENT_LENGTH", ""), str((scope.get("client") or ("",))[0])
        length = int(said) if said.isascii() and said.isdigit() and len(said) <= _LONGEST_NUMBER else 0
        if not 0 < length <= self._max_body:
            return await self._ask(_environ(scope, headers, caller, b""))
        whoever = self._whoever(caller, headers)
        if self._is_full(whoever, length):
            return _refusal(503, "Too many requests have not been sent to their end; try again.")
        self._octets += length
        try:
            body = await self._in_time(whoever, receive)
            if body is None:
                return _refusal(408, "The body did not arrive in time.")
            return await self._ask(_environ(scope, headers, caller, body))
        finally:
            self._octets -= length

    def _whoever(self, caller: str, headers: dict[str, str]) -> str:
        """Who is counted: else the slow ones behind a proxy would use up the places of everybody there."""
        told = told_by(headers.get("HTTP_X_FORWARDED_FOR", "")) if is_proxy(caller, self._proxies) else ""
        return told or caller

    def _is_full(self, caller: str, length: int) -> bool:
        many = self._unfinished[caller] >= _MOST_OF_ONE or self._unfinished.total() >= _MOST_UNFINISHED
        return many or self._octets + length > self._most_octets

    async def _ask(self, environ: dict[str, Any]) -> _Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, environ)

    async def _in_time(self, caller: str, receive: _Receive) -> bytes | None:
        try:
            return await self._read(caller, receive)
        except TimeoutError:
            return None

    async def _read(self, caller: str, receive: _Receive) -> bytes:
        """The web server sees to it that it is as long as it says. Raises ``TimeoutError``."""
        self._unfinished[caller] += 1
        try:
            parts, more = list[bytes](), True
            async with asyncio.timeout(self._seconds):
                while more:
                    event = await receive()
                    if event["type"] != "http.request":
                        raise _GoneError
                    parts.append(event.get("body", b""))
                    more = event.get("more_body", False)
            return b"".join(parts)
        finally:
            self._unfinished[caller] -= 1
            if not self._unfinished[caller]:
                del self._unfinished[caller]

    def _run(self, environ: dict[str, Any]) -> _Answer:
        said: list[tuple[int, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _error: object = None, /) -> Callable[[bytes], object]:
            said[:] = [(int(status.partition(" ")[0]), headers)]
            return _no_writing

        made = self._application(environ, start)
        parts, close, whole = iter(made), getattr(made, "close", None), True
        try:
            body = _piece(parts)
            whole = len(body) < _AT_ONCE
            return _Answer(*said[0], body) if whole else _Answer(*said[0], body, parts, close)
        finally:
            if whole and close is not None:
                close()


def _piece(parts: Iterator[bytes] | None) -> bytes:
    """The next of them, as many as make some size; empty at the end."""
    found, size = list[bytes](), 0
    for part in parts or ():
        found.append(part)
        size += len(part)
        if size >= _AT_ONCE:
            break
    return b"".join(found)


def _no_writing(_: bytes) -> object:
    """Django never does, and PEP 3333 keeps it for what is older than itself."""
    raise NotImplementedError


def _refusal(status: int, detail: str) -> _Answer:
    """The connection ends with it: what follows on it would be the rest of the body."""
    _log.info("body refused", status=status)
    made = problems.answer(status, detail, {"Connection": "close", "Retry-After": "5"})
    return _Answer(status, list(made.items()), made.content)


def _headers(scope: _Scope) -> dict[str, str]:
    """As CGI names them. One with an underline could pass for one with a hyphen, and is left out."""
    found: dict[str, str] = {}
    for raw, value in scope["headers"]:
        if b"_" in raw:
            continue
        name = raw.decode("latin-1").upper().replace("-", "_")
        name = name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{name}"
        text = value.decode("latin-1")
        joint = "; " if name == "HTTP_COOKIE" else ","
        found[name] = f"{found[name]}{joint}{text}" if name in found else text
    return found


def _environ(scope: _Scope, headers: dict[str, str], caller: str, body: bytes) -> dict[str, Any]:
    """PEP 3333: text is bytes as Latin-1; the path without its percent signs."""
    host, port = scope.get("server") or ("localhost", 0)
    path = scope.get("raw_path") or scope["path"].encode()
    return headers | {
        "REQUEST_METHOD": scope["method"], "SCRIPT_NAME": "", "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"), "REMOTE_ADDR": caller, "SERVER_NAME": str(host),
        "SERVER_PORT": str(port), "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0), "wsgi.url_scheme": scope["scheme"], "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
