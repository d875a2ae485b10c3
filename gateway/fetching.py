"""Fetches small files over HTTP for what keys and partners need: lists of revocations, policies, keys.

Input: an address that the settings name, or that a standard builds from a domain; what answers is anybody. Failure:
``FetchFailed``. No redirect is followed (RFC 8461 section 3.3), size and time are bounded, and TLS is always verified.
"""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from gateway.smtp.tls import client_context

_CHUNK = 16 << 10
_FINE = range(200, 201)
_TAKEN = range(200, 300)
"""What was posted may be answered "created" or "accepted" as well."""


class FetchFailed(Exception):
    """Nothing that can be used came back. ``str`` is a private reason without what the other end said."""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """``seconds`` for the whole, ``octets`` at most. ``ca_file``: authorities instead of the system's.

    ``port`` and ``address`` say where every host is, whatever its name says: for tests on the loopback.
    """

    seconds: float = 30.0
    octets: int = 10 << 20
    ca_file: Path | None = None
    address: str = ""
    port: int = 0
    https_only: bool = field(default=False)

    def get(self, url: str) -> tuple[bytes, str]:
        """The content and its media type (lower case, without parameters). Raises ``FetchFailed``."""
        return self._ask("GET", url, None, {})

    def post(self, url: str, body: bytes, media_type: str) -> tuple[bytes, str]:
        """As ``get``."""
        return self._ask("POST", url, body, {"Content-Type": media_type})

    def _ask(self, method: str, url: str, body: bytes | None, fields: dict[str, str]) -> tuple[bytes, str]:
        deadline = monotonic() + self.seconds
        try:
            parts = urlsplit(url)
            connection = self._connection(parts.scheme, parts.hostname or "", parts.port)
        except (ValueError, UnicodeError) as error:
            raise FetchFailed("the address cannot be used") from error
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, target, body, {"User-Agent": "Sallyport", **fields})
            answer = connection.getresponse()
            if answer.status not in (_FINE if body is None else _TAKEN):
                raise FetchFailed(f"status {answer.status}")
            return self._read(answer, deadline), answer.headers.get_content_type()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchFailed(type(error).__name__) from error
        finally:
            connection.close()

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if not host or scheme not in ({"https"} if self.https_only else {"http", "https"}):
            raise ValueError("not an address on the web")
        if scheme == "http":
            return http.client.HTTPConnection(self.address or host, self.port or port, timeout=self.seconds)
        context = client_context(verified=True, ca_file=self.ca_file)
        return _Named(host, self.address or host, self.port or port or 443, self.seconds, context)

    def _read(self, answer: http.client.HTTPResponse, deadline: float) -> bytes:
        pieces: list[bytes] = []
        total = 0
        while piece := answer.read1(_CHUNK):
            total += len(piece)
            if total > self.octets:
                raise FetchFailed("it is too large")
            if monotonic() > deadline:
                raise FetchFailed("it takes too long")
            pieces.append(piece)
        return b"".join(pieces)


class _Named(http.client.HTTPSConnection):
    """To ``address``, but the certificate must be ``host``'s."""

    def __init__(self, host: str, address: str, port: int, seconds: float, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=seconds, context=context)
        self._address, self._tls = address, context

    def connect(self) -> None:
        """As the library does, with the two names apart."""
        plain = http.client.HTTPConnection(self._address, self.port, timeout=self.timeout)
        plain.connect()
        self.sock = self._tls.wrap_socket(plain.sock, server_hostname=self.host)
