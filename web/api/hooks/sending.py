"""One POST to one receiver: TLS with a checked name, no redirects, no proxy, a time limit; no answer's body is read."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from web.api.hooks.address import Networks, look_up, usable
from web.api.hooks.deadline import Attempt, within


class Post(Protocol):
    """How something is sent."""

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status that was answered. Raises ``OSError`` where nobody answers."""


class HttpPost:
    """Implements :class:`Post`. ``ca_file`` adds authorities, such as the council's own.

    ``networks`` may be told besides the open internet. ``seconds`` are for everything together: name, connection, TLS,
    request and answer.
    """

    def __init__(self, ca_file: Path | None, networks: Networks = (), seconds: float = 10) -> None:
        self._context = ssl.create_default_context()
        if ca_file is not None:
            self._context.load_verify_locations(ca_file)
        self._networks = networks
        self._seconds = seconds

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """See the port. An address that may not be told is refused here again."""
        parts = urlsplit(url)
        if not usable(parts, self._networks):
            raise ConnectionRefusedError("not an address that may be told")
        return within(self._seconds, lambda attempt: self._post(attempt, parts, body, headers))

    def _post(self, attempt: Attempt, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> int:
        secure, host = parts.scheme == "https", parts.hostname or ""
        port = parts.port or (443 if secure else 80)
        connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(host, port)
        try:
            connection.sock = self._connected(attempt, host, port, secure=secure)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, {"Content-Type": "application/json", **headers})
            return connection.getresponse().status
        except (http.client.HTTPException, ValueError) as error:
            raise ConnectionError(type(error).__name__) from error
        finally:
            connection.close()

    def _connected(self, attempt: Attempt, host: str, port: int, *, secure: bool) -> socket.socket:
        """To the first address that answers, of those that were judged: no name is looked up a second time."""
        failed: OSError = ConnectionRefusedError("no address")
        for address in look_up(host, port, self._networks):
            plain = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6)  # noqa: PLR2004 - IPv4
            try:
                attempt.hold(plain)
                plain.connect((str(address), port))
                return self._wrapped(attempt, plain, host) if secure else plain
            except OSError as error:
                plain.close()
                failed = error
        raise failed

    def _wrapped(self, attempt: Attempt, plain: socket.socket, host: str) -> socket.socket:
        """With TLS, for the name that was asked for."""
        made = self._context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        try:
            attempt.hold(made)
            made.do_handshake()
        except OSError:
            made.close()
            raise
        return made
