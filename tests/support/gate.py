"""A TCP port in front of a real server: open, shut (refused, lines cut), hanging (accepted, then silence), or slow."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Self


class Gate:
    """Before ``upstream``, a port of this machine. ``delay`` is seconds before each piece that comes back."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._flow = threading.Event()
        self._lines: set[socket.socket] = set()
        self._listener = _bound(0)
        self._listening = False
        self.port: int = self._listener.getsockname()[1]
        self.delay = 0.0
        self.connections = 0

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.shut()
        self._listener.close()

    def open(self) -> None:
        """As if it were not there."""
        self._flow.set()
        self.delay = 0.0
        if not self._listening:
            self._listening = True
            self._listener.listen()
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """Nobody is there: lines are cut, new ones refused. The port stays ours."""
        self._flow.set()
        if self._listening:
            self._listening = False
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = _bound(self.port)
        for line in tuple(self._lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def hang(self) -> None:
        """Lines stay, new ones are taken, and not an octet passes any more."""
        self._flow.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self.connections += 1
        self._lines.add(near)
        self._flow.wait()
        with suppress(OSError), near, socket.create_connection(("127.0.0.1", self._upstream)) as far:
            self._lines.add(far)
            back = threading.Thread(target=self._pump, args=(far, near, True), daemon=True)
            back.start()
            self._pump(near, far, False)
            back.join()
            self._lines -= {near, far}

    def _pump(self, source: socket.socket, target: socket.socket, back: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if back:
                    time.sleep(self.delay)
                self._flow.wait()
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


def _bound(port: int) -> socket.socket:
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", port))
    return held
