"""The HTTP line to an S3 server, by libcurl, on which nothing waits longer than it is told to.

A request may take ``whole`` seconds from its first octet to the last of its reply, and no step of it longer than
``read`` seconds in which nothing happens. minio's own line (urllib3) gives a body no more time than connecting (2 s,
in which a large mail does not get over a slow line), and a reply any time at all so long as an octet comes now and
then; and it costs four times as much of the processor (``docs/adr/0010-filing.md``).

Nothing is sent twice: libcurl tries again by itself when a kept connection turns out to be dead, but not without
beginning the body anew, which is refused here (``s3.py`` says why). No redirects, no proxies, no HTTP/2.

Failure: as ``connection.py``.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pycurl
from urllib3 import HTTPHeaderDict, PoolManager

from vault.objects.connection import Connection

_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds: to connect; in which nothing happens; for a request and its reply."""

    connect: float
    read: float
    whole: float


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs requests to S3, by AWS Signature Version 4."""

    region: str
    access_key: str
    secret_key: str = field(repr=False)

    def options(self) -> dict[int, Any]:
        """As libcurl names them."""
        return {
            pycurl.AWS_SIGV4: f"aws:amz:{self.region}:s3",
            pycurl.USERNAME: self.access_key,
            pycurl.PASSWORD: self.secret_key,
        }


class Line(PoolManager):
    """minio's ``http_client``, which has to be of this class. Safe for threads: each request has its own connection."""

    def __init__(self, bounds: Bounds, *, ca_file: Path | None = None, signer: Signer | None = None) -> None:
        """A server's certificate is checked against ``ca_file`` or the system's authorities.

        With a ``signer`` libcurl signs each request by itself.
        """
        super().__init__()
        self._bounds = bounds
        self._options = {
            **_trusted(ca_file),
            **(signer.options() if signer else {}),
            pycurl.NOSIGNAL: 1,
            pycurl.PROXY: "",
            pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
            pycurl.CONNECTTIMEOUT_MS: int(bounds.connect * 1000),
            pycurl.TIMEOUT_MS: int(bounds.whole * 1000),
            pycurl.BUFFERSIZE: _PIECE,
            pycurl.UPLOAD_BUFFERSIZE: _PIECE,
        }
        self._lock = threading.Lock()
        self._kept: list[Connection] = []

    def urlopen(  # type: ignore[override]  # as minio calls it
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        preload_content: bool = True,
    ) -> Reply:
        """The reply once its headers are there; with ``preload_content`` all of it."""
        lines = [f"{name}: {value}" for name, value in (headers or {}).items()]
        return self.ask(method, url, body, lines, preload_content=preload_content)

    def ask(
        self, method: str, url: str, body: bytes | None, headers: Sequence[str], *, preload_content: bool = True
    ) -> Reply:
        """The same; ``headers`` are whole lines."""
        with self._lock:
            connection = self._kept.pop() if self._kept else Connection(self._options, self._bounds.read)
        reply = Reply(self, connection)
        try:
            connection.begin(method, url, body, headers)
            while not (connection.over or connection.pieces):
                connection.step()
            reply.begun()
            if preload_content:
                reply.read()
        except BaseException:
            reply.close()
            raise
        return reply

    def keep(self, connection: Connection) -> None:
        """For the next request."""
        with self._lock:
            self._kept.append(connection)

    def clear(self) -> None:
        """Close all that nobody is using."""
        with self._lock:
            kept, self._kept = self._kept, []
        for connection in kept:
            connection.close()


class Reply:
    """As much of urllib3's responses as minio and we use."""

    reason = ""

    def __init__(self, line: Line, connection: Connection) -> None:
        self._line = line
        self._connection: Connection | None = connection
        self._data: bytes | None = None
        self.status = 0
        self._fields: list[list[str]] = []

    def begun(self) -> None:
        """The headers are there."""
        self.status, lines = self._mine().head()
        self._fields = [line.decode("latin-1").split(":", 1) for line in lines if b":" in line]

    @property
    def headers(self) -> HTTPHeaderDict:
        """As minio wants them: any case, several of a name. Made when asked for, as that takes a while."""
        return HTTPHeaderDict((name, value.strip()) for name, value in self._fields)

    @property
    def fields(self) -> dict[str, str]:
        """By their names in small letters; of several the last."""
        return {name.lower(): value.strip() for name, value in self._fields}

    @property
    def data(self) -> bytes:
        """The whole body."""
        return self.read()

    def read(self, **_: object) -> bytes:
        """The same; kept, so that it may be asked for again."""
        if self._data is None:
            self._data = b"".join(self.stream())
        return self._data

    def stream(self, _size: int = _PIECE) -> Iterator[bytes]:
        """The body in pieces of at most 64 KB, as it comes."""
        connection = self._mine()
        while connection.pieces or not connection.over:
            if connection.pieces:
                yield connection.pieces.popleft()
            else:
                connection.step()
        self._leave()

    def release_conn(self) -> None:
        """Nobody reads on."""
        self.close()

    def close(self) -> None:
        """What is still to come is not wanted."""
        if self._connection is not None:
            self._connection.abandon()
            self._leave()

    def _mine(self) -> Connection:
        if self._connection is None:
            raise ValueError("the reply was given back")
        return self._connection

    def _leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._line.keep(connection)


def _trusted(ca_file: Path | None) -> dict[int, Any]:
    """Named, for libcurl's own package has another system's paths in it."""
    if ca_file:
        return {pycurl.CAINFO: str(ca_file)}
    usual = ssl.get_default_verify_paths()
    found = {pycurl.CAINFO: usual.cafile, pycurl.CAPATH: usual.capath}
    return {option: path for option, path in found.items() if path}
