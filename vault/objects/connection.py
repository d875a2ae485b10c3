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
from collections.abc import Mapping
from typing import Any

import pycurl

_KINDS: dict[int, type[OSError]] = {
    pycurl.E_OPERATION_TIMEDOUT: TimeoutError,
    pycurl.E_PEER_FAILED_VERIFICATION: ssl.SSLError,
    pycurl.E_SSL_CACERT_BADFILE: ssl.SSLError,
    pycurl.E_SSL_CONNECT_ERROR: ssl.SSLError,
}


class Connection:
    """A libcurl handle; the socket in it is kept from request to request.

    ``patience`` is how many seconds nothing may happen. ``over`` is whether there is more to come, ``pieces`` what has
    come of the body and was not taken yet, ``fields`` the lines of the header.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._curl, self._multi = pycurl.Curl(), pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._sockets = select.poll()
        self._due: float | None = None
        self.over = True
        self.status = 0
        self.fields: list[bytes] = []
        self.pieces: deque[bytes] = deque()

    def begin(
        self, options: Mapping[int, Any], method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> None:
        """The clock starts."""
        curl = self._curl
        curl.reset()
        for option, value in options.items():
            curl.setopt(option, value)
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.HTTPHEADER, [*(f"{name}: {value}" for name, value in headers.items()), "Expect:"])
        curl.setopt(pycurl.HEADERFUNCTION, self._field)
        curl.setopt(pycurl.WRITEFUNCTION, self.pieces.append)
        if method == "HEAD":
            curl.setopt(pycurl.NOBODY, 1)
        elif body is not None or method == "PUT":
            self._send(body or b"")
        if method not in {"GET", "HEAD", "PUT"}:
            curl.setopt(pycurl.CUSTOMREQUEST, method)
        self.status, self.over = 0, False
        self.fields.clear()
        self._multi.add_handle(curl)

    def _send(self, body: bytes) -> None:
        """Once: without a way back to its beginning, libcurl cannot send it again."""
        rest = memoryview(body)

        def read(size: int) -> bytes:
            nonlocal rest
            piece, rest = rest[:size], rest[size:]
            return bytes(piece)

        self._curl.setopt(pycurl.UPLOAD, 1)
        self._curl.setopt(pycurl.INFILESIZE_LARGE, len(body))
        self._curl.setopt(pycurl.READFUNCTION, read)

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
        self.status = self._curl.getinfo(pycurl.RESPONSE_CODE)
        self._multi.remove_handle(self._curl)
        self.over = True

    def abandon(self) -> None:
        """Forget the request, and the socket with it if there was more to come."""
        if not self.over:
            self._end()
        self.pieces.clear()

    def close(self) -> None:
        """Gone."""
        self._multi.close()
        self._curl.close()

    # What libcurl calls

    def _field(self, line: bytes) -> None:
        if line.startswith(b"HTTP/"):  # the true reply begins, behind any "100 Continue"
            self.fields.clear()
            self.status = int(line.split()[1])
        self.fields.append(line)

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
