"""A proxy that does to S3 requests what networks and servers do: loses, cuts, delays, throttles, damages, refuses.

For HTTP/1.1 with requests that begin in a piece of their own, one at a time on a line.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

FAULTS = ("request", "reply", "cut", "503", "507", "hang", "damage", "trickle")
"""What ``lose`` may be. ``request`` and ``reply`` are lost with their line, ``cut`` breaks in the middle of the body,
``503`` and ``507`` answer in the server's place, ``hang`` swallows the request, ``damage`` changes the body's last
octet, ``trickle`` lets the reply through an octet at a time."""

_REFUSAL = (
    '<?xml version="1.0"?><Error><Code>{code}</Code><Message>m</Message><Resource>r</Resource>'
    "<RequestId>i</RequestId><HostId>h</HostId></Error>"
)
_CODES = {"503": "SlowDown", "507": "InsufficientStorage"}


class FlakyProxy:
    """Between a client and ``upstream`` (host:port). ``lose`` names what happens to the next ``times`` requests.

    Requests are those that begin with ``method``. ``rate`` is octets a second on the way there, 0 for no limit.
    ``dice``, if it is there, is asked for the fault of each request instead; ``down`` hangs up on everybody.
    """

    def __init__(self, upstream: str) -> None:
        host, _, port = upstream.rpartition(":")
        self._upstream = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.lose = ""
        self.times = 0
        self.method = "PUT"
        self.rate = 0
        self.puts = 0
        self.seen: list[str] = []
        self.dice: Callable[[], str] | None = None
        self.down = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.close()

    def next(self, fault: str, times: int = 1, method: str = "PUT") -> None:
        """From now on."""
        assert fault in FAULTS
        self.lose, self.method, self.times = fault, method, times

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        if self.down:
            client.close()
            return
        with suppress(OSError), client, socket.create_connection(self._upstream) as server:
            line = _Line(client, server)
            threading.Thread(target=line.back, daemon=True).start()
            while data := client.recv(65536):
                fault = self._fault_of(data)
                if fault and not line.strike(fault):
                    return
                if line.fault == "damage" and line.ends_with(data):
                    data = data[:-1] + bytes([data[-1] ^ 1])
                server.sendall(data)
                if line.fault == "cut":
                    line.shut()
                    return
                if self.rate:
                    time.sleep(len(data) / self.rate)

    def _fault_of(self, data: bytes) -> str:
        """The fault of the request that begins here, if one does."""
        verb = data.split(b" ", 1)[0]
        if verb not in {b"PUT", b"GET", b"HEAD", b"POST", b"DELETE"}:
            return ""
        self.seen.append(verb.decode())
        self.puts += verb == b"PUT"
        if self.dice:
            return self.dice()
        if not self.times or not data.startswith(self.method.encode()):
            return ""
        self.times -= 1
        return self.lose


class _Line:
    """One client's connection."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self._client, self._server = client, server
        self.fault = ""

    def strike(self, fault: str) -> bool:
        """Whether the request goes on to the server."""
        self.fault = fault
        if fault == "request":
            self.shut()
        elif fault in _CODES:
            body = _REFUSAL.format(code=_CODES[fault]).encode()
            head = f"HTTP/1.1 {fault} No\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
            self._client.sendall(head.encode() + b"Connection: close\r\n\r\n" + body)
            self.shut(socket.SHUT_WR)
            while self._client.recv(65536):  # closing with unread input would reset the line, and lose the answer
                pass
        elif fault == "hang":
            while self._client.recv(65536):
                pass
        else:
            return True
        return False

    @staticmethod
    def ends_with(data: bytes) -> bool:
        """Whether there is something of a body in it."""
        head, _, body = data.partition(b"\r\n\r\n")
        return bool(body) or not head.startswith(b"PUT ")

    def shut(self, how: int = socket.SHUT_RDWR) -> None:
        """Towards the client."""
        with suppress(OSError):
            self._client.shutdown(how)

    def back(self) -> None:
        """The replies."""
        with suppress(OSError):
            while data := self._server.recv(65536):
                if self.fault == "reply" and not data.startswith(b"HTTP/1.1 100"):
                    self.shut()
                    return
                if self.fault == "trickle":
                    for octet in data:
                        self._client.sendall(bytes([octet]))
                        time.sleep(0.2)
                else:
                    self._client.sendall(data)
        self.shut()  # the server has closed, as servers do with idle lines
