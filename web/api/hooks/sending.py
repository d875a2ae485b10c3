"""One POST to one receiver: TLS with a checked name, no redirects, no proxy, a time limit; no answer's body is read."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from web.api.hooks.address import usable


class Post(Protocol):
    """How something is sent."""

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status that was answered. Raises ``OSError`` where nobody answers."""


class HttpPost:
    """Implements :class:`Post`. ``ca_file`` adds authorities, such as the council's own."""

    def __init__(self, ca_file: Path | None, timeout_seconds: float = 10) -> None:
        self._context = ssl.create_default_context()
        if ca_file is not None:
            self._context.load_verify_locations(ca_file)
        self._timeout = timeout_seconds

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """See the port. An address that may not be told is refused here again."""
        parts = urlsplit(url)
        if not usable(parts) or parts.hostname is None:
            raise ConnectionRefusedError("not an address that may be told")
        connection = self._connection(parts.scheme, parts.hostname, parts.port)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, {"Content-Type": "application/json", **headers})
            return connection.getresponse().status
        except (http.client.HTTPException, ValueError) as error:
            raise ConnectionError(type(error).__name__) from error
        finally:
            connection.close()

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=self._context)
        return http.client.HTTPConnection(host, port, timeout=self._timeout)
