"""One client's connection: reading commands, time-outs, errors, TLS and leaving.

Nothing the client sends is trusted. Against aiosmtpd 1.4.6: a command ends with CR LF and nothing
else (RFC 5321 section 2.3.8); a client that hangs up does not cancel what is being processed; time
runs anew for each chunk and stands still while we work; an unforeseen error answers 451 and tells
nothing; errors and idle commands are counted; STARTTLS goes through ``loop.start_tls``, so that it
works on uvloop and on every Python, and plaintext sent ahead of it is thrown away.
"""

from __future__ import annotations

import asyncio
import logging
import math
from functools import cached_property
from typing import Any, ClassVar, cast

import structlog
from aiosmtpd.smtp import SMTP, Session

from gateway.smtp.arguments import Rejected
from gateway.smtp.house import House
from gateway.smtp.incoming import Incoming, LineTooLong

_MAX_LINE = 4096
"""Octets of a command: above RFC 5321's 512, as SMTPUTF8, AUTH and Exchange's parameters need."""
_LINGER = 5.0
_HANDSHAKE = 30.0
_JUNK = frozenset({"NOOP", "RSET", "VRFY", "EXPN", "HELP", "EHLO", "HELO", "LHLO"})

logging.getLogger("mail.log").disabled = True  # aiosmtpd writes addresses and replies into it

log = structlog.get_logger(__name__)


class Connection(SMTP):
    """The part of the dialogue that knows no command."""

    greeting = "ESMTP"
    _commands: ClassVar[list[str]] = []
    session: Session

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop) -> None:
        dialogue = house.dialogue
        super().__init__(
            None,  # aiosmtpd looks here for hooks; ours are methods
            hostname=dialogue.hostname,
            ident="Sallyport",
            data_size_limit=dialogue.max_size,
            enable_SMTPUTF8=True,
            timeout=dialogue.idle,
            loop=loop,
        )
        self.house = house
        self.dialogue = dialogue
        self.incoming = Incoming(loop)
        self.secure = False
        self.peer = ""
        self._patient_until = math.inf
        self._idle = False
        self._leaving = False
        self._stopping = False
        self._inside_body = False
        self._errors = 0
        self._junk = 0

    def __dir__(self) -> list[str]:
        """The commands alone: aiosmtpd looks through all names, and values, three times for each connection.

        That was most of what a connection cost. Its own AUTH is not used (``gateway/smtp/login.py``).
        """
        return self._commands

    def __init_subclass__(cls) -> None:
        cls._commands = [name for name in dir(cls) if name.startswith("smtp_")]

    def _set_rset_state(self) -> None:
        """Forget the transaction; those who know transactions say how."""
        raise NotImplementedError

    # What the transport calls

    @cached_property
    def trusted(self) -> bool:
        """Whether it comes from one of our networks."""
        return self.dialogue.trusts(self.peer)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self.incoming.attach(cast("asyncio.Transport", transport))
        self.secure = transport.get_extra_info("sslcontext") is not None
        name = transport.get_extra_info("peername")
        self.peer = str(name[0]) if isinstance(name, tuple) and name else ""

    def data_received(self, data: bytes) -> None:
        """Octets from the client."""
        self.incoming.feed(data)

    def eof_received(self) -> bool:
        """The client has said all it will say; it may still read our replies (not over TLS)."""
        self.incoming.finish()
        return not self.secure

    def connection_lost(self, error: Exception | None) -> None:
        """The line is gone. The dialogue ends; what is being processed does not."""
        self.house.forget(self)
        self.incoming.finish()
        super().connection_lost(error)

    # Leaving

    def wind_down(self) -> None:
        """The relay stops: an idle client is told at once, a busy one after its answer."""
        self._stopping = True
        if self._idle:
            self.cut_off("421 4.3.2 The mail gateway is stopping, try again later")

    def cut_off(self, reply: str) -> None:
        """Say this and close, without waiting for anything."""
        transport = cast("asyncio.Transport | None", self.transport)
        if transport is None or transport.is_closing():
            return
        transport.write(reply.encode() + b"\r\n")
        transport.close()
        self.loop.call_later(_LINGER, transport.abort)

    async def hang_up(self, reply: str) -> None:
        """Say this, then read nothing more as commands. What still comes is thrown away, so that the reply arrives."""
        self._leaving = True
        await self.push(reply)
        transport = cast("asyncio.Transport", self.transport)
        if transport.can_write_eof():
            transport.write_eof()
        try:
            async with asyncio.timeout(_LINGER):
                while True:
                    await self.incoming.chunk()
        except (EOFError, TimeoutError):
            return

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Time runs anew. The timer is left as it is, and looks again when it rings: most lines end before that."""
        seconds = duration or self._timeout_duration
        self._patient_until = self.loop.time() + seconds
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_later(seconds, self._timeout_cb)

    def _timeout_cb(self) -> None:
        left = self._patient_until - self.loop.time()
        if left > 0:  # something has come since, or we are at work
            self._timeout_handle = self.loop.call_later(min(left, self._timeout_duration), self._timeout_cb)
        else:
            self.cut_off("421 4.4.2 Nothing came for too long")

    def stop_clock(self) -> None:
        """While we work, the client is not idle."""
        self._patient_until = math.inf

    # The loop

    async def _handle_client(self) -> None:
        try:
            if not self.house.admit(self):
                self.cut_off("421 4.3.2 Too many connections, try again later")
                return
            await self.push(f"220 {self.hostname} {self.greeting} Sallyport")
            while not self._leaving:
                if self._stopping:
                    self.cut_off("421 4.3.2 The mail gateway is stopping, try again later")
                    return
                await self._command()
        except (EOFError, OSError):
            log.debug("connection ended")
        finally:
            self._writer.close()

    async def _command(self) -> None:
        try:
            line = await self._line()
            self._reset_timeout()
            name, argument = _split(line)
            await self._obey(name, argument)
        except Rejected as rejected:
            await self._refuse(rejected.reply)
        except LineTooLong:
            await self._refuse("500 5.5.2 The command is too long")

    async def _line(self) -> bytes:
        self._idle = True
        try:
            return await self.incoming.line(_MAX_LINE)
        finally:
            self._idle = False

    async def _obey(self, name: str, argument: str) -> None:
        self._junk = self._junk + 1 if name in _JUNK else self._junk
        if self._junk > self.dialogue.max_junk:
            await self.hang_up("421 4.7.0 Too many commands without a message")
            return
        method = self._smtp_methods.get(name)
        if method is None:
            raise Rejected("500 5.5.1 The command is not known")
        try:
            await method(argument)
        except (Rejected, EOFError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must not be told, nor end in silence
            await self._fault(error)

    async def _fault(self, error: Exception) -> None:
        reply = await self.handle_exception(error)
        self._set_rset_state()
        if self._inside_body:
            await self.hang_up(reply)
        else:
            await self.push(reply)

    async def handle_exception(self, error: Exception) -> str:
        """451 and a bland sentence; the kind of error goes to the log, its text does not."""
        log.error("fault in the dialogue", kind=type(error).__name__)
        return "451 4.3.0 The mail gateway had a fault, try again later"

    async def _refuse(self, reply: str) -> None:
        """Answer a command that is not carried out; too many of them end the connection (RFC 5321 section 7.8)."""
        self.count_error(reply)
        if self._errors > self.dialogue.max_errors:
            await self.hang_up("421 4.7.0 Too many errors")
        else:
            await self.push(reply)

    def count_error(self, reply: str) -> None:
        """A permanent refusal counts."""
        self._errors += reply.startswith("5")

    # TLS

    async def upgrade(self) -> None:
        """From here on TLS. Nothing said before it counts (RFC 3207 section 4.2)."""
        old = cast("asyncio.Transport", self.transport)
        self.incoming.clear()  # and no await between this and start_tls, which stops reading first
        self.stop_clock()  # the handshake has a time of its own; closed from here, asyncio would take it for done
        try:
            upgraded = await self.loop.start_tls(
                old, self, cast("Any", self.dialogue.tls), server_side=True, ssl_handshake_timeout=_HANDSHAKE
            )
        except BaseException:
            self.house.forget(self)  # asyncio does not say that a line is gone of which the handshake failed
            raise
        self._reset_timeout()
        self.transport = transport = cast("asyncio.Transport", upgraded)
        self._plain_writer = self._writer  # Python 3.13 closes the line when a writer is forgotten
        self._writer = asyncio.StreamWriter(transport, self, None, self.loop)
        self.incoming.attach(transport)
        self.secure = True
        self.session = Session(self.loop)
        self._set_rset_state()


def _split(line: bytes) -> tuple[str, str]:
    """Verb and argument. Only CR LF ends a command, and no control character belongs in one."""
    if not line.endswith(b"\r\n"):
        raise Rejected("500 5.5.2 The command ends with a bare LF")
    try:
        text = line[:-2].decode()
    except UnicodeDecodeError:
        raise Rejected("500 5.5.2 The command is not UTF-8") from None
    if not text.isprintable() and any(ord(c) < ord(" ") or ord(c) == 0x7F for c in text):  # noqa: PLR2004 - DEL
        raise Rejected("500 5.5.2 The command holds control characters")
    name, _, argument = text.partition(" ")
    return name.upper(), argument.strip(" ")
