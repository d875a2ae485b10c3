"""One port, several relay processes: they listen on the same sockets, and each takes its share of the connections.

The sockets belong to the supervisor (``gateway/processes.py``): a process that dies takes no queue of waiting clients
with it, and nobody else can listen on the port meanwhile, as SO_REUSEPORT would allow. Whoever is first gets a
connection; a mail server keeps its connections for hours, so who has more than another waits a moment first.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from mmap import mmap

from domain.errors import ConfigurationError
from gateway.smtp.house import Listener

BACKLOG = 512
_GONE = 2**30
_CELL = 4
_MANNERS = 0.01
"""Seconds that a process leaves a connection to the others who have fewer."""
_REST = 1.0
"""Seconds without accepting when there are too many open files."""


def bound(listener: Listener) -> Listener:
    """The same, with its sockets: bound and listening. Raises ``ConfigurationError``."""
    sockets: list[socket.socket] = []
    try:
        passive = socket.AI_PASSIVE
        found = socket.getaddrinfo(listener.host or None, listener.port, type=socket.SOCK_STREAM, flags=passive)
        for family, _, _, _, address in dict.fromkeys(found):
            sockets.append(socket.create_server(address[:2], family=family, backlog=BACKLOG))
            sockets[-1].setblocking(False)  # noqa: FBT003 - the library's own
    except OSError as error:
        for each in sockets:
            each.close()
        where = f"{listener.host} port {listener.port}"
        raise ConfigurationError("listen", public=f"The relay cannot listen on {where}.") from error
    return replace(listener, sockets=tuple(sockets))


class Shares:
    """How many connections each process has, in memory that all of them see. Made before the processes are."""

    def __init__(self, processes: int) -> None:
        self._memory = mmap(-1, processes * _CELL)
        self._cells = memoryview(self._memory).cast("i")
        for number in range(processes):
            self.gone(number)

    def gone(self, number: int) -> None:
        """That process takes none."""
        self._cells[number] = _GONE

    def of(self, number: int) -> Share:
        """One process's own, from then on taking connections."""
        return Share(self._cells, number)


class Share:
    """One process's. Only it writes its cell."""

    def __init__(self, cells: memoryview, number: int) -> None:
        self._cells, self._number = cells, number

    def has(self, connections: int) -> None:
        """So many it has now; told whenever one comes or goes."""
        self._cells[self._number] = connections

    def one_more(self) -> None:
        """Taken, and not greeted yet."""
        self._cells[self._number] += 1

    @property
    def others_have_fewer(self) -> bool:
        """Whether another process should have the next one."""
        return bool(min(self._cells) < self._cells[self._number])


@dataclass(frozen=True, slots=True)
class Child:
    """What one of several processes has from its supervisor.

    ``leash`` is a descriptor that comes to its end when the process is to stop; ``ready`` is called once it listens.
    """

    listeners: tuple[Listener, ...]
    share: Share
    leash: int
    ready: Callable[[], None]


class Acceptor:
    """Takes the connections of one listener. Used from the event loop alone."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        factory: Callable[[], asyncio.Protocol],
        share: Share,
        tls: ssl.SSLContext | None,
        handshake: float | None,
    ) -> None:
        self.sockets = tuple(sockets)
        self._factory, self._share, self._tls, self._handshake = factory, share, tls, handshake
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        for each in self.sockets:
            self._loop.add_reader(each.fileno(), self._knock, each)

    def close(self) -> None:
        """Take no more; what has been taken goes on."""
        sockets, self.sockets = self.sockets, ()
        for each in sockets:
            self._loop.remove_reader(each.fileno())
            each.close()

    def _knock(self, sock: socket.socket) -> None:
        if self._share.others_have_fewer:
            self._pause(sock, _MANNERS)
        else:
            self._take(sock)

    def _pause(self, sock: socket.socket, seconds: float) -> None:
        self._loop.remove_reader(sock.fileno())
        self._loop.call_later(seconds, self._again, sock)

    def _again(self, sock: socket.socket) -> None:
        if self.sockets:
            self._loop.add_reader(sock.fileno(), self._knock, sock)
            self._take(sock)

    def _take(self, sock: socket.socket) -> None:
        try:
            connection, _ = sock.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError:
            self._pause(sock, _REST)
            return
        self._share.one_more()
        connection.setblocking(False)  # noqa: FBT003 - the library's own
        task = self._loop.create_task(self._welcome(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _welcome(self, connection: socket.socket) -> None:
        """From here on the protocol has it. A handshake that fails is the client's loss alone."""
        with suppress(OSError, TimeoutError):
            await self._loop.connect_accepted_socket(
                self._factory, connection, ssl=self._tls, ssl_handshake_timeout=self._handshake
            )
