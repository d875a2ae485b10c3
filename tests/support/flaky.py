"""A TCP proxy that loses requests or replies, as a network does. For HTTP with small requests, one at a time."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class FlakyProxy:
    """Between a client and ``upstream`` (host:port). ``lose`` names what happens to the next ``times`` PUTs."""

    def __init__(self, upstream: str) -> None:
        host, _, port = upstream.rpartition(":")
        self._upstream = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.lose = ""
        self.times = 0
        self.puts = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(self._upstream) as server:
            drop_reply = threading.Event()
            back = threading.Thread(target=self._replies, args=(server, client, drop_reply), daemon=True)
            back.start()
            while data := client.recv(65536):
                if data.startswith(b"PUT "):
                    self.puts += 1
                    if self.times:
                        self.times -= 1
                        if self.lose == "request":
                            client.shutdown(socket.SHUT_RDWR)
                            return
                        drop_reply.set()
                server.sendall(data)
            back.join(1)

    @staticmethod
    def _replies(server: socket.socket, client: socket.socket, drop_reply: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if drop_reply.is_set() and not data.startswith(b"HTTP/1.1 100"):
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(data)
