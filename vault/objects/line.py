"""The HTTP line to an S3 server, on which nothing waits longer than it is told to.

urllib3 allows a whole body no more time than connecting (2 s, in which a large mail does not get over a slow line), and
a reply any time at all so long as an octet comes now and then. Here a request may take ``whole`` seconds from its
first octet to the last of its reply, and no step of it longer than ``read`` seconds in which nothing happens.

Failure: urllib3's and the system's errors, as from urllib3 itself. No retries (``s3.py`` says why).
"""

from __future__ import annotations

import io
import socket
import time
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_PIECE = 1 << 18


def pool(
    *, connect: float, read: float, whole: float, threads: int, secure: bool, ca_file: Path | None
) -> urllib3.PoolManager:
    """Seconds each. ``secure`` checks the server's certificate, against ``ca_file`` or the usual authorities."""
    certificates: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED"}
    if ca_file:
        certificates["ca_certs"] = str(ca_file)
    manager = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=connect, read=read),
        retries=False,
        maxsize=threads,
        **(certificates if secure else {}),
    )

    class Plain(_Bounded, HTTPConnection):  # type: ignore[misc]  # a method where http.client has a class
        bounds = (read, whole)

    class Secure(_Bounded, HTTPSConnection):  # type: ignore[misc]
        bounds = (read, whole)

    manager.pool_classes_by_scheme = {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain}),
        "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure}),
    }
    return manager


class _Bounded:
    """Mixed into urllib3's connections."""

    bounds: tuple[float, float]
    sock: Any
    _until = 0.0

    def request(self, *args: Any, **kwargs: Any) -> None:
        """The clock starts."""
        self._until = time.monotonic() + self.bounds[1]
        super().request(*args, **kwargs)  # type: ignore[misc]

    def send(self, data: Any) -> None:
        """Piece by piece, each with a time of its own."""
        if not isinstance(data, bytes):
            super().send(data)  # type: ignore[misc]
            return
        view = memoryview(data)
        while view:
            if self.sock is not None:  # else this piece connects, under the time for that
                self.sock.settimeout(_allowed(self.bounds[0], self._until))
            super().send(view[:_PIECE])  # type: ignore[misc]
            view = view[_PIECE:]

    def response_class(self, sock: socket.socket, *args: Any, **kwargs: Any) -> HTTPResponse:
        """What ``http.client`` makes its replies of."""
        response = HTTPResponse(sock, *args, **kwargs)
        response.fp.close()
        raw: Any = sock.makefile("rb", buffering=0)
        response.fp = io.BufferedReader(_Timely(raw, sock, self.bounds[0], self._until))
        return response


class _Timely(io.RawIOBase):
    """Reads from a socket for as long as the request may take."""

    def __init__(self, raw: Any, sock: socket.socket, read: float, until: float) -> None:
        self._raw, self._sock, self._read, self._until = raw, sock, read, until

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """At most what there is; ``TimeoutError`` when the time is up."""
        self._sock.settimeout(_allowed(self._read, self._until))
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        """The socket's file too."""
        self._raw.close()
        super().close()


def _allowed(step: float, until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the request took too long")
    return min(step, left)
