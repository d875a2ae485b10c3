"""A next hop that keeps what it gets: stock aiosmtpd in a thread, with answers that a test may choose.

``Sink(replies={"no@x.org": "550 5.1.1 Unknown", "DATA": "451 4.3.0 Later"})``: keys are ``MAIL``, a
recipient (for RCPT), ``DATA`` (after the content), and ``DATA a@x.org`` for one LMTP recipient.
The answer :data:`DROP` closes the line at that point instead.
"""

# ruff: noqa: N802 - aiosmtpd finds its hooks by these names

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult

DROP = "DROP"


class Received(NamedTuple):
    """One mail as it came."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    options: tuple[str, ...]
    secure: bool
    reports: tuple[str, ...] = ()


class Sink:
    """Use as a context manager, or ``start()`` and ``stop()``."""

    def __init__(
        self,
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        replies: Mapping[str, str] | None = None,
        lmtp: bool = False,
        pipelining: bool = True,
        without: Collection[str] = (),
        users: Mapping[str, str] | None = None,
        keep: bool = True,
        max_size: int = 64 * 2**20,
        dsn: bool = False,
    ) -> None:
        """``without`` are EHLO keywords to leave out; ``users`` names and passwords for AUTH over TLS.

        With ``dsn`` it takes RFC 3461's parameters, and keeps them as ``reports``.
        """
        self.host, self.port = "127.0.0.1", port
        self.replies = dict(replies or {})
        self.received: list[Received] = []
        self.connections = 0
        self.seconds = 0.0
        self._dsn = dsn
        self._lmtp, self._pipelining, self._without = lmtp, pipelining, frozenset(without)
        self._users, self._keep, self._tls, self._max_size = dict(users or {}), keep, tls, max_size
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="sink", daemon=True)
        self._ready = threading.Event()
        self._open: set[asyncio.BaseTransport] = set()

    def start(self) -> Sink:
        """Listen; ``port`` is known afterwards."""
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def stop(self) -> None:
        """Close everything."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def drop_all(self) -> None:
        """Cut every connection there is."""
        done = threading.Event()

        def drop() -> None:
            for transport in tuple(self._open):
                transport.abort()  # type: ignore[attr-defined]
            done.set()

        self._loop.call_soon_threadsafe(drop)
        assert done.wait(5)

    __enter__ = start

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(self._protocol, self.host, self.port))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _protocol(self) -> SMTP:
        sink = self
        base = LMTP if self._lmtp else SMTP

        class Counted(base):  # type: ignore[misc, valid-type]
            line_length_limit = 64 * 1024  # as mail servers take them; stock is RFC 5321's 1000

            async def smtp_MAIL(self, arg: str) -> None:
                self.reports = []
                await super().smtp_MAIL(sink._without_dsn(self, arg))

            async def smtp_RCPT(self, arg: str) -> None:
                await super().smtp_RCPT(sink._without_dsn(self, arg))

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                sink._open.add(transport)
                if self._original_transport is None:
                    sink.connections += 1
                super().connection_made(transport)

            def connection_lost(self, error: Exception | None) -> None:
                sink._open.discard(self.transport)
                super().connection_lost(error)

        protocol: SMTP = Counted(
            self,
            hostname="sink.test",
            enable_SMTPUTF8=True,
            data_size_limit=self._max_size,
            tls_context=self._tls,
            authenticator=self._authenticate,
            loop=self._loop,
        )
        return protocol

    def _without_dsn(self, server: Any, argument: str) -> str:
        """Aiosmtpd does not know these; they are kept aside."""
        words = argument.split()
        taken = [w for w in words if self._dsn and w.startswith(("RET=", "ENVID=", "NOTIFY=", "ORCPT="))]
        server.reports += taken
        return " ".join(w for w in words if w not in taken)

    # aiosmtpd's hooks

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, lines: list[str]) -> list[str]:
        """What is offered."""
        session.host_name = hostname
        kept = [line for line in lines[:-1] if line[4:].split()[0].upper() not in self._without]
        kept += ["250-DSN"] if self._dsn else []
        return [*kept, *(["250-PIPELINING"] if self._pipelining else []), "250 HELP"]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """By the script."""
        reply = self._reply(server, "MAIL", "250 2.1.0 Ok")
        if reply.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """By the script."""
        reply = self._reply(server, address, "250 2.1.5 Ok")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """By the script, after ``seconds``; kept if anybody got it."""
        await asyncio.sleep(self.seconds)
        whole = self._reply(server, "DATA", "250 2.0.0 Ok")
        each = [self._reply(server, f"DATA {r}", whole) for r in envelope.rcpt_tos]
        taken = tuple(r for r, reply in zip(envelope.rcpt_tos, each, strict=True) if reply.startswith("250"))
        if taken and self._keep:
            secure = session.ssl is not None
            options = tuple(envelope.mail_options)
            self.received.append(
                Received(envelope.mail_from, taken, envelope.content, options, secure, tuple(server.reports))
            )
        return "\r\n".join(each) if self._lmtp else whole

    def _reply(self, server: Any, key: str, otherwise: str) -> str:
        reply = self.replies.get(key, otherwise)
        if reply == DROP:
            server.transport.abort()
            raise ConnectionResetError
        return reply

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        user, password = data.login.decode(), data.password.decode()
        return AuthResult(success=self._users.get(user) == password, handled=False)
