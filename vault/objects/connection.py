"""One connection to a server by libcurl, driven by its own sockets and timer (``multi_socket``).

So we know when nothing happens, and stop reading where nobody wants more yet. One request at a time.

Failure: ``TimeoutError`` when the time is up, ``ssl.SSLError`` for a certificate that is not trusted, else
``ConnectionError``.
"""

from __future__ import annotations

import select
import ssl
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import pycurl

_KINDS: dict[int, type[OSError]] = {
    pycurl.E_OPERATION_TIMEDOUT: TimeoutError,
    pycurl.E_PEER_FAILED_VERIFICATION: ssl.SSLError,
    pycurl.E_SSL_CACERT_BADFILE: ssl.SSLError,
    pycurl.E_SSL_CONNECT_ERROR: ssl.SSLError,
}


class Connection:
    """A socket that is kept from request to request, and libcurl's handles for it: one a kind, set up once.

    ``patience`` is how many seconds nothing may happen. ``over`` is whether there is more to come, ``pieces`` what has
    come of the body and was not taken yet, ``fields`` the lines of all headers.
    """

    def __init__(self, options: Mapping[int, Any], patience: float) -> None:
        self._options, self._patience = options, patience
        self._multi = pycurl.CurlMulti()
        self._handles: dict[tuple[str, bool], Any] = {}
        self._curl: Any = None
        self._rest = memoryview(b"")
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._sockets = select.poll()
        self._due: float | None = None
        self.over = True
        self.fields: list[bytes] = []
        self.pieces: deque[bytes] = deque()

    def begin(self, method: str, url: str, body: bytes | None, headers: Sequence[str]) -> None:
        """The clock starts. ``headers`` are whole lines without their ends."""
        sends = body is not None or method == "PUT"
        curl = self._curl = self._handles.get((method, sends)) or self._made(method, sends=sends)
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.HTTPHEADER, [*headers, "Expect:"])
        if sends:
            self._rest = memoryview(body or b"")
            curl.setopt(pycurl.INFILESIZE_LARGE, len(self._rest))
        self.over = False
        self.fields.clear()
        self._multi.add_handle(curl)

    def _made(self, method: str, *, sends: bool) -> Any:
        curl = self._handles[method, sends] = pycurl.Curl()
        for option, value in self._options.items():
            curl.setopt(option, value)
        curl.setopt(pycurl.HEADERFUNCTION, self.fields.append)
        curl.setopt(pycurl.WRITEFUNCTION, self.pieces.append)
        if method == "HEAD":
            curl.setopt(pycurl.NOBODY, 1)
        if sends:
            curl.setopt(pycurl.UPLOAD, 1)
            curl.setopt(pycurl.READFUNCTION, self._send)
        if method not in {"GET", "HEAD", "PUT"}:
            curl.setopt(pycurl.CUSTOMREQUEST, method)
        return curl

    def _send(self, size: int) -> bytes:
        """Once: without a way back to the body's beginning, libcurl cannot send it again."""
        piece, self._rest = self._rest[:size], self._rest[size:]
        return bytes(piece)

    def step(self) -> None:
        """Wait until the server can be read from or written to, and do it."""
        quiet = time.monotonic() + self._patience
        while not self.over:
            now = time.monotonic()
            if self._due is not None and self._due <= now:
                self._due = None
                self._act(pycurl.SOCKET_TIMEOUT, 0)
            elif now >= quiet:
                raise TimeoutError("the server is silent")
            elif ready := self._sockets.poll((min(self._due or quiet, quiet) - now) * 1000):
                for socket, event in ready:
                    self._act(socket, _meaning(event))
                return

    def _act(self, socket: int, event: int) -> None:
        self._multi.socket_action(socket, event)
        _, done, failed = self._multi.info_read()
        if done or failed:
            self._end()
        for _, code, text in failed:
            raise _KINDS.get(code, ConnectionError)(f"{text} ({code})")

    def _end(self) -> None:
        self._multi.remove_handle(self._curl)
        self._rest = memoryview(b"")
        self.over = True

    def head(self) -> tuple[int, list[bytes]]:
        """Status and fields of the true reply, behind any "100 Continue"; once its body comes, or it is over."""
        start = max((n for n, line in enumerate(self.fields) if line.startswith(b"HTTP/")), default=0)
        status, *fields = self.fields[start:]
        return int(status.split()[1]), fields

    def abandon(self) -> None:
        """Forget the request, and the socket with it if there was more to come."""
        if not self.over:
            self._end()
        self.pieces.clear()

    def close(self) -> None:
        """Gone."""
        self._multi.close()
        for curl in self._handles.values():
            curl.close()

    # What libcurl calls

    def _watch(self, event: int, socket: int, *_: object) -> None:
        if event == pycurl.POLL_REMOVE:
            self._sockets.unregister(socket)
        else:
            reads = select.POLLIN if event in {pycurl.POLL_IN, pycurl.POLL_INOUT} else 0
            writes = select.POLLOUT if event in {pycurl.POLL_OUT, pycurl.POLL_INOUT} else 0
            self._sockets.register(socket, reads | writes)

    def _set_timer(self, milliseconds: int) -> None:
        self._due = None if milliseconds < 0 else time.monotonic() + milliseconds / 1000


def _meaning(event: int) -> int:
    """Poll's words in libcurl's."""
    reads = pycurl.CSELECT_IN if event & (select.POLLIN | select.POLLHUP) else 0
    writes = pycurl.CSELECT_OUT if event & select.POLLOUT else 0
    return reads | writes | (pycurl.CSELECT_ERR if event & (select.POLLERR | select.POLLNVAL) else 0)
