"""smtplib with an end to everything: bytes, lines and time.

A next hop is trusted to take mail, not to behave: a reply that never ends, or comes an octet a minute, or a second one
behind the first must cost neither memory nor the hours in which a claim runs out (``vault/journal.py``). What
smtplib itself bounds is the wait for the next octet and the length of one line.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from time import monotonic

_MOST = 64 * 1024
"""Octets of one reply (RFC 5321 section 4.5.3.1.5 allows lines of 512)."""
_RECV = 8 * 1024


class BoundedSMTP(smtplib.SMTP):
    """``step`` is the longest wait in seconds for one reply or one send, ``deadline`` (monotonic) the end of all."""

    def __init__(
        self, host: str, port: int, local_hostname: str, step: float, deadline: float, address: str = ""
    ) -> None:
        """Connects; to ``address`` where it is known already.

        Raises ``OSError`` (``TimeoutError`` at the end of the time) or ``SMTPException``, as all here.
        """
        self.step, self.deadline = step, deadline
        self._input, self._name, self._address = b"", host, address
        super().__init__(host, port, local_hostname=local_hostname, timeout=step)

    def getreply(self) -> tuple[int, bytes]:
        """One reply, whole; its words with line ends between. Closes the line where it is none."""
        until = monotonic() + self.step
        lines: list[bytes] = []
        room = _MOST
        while not lines or lines[-1][3:4] == b"-":
            lines.append(self._line(until, room))
            room -= len(lines[-1]) + 1
        code = lines[-1][:3]
        text = b"\n".join(line[4:].strip() for line in lines)
        return (int(code) if code.isdigit() and len(code) == 3 else -1), text  # noqa: PLR2004 - RFC 5321 section 4.2

    def _line(self, until: float, room: int) -> bytes:
        while (end := self._input.find(b"\n")) < 0:
            if len(self._input) > room:
                break
            try:
                self._limit(until)
                more = self._open().recv(_RECV)
            except OSError:
                self.close()
                raise
            if not more:
                self.close()
                raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
            self._input += more
        if not 0 <= end <= room:
            self.close()
            raise smtplib.SMTPResponseException(500, "Reply too long.")
        line, self._input = self._input[:end], self._input[end + 1 :]
        return line

    def send(self, s: str | bytes) -> None:  # type: ignore[override]  # the base says ReadableBuffer
        """All of it."""
        wire = self._open()
        left = memoryview(s.encode("ascii") if isinstance(s, str) else s)
        until = monotonic() + self.step
        try:
            while left:
                self._limit(until)
                left = left[wire.send(left) :]
        except OSError:
            self.close()
            raise smtplib.SMTPServerDisconnected("Server not connected") from None

    def secure(self, context: ssl.SSLContext) -> bool:
        """STARTTLS; False where the hop refuses. What it said before in clear is forgotten (RFC 3207 section 4.2)."""
        code, _ = self.docmd("STARTTLS")
        if code != 220:  # noqa: PLR2004 - RFC 3207
            return False
        if self._input:
            raise smtplib.SMTPException("words in clear behind the answer to STARTTLS")
        self._limit(monotonic() + self.step)
        self.sock = context.wrap_socket(self._open(), server_hostname=self._name)
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features, self.does_esmtp = {}, False
        return True

    @property
    def unasked(self) -> bool:
        """Whether something came that nobody asked for. An end that was not read yet does not show here."""
        pending = self.sock.pending() if isinstance(self.sock, ssl.SSLSocket) else 0
        return bool(self._input or pending)

    def close(self) -> None:
        """Nothing that came on this line is read any more."""
        self._input = b""
        super().close()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Each of the name's addresses in turn, all within the time."""
        until, failed = monotonic() + timeout, OSError("the name has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(
            self._address or host, port, type=socket.SOCK_STREAM
        ):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self._left(until))
                sock.connect(address)
            except OSError as error:
                sock.close()
                failed = error
            else:
                return sock
        raise failed

    def _open(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the line is closed")
        return self.sock

    def _limit(self, until: float) -> None:
        self._open().settimeout(self._left(until))

    def _left(self, until: float) -> float:
        left = min(until, self.deadline) - monotonic()
        if left <= 0:
            raise TimeoutError("the time for this is over")
        return left


class BoundedLMTP(BoundedSMTP, smtplib.LMTP):
    """The same, greeting with LHLO (RFC 2033)."""
