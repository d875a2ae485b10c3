"""One connection to a next hop: a bounded smtplib for greeting, TLS and log-in, our own pipelined transaction on top.

smtplib waits for each reply and copies large content several times; here MAIL and all RCPT leave
together where PIPELINING (RFC 2920) is offered, and the content leaves in pieces, dots doubled on
the way. The hop is trusted to take mail; its words are bounded and never logged. A bare CR, LF or NUL in
the content is never sent on: the line is closed before the end of data, so that nothing of it counts.
"""

from __future__ import annotations

import select
import smtplib
import ssl
from collections.abc import Iterable, Sequence
from itertools import islice
from time import monotonic
from typing import NamedTuple

from domain.errors import NextHopUnavailable
from gateway.partners import dane
from gateway.smtp.bounded import BoundedLMTP, BoundedSMTP
from gateway.smtp.content import Unsendable, stuffed
from gateway.smtp.route import Route, Security, TlsFailed, result_of

_BATCH = 100
_DATA, _GO_ON = b"DATA", 354
"""RFC 5321 section 4.1.1.4."""
_FINAL = 300.0
"""Seconds for the reply after the content, at least (RFC 5321 section 4.5.3.2.6 asks for more than for commands)."""
_GOODBYE = 5.0
_UNHURRIED = 300.0


class Reply(NamedTuple):
    """The hop's code and the beginning of its words; code 0 where the line was lost. ``silent``: it knows no DSN."""

    code: int
    text: str
    silent: bool = False

    @property
    def fine(self) -> bool:
        """2yz."""
        return self.code // 100 == 2  # noqa: PLR2004 - the code's own classes


LOST = Reply(0, "the connection was lost")


class Lost(Exception):
    """The line went dead. ``begun`` says whether content had been sent, so that trying again may serve twice."""

    def __init__(self, *, begun: bool) -> None:
        super().__init__("lost")
        self.begun = begun


class Hop:
    """An open connection. Used by one thread at a time."""

    def __init__(self, route: Route, hostname: str, timeout: float, deadline: float | None = None) -> None:
        """Connects, secures and logs in. Raises ``NextHopUnavailable``; nothing has been sent then.

        ``timeout`` is seconds for each step, ``deadline`` (monotonic) the end of all steps.
        """
        self._timeout = timeout
        self.used = monotonic()
        self.uses = 0
        self.secured = False
        kind = BoundedLMTP if route.lmtp else BoundedSMTP
        deadline = monotonic() + _UNHURRIED if deadline is None else deadline
        try:
            self._smtp = kind(route.host, route.port, hostname, timeout, deadline, route.address)
        except (OSError, smtplib.SMTPException) as error:
            raise NextHopUnavailable("connect", kind=type(error).__name__) from error
        try:
            self._prepare(route)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self.close()
            raise NextHopUnavailable("greeting, TLS or log-in", kind=type(error).__name__) from error
        except NextHopUnavailable:
            self.close()
            raise
        self._lmtp = route.lmtp

    def _prepare(self, route: Route) -> None:
        self._smtp.ehlo_or_helo_if_needed()
        context = route.context()
        if context is not None:
            if self._smtp.has_extn("starttls"):
                self._secure(route, context)
                self._smtp.ehlo()
            elif route.security is not Security.OPPORTUNISTIC:
                raise TlsFailed("starttls-not-supported", route.published)
        if route.username:
            self._smtp.login(route.username, route.password)

    def _secure(self, route: Route, context: ssl.SSLContext) -> None:
        """STARTTLS, and the proof of who answers. Raises ``TlsFailed``."""
        try:
            if not self._smtp.secure(context):
                raise TlsFailed("starttls-not-supported", route.published)
            if route.tlsa:
                dane.require(self._smtp.sock, route.tlsa, route.host)
        except ssl.SSLError as error:
            raise TlsFailed(result_of(error), route.published) from error
        except dane.NotThem as error:
            raise TlsFailed("validation-failure", route.published) from error
        self.secured = True

    def offers(self, extension: str) -> bool:
        """Whether EHLO named it."""
        return self._smtp.has_extn(extension)

    def stale(self) -> bool:
        """Whether something came unasked: the end of the line, a 421, or the answer to a question to come."""
        sock = self._smtp.sock
        return sock is None or self._smtp.unasked or bool(select.select([sock], [], [], 0)[0])

    def close(self) -> None:
        """Without a word."""
        self._smtp.close()

    def quit(self) -> None:
        """With one, which the hop need not answer for long."""
        self._smtp.step, self._smtp.deadline = _GOODBYE, monotonic() + _GOODBYE
        try:
            self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            self._smtp.close()

    # One transaction

    def transact(
        self, mail: bytes, recipients: Sequence[bytes], pieces: Iterable[memoryview], deadline: float | None = None
    ) -> list[Reply]:
        """One reply a recipient, in order. ``mail`` and ``recipients`` are whole commands without line ends.

        Raises :class:`Lost` or :class:`Unsendable`, and is closed then; :class:`Lost` too at the ``deadline``.
        """
        self._smtp.deadline = monotonic() + _UNHURRIED + _FINAL if deadline is None else deadline
        try:
            replies = self._commands(mail, recipients)
            accepted = [n for n, reply in enumerate(replies) if reply.fine]
            if accepted:
                for n, reply in zip(accepted, self._content(pieces, len(accepted)), strict=True):
                    replies[n] = reply
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Lost(begun=False) from error
        except (Lost, Unsendable):
            self.close()
            raise
        self.used = monotonic()
        self.uses += 1
        if self._smtp.unasked or any(reply.code in {0, 421} for reply in replies):
            self.close()
        return replies

    @property
    def open(self) -> bool:
        """Whether it can be used again."""
        return self._smtp.sock is not None

    def _commands(self, mail: bytes, recipients: Sequence[bytes]) -> list[Reply]:
        """MAIL, RCPT and DATA. Fine is who may be sent the content; the hop waits for it then.

        DATA goes along with the others where all fit into one batch, and is answered before we know who is accepted.
        """
        commands = [mail, *recipients]
        along = self._batch > len(commands)
        first, *rest = self._ask(commands, [_DATA] if along else ())
        if not (first.fine and any(reply.fine for reply in rest)):
            self._reset(data_asked=along)
            return rest if first.fine else [first] * len(recipients)
        data = self._reply() if along else self._ask([_DATA])[0]
        if data.code != _GO_ON:
            self._reset()
            return [data if reply.fine and not data.fine else _not_now(reply) for reply in rest]
        return rest

    def _reset(self, *, data_asked: bool = False) -> None:
        """After a refusal. The answers stand even if the hop closes the line on this.

        A hop that waits for content although it accepted nobody (RFC 2920 section 3.1) gets none.
        """
        try:
            if data_asked and self._reply().code == _GO_ON:
                self.close()
            else:
                self._smtp.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    @property
    def _batch(self) -> int:
        return _BATCH if self.offers("pipelining") else 1

    def _ask(self, commands: Sequence[bytes], along: Sequence[bytes] = ()) -> list[Reply]:
        """A reply a command; all at once if the hop takes them so. What goes ``along`` is answered behind them."""
        replies: list[Reply] = []
        waiting = iter(commands)
        while batch := list(islice(waiting, self._batch)):
            self._smtp.send(b"".join(command + b"\r\n" for command in (*batch, *along)))
            replies.extend(self._reply() for _ in batch)
        return replies

    def _reply(self) -> Reply:
        code, text = self._smtp.getreply()
        return Reply(code if 200 <= code < 600 else 0, _bland(text))  # noqa: PLR2004 - the code's own classes

    def _content(self, pieces: Iterable[memoryview], accepted: int) -> list[Reply]:
        """From here on a lost line is not tried again: the hop may have taken the mail."""
        try:
            for piece in stuffed(pieces):
                self._smtp.send(piece)
            self._patience(max(self._timeout, _FINAL))
            replies = [self._reply() for _ in range(accepted if self._lmtp else 1)]
            self._patience(self._timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise Lost(begun=True) from error
        return replies if self._lmtp else replies * accepted

    def _patience(self, seconds: float) -> None:
        self._smtp.step = seconds


def _not_now(reply: Reply) -> Reply:
    """Never take a recipient for served whose content was not sent."""
    return Reply(451, "the hop did not take the content") if reply.fine else reply


def _bland(text: bytes) -> str:
    """The first 200 printable characters, on one line."""
    words = text.decode("utf-8", "replace")[:200]
    return words if words.isprintable() else "".join(c if c.isprintable() else " " for c in words)
