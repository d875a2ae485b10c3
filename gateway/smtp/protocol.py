"""The commands of SMTP (RFC 5321).

The body comes in chunks; what waits behind it is left for the next command. Nothing is said to be
accepted here: the reply after the body is the relay's (:class:`~gateway.smtp.house.Answer`).
Not offered: CHUNKING (a BDAT payload must not be read as commands, so the line is closed), PROXY, VRFY, EXPN.
"""

# ruff: noqa: N802 - aiosmtpd finds its methods by the name of the command

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from domain.model import NULL_SENDER, Address, Envelope
from domain.reports import Asked, Reports
from gateway.smtp import asked
from gateway.smtp.arguments import Path, Rejected, declared_size, forward_path, reverse_path
from gateway.smtp.body import Body, Flaw
from gateway.smtp.budget import Reservation
from gateway.smtp.connection import Connection
from gateway.smtp.house import Answer
from gateway.smtp.login import log_in

_FIRST_ROOM = 64 * 1024
_FAR_TOO_LARGE = 4
_LONGEST = 12
"""A body may take so many times what a client may be silent: an hour as set. An octet a minute would keep its place."""
_MAX_LOGIN_FAILURES = 3

_FLAWS = {
    Flaw.BARE_LF: "550 5.6.0 The message holds a bare LF, which mail programs read differently",
    Flaw.BARE_CR: "550 5.6.0 The message holds a bare CR, which mail programs read differently",
    Flaw.NUL: "550 5.6.0 The message holds a NUL, which mail programs read differently",
    Flaw.TOO_LARGE: "552 5.3.4 The message is too large",
    Flaw.NO_ROOM: "451 4.3.1 The mail gateway is too busy for a message of this size, try again later",
}


@dataclass(slots=True)
class Transaction:
    """One message's envelope in the making."""

    path: Path | None = None
    recipients: list[Address] = field(default_factory=list)
    asked: dict[str, Asked] = field(default_factory=dict)
    refused: bool = False


class Smtp(Connection):
    """The commands."""

    _authenticated = False
    _login_failures = 0

    def _set_rset_state(self) -> None:
        self.transaction = Transaction()

    # Greeting

    async def smtp_HELO(self, argument: str) -> None:
        """RFC 5321 section 4.1.1.1."""
        self._greet(argument, extended=False)
        await self.push(f"250 {self.hostname}")

    async def smtp_EHLO(self, argument: str) -> None:
        """RFC 5321 section 4.1.1.1, with what is offered."""
        self._greet(argument, extended=True)
        offers = self._offers()
        lines = [f"250{' ' if n == len(offers) - 1 else '-'}{offer}" for n, offer in enumerate(offers)]
        await self.push("\r\n".join(lines))

    def _greet(self, name: str, *, extended: bool) -> None:
        if not name:
            raise Rejected("501 5.5.4 A host name is needed")
        self._set_rset_state()
        self.session.host_name = name
        self.session.extended_smtp = extended

    def _offers(self) -> list[str]:
        offers = [self.hostname, "PIPELINING", f"SIZE {self.dialogue.max_size}"]
        if self.dialogue.tls is not None and not self.secure:
            offers.append("STARTTLS")
        if self.dialogue.authenticator is not None and self.secure:
            offers.append("AUTH PLAIN LOGIN")
        return [*offers, "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8", "DSN"]

    # TLS and AUTH

    async def smtp_STARTTLS(self, argument: str) -> None:
        """RFC 3207."""
        if argument:
            raise Rejected("501 5.5.4 STARTTLS takes nothing")
        if self.secure:
            raise Rejected("503 5.5.1 TLS is on already")
        if self.dialogue.tls is None:
            raise Rejected("502 5.5.1 TLS is not offered")
        await self.push("220 2.0.0 Ready to start TLS")
        await self.upgrade()
        self._authenticated = False

    async def smtp_AUTH(self, argument: str) -> None:
        """RFC 4954."""
        if self.dialogue.authenticator is None:
            raise Rejected("502 5.5.1 AUTH is not offered")
        if not self.secure:
            raise Rejected("538 5.7.11 AUTH needs TLS")
        if self._authenticated or self.transaction.path is not None or not self.session.extended_smtp:
            raise Rejected("503 5.5.1 AUTH is out of place here")
        if await self.house.guesses.too_many(self.peer, self.house.now()):
            raise Rejected("454 4.7.0 Too many failures from this address, try again later")
        if await log_in(argument, self._ask, self.dialogue.authenticator):
            self._authenticated = True
            await self.push("235 2.7.0 Welcome")
            return
        self._login_failures += 1
        await self.house.guesses.failed(self.peer, self.house.now())
        if self._login_failures >= _MAX_LOGIN_FAILURES:
            await self.hang_up("421 4.7.0 Too many failures")
            return
        raise Rejected("535 5.7.8 The user name or the password is wrong")

    async def _ask(self, challenge: str) -> bytes:
        await self.push(f"334 {challenge}")
        line = await self._line()
        if not line.endswith(b"\r\n"):
            raise Rejected("500 5.5.2 The line ends with a bare LF")
        return line[:-2]

    # The transaction

    async def smtp_MAIL(self, argument: str) -> None:
        """RFC 5321 section 4.1.1.2."""
        if not self.session.host_name:
            raise Rejected("503 5.5.1 Say hello first")
        if self.transaction.path is not None:
            raise Rejected("503 5.5.1 There is a sender already")
        path = reverse_path(argument, self.dialogue.max_size)
        if path.parameters and not self.session.extended_smtp:
            raise Rejected("555 5.5.4 Parameters need EHLO")
        asked.of_mail(path.parameters)
        self.transaction.path = path
        await self.push("250 2.1.0 Ok")

    async def smtp_RCPT(self, argument: str) -> None:
        """RFC 5321 section 4.1.1.3. Who may not send is told here, before any content."""
        if self.transaction.path is None:
            raise Rejected("503 5.5.1 The sender comes first")
        self.transaction.refused = True
        self._check_access()
        if not self.dialogue.takes_from(self.transaction.path.address):
            raise Rejected("550 5.7.1 This gateway does not take mail from that sender")
        path = forward_path(argument, international="SMTPUTF8" in self.transaction.path.parameters)
        if len(self.transaction.recipients) >= self.dialogue.max_recipients:
            raise Rejected("452 4.5.3 Too many recipients; the others in another transaction")
        recipient = Address.of(path.address)
        wishes = asked.of_recipient(recipient.key, path.parameters)
        self.transaction.recipients.append(recipient)
        self.transaction.asked.setdefault(recipient.key, wishes)
        await self.push("250 2.1.5 Ok")

    def _check_access(self) -> None:
        if self._authenticated or self.trusted:
            return
        if self.dialogue.authenticator is not None:
            raise Rejected("530 5.7.0 Authentication required")
        raise Rejected("550 5.7.1 This gateway does not take mail from you")

    async def smtp_DATA(self, argument: str) -> None:
        """RFC 5321 section 4.1.1.4."""
        self._check_ready(argument)
        path = cast("Path", self.transaction.path)
        wanted = declared_size(path.parameters) or _FIRST_ROOM
        room = await self.house.budget.reserve(min(wanted, self.dialogue.max_size), self.dialogue.patience)
        if room is None:
            raise Rejected("451 4.3.2 The mail gateway is busy, try again later")
        try:
            await self.push("354 Go on; end with <CRLF>.<CRLF>")
            body = await self._read_body(room)
            envelope = self._envelope(path)
        except BaseException:
            room.release()
            raise
        if body is not None:
            await self._finish(envelope, body, room)
        else:
            room.release()

    def _check_ready(self, argument: str) -> None:
        if argument:
            raise Rejected("501 5.5.4 DATA takes nothing")
        if not self.transaction.recipients:
            # RFC 2920 section 3.1: every recipient may have been refused before DATA was sent.
            refused = self.transaction.refused
            raise Rejected("554 5.5.1 No valid recipients" if refused else "503 5.5.1 RCPT comes first")

    async def _read_body(self, room: Reservation) -> Body | None:
        """The body to its true end, or None if the line was closed because it would not end."""
        body = Body(self.dialogue.max_size)
        self._inside_body = True
        end = self.loop.time() + _LONGEST * self.dialogue.idle
        while (rest := body.feed(await self.incoming.chunk())) is None:
            self._reset_timeout()
            if self.loop.time() > end:
                await self.hang_up("421 4.4.2 The message took too long")
                return None
            if body.flaw is None and not room.cover(body.size):
                body.refuse(Flaw.NO_ROOM)
            if body.size > _FAR_TOO_LARGE * self.dialogue.max_size:
                await self.hang_up("552 5.3.4 The message is far too large")
                return None
        if body.flaw is None and not room.cover(body.size):
            body.refuse(Flaw.NO_ROOM)
        self.incoming.put_back(rest)
        self._inside_body = False
        return body

    async def _finish(self, envelope: Envelope, body: Body, room: Reservation) -> None:
        recipients = self.transaction.recipients
        if body.flaw is not None:
            room.release()
            answer = Answer(_FLAWS[body.flaw])
            self.count_error(answer.whole)
        else:
            self.stop_clock()
            answer = await self.house.receive(envelope, body.content(), room)
            self._reset_timeout()
            self._junk = 0
        self._set_rset_state()
        await self._say(answer, recipients)

    async def _say(self, answer: Answer, _recipients: list[Address]) -> None:
        await self.push(answer.whole)

    def _envelope(self, path: Path) -> Envelope:
        options = (
            *(("BODY=8BITMIME",) if path.parameters.get("BODY", "").upper() == "8BITMIME" else ()),
            *(("SMTPUTF8",) if "SMTPUTF8" in path.parameters else ()),
        )
        return Envelope(
            sender=Address.of(path.address) if path.address else NULL_SENDER,
            recipients=tuple(dict.fromkeys(self.transaction.recipients)),
            received_at=self.house.now(),
            peer=self.peer,
            helo=str(self.session.host_name),
            protocol=self._protocol("SMTPUTF8" in options),
            options=options,
            reports=Reports(*asked.of_mail(path.parameters), tuple(self.transaction.asked.values())),
        )

    def _protocol(self, international: bool) -> str:  # noqa: FBT001 - private
        """The keyword for Received (RFC 3848, RFC 6531 section 4.3)."""
        if not self.session.extended_smtp:
            return "SMTP"
        base = self._transmission(international)
        return base + ("S" if self.secure else "") + ("A" if self._authenticated else "")

    def _transmission(self, international: bool) -> str:  # noqa: FBT001 - private
        return "UTF8SMTP" if international else "ESMTP"

    # The rest

    async def smtp_BDAT(self, _argument: str) -> None:
        """Not offered. Its payload would follow unasked, so the line ends here (RFC 3030)."""
        await self.hang_up("503 5.5.1 BDAT is not offered; goodbye")

    async def smtp_RSET(self, _argument: str) -> None:
        """RFC 5321 section 4.1.1.5."""
        self._set_rset_state()
        await self.push("250 2.0.0 Ok")

    async def smtp_NOOP(self, _argument: str) -> None:
        """RFC 5321 section 4.1.1.9."""
        await self.push("250 2.0.0 Ok")

    async def smtp_VRFY(self, _argument: str) -> None:
        """Nothing is told about addresses (RFC 5321 section 7.3)."""
        await self.push("252 2.5.0 Send mail and see")

    async def smtp_EXPN(self, _argument: str) -> None:
        """The same."""
        raise Rejected("502 5.5.1 EXPN is not offered")

    async def smtp_HELP(self, _argument: str) -> None:
        """RFC 5321 section 4.1.1.8."""
        await self.push("214 2.0.0 See RFC 5321")

    async def smtp_QUIT(self, _argument: str) -> None:
        """RFC 5321 section 4.1.1.10."""
        self._leaving = True
        await self.push("221 2.0.0 Goodbye")
