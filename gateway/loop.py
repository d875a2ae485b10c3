"""Loop protection (RFC 5321 section 6.3): our own signed mark, and a count of Received fields.

What it promises, and what it does not:

- A mark that verifies was written by a relay that holds the key, so the mail has been through this
  service ``passes`` times already, and is refused (``MailLoop``, 554). A mark that does not verify
  is ignored: nobody can have another's mail refused by inventing one. Only more marks than any way
  through mail systems makes are refused unread.
- The signature covers the host, the time and a keyed digest of the Message-ID that the mail bore then;
  it does not cover the content. Who has received a marked mail can copy its mark onto a mail of
  their own; all they win is that their own mail is refused.
- Mail that a mailbox rule sends through us a second time unchanged (redirect, not forward) looks
  like a loop; ``passes`` may be raised where that is usual.
- A system on the way that removes unknown fields removes the mark; then only the hop count is
  left, which stops a loop after ``max_hops`` rounds through systems that write Received fields.

The fields come from anybody and are bounded before anything is done with them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime
from email.utils import format_datetime

from domain.errors import MailLoop, MalformedMessage
from domain.model import Envelope, Message
from gateway.mime.fields import header_fields

NAME = "X-Sallyport-Trace"
_MARK = re.compile(
    r"v=1;\s*h=(?P<host>[A-Za-z0-9.\-]{1,255});\s*t=(?P<time>\d{1,12});\s*"
    r"i=(?P<ident>[0-9a-f]{32});\s*s=(?P<signature>[0-9a-f]{64})"
)
_MIN_KEY = 16
_MAX_MARKS = 64
_MAX_HEADER = 2**20
_UNSAFE = re.compile(r"[^A-Za-z0-9.\-:\[\]]")
_MAX_HELO = 255


class LoopGuard:
    """Writes the mark, and knows it again. All relays of a service share ``key`` (at least 16 octets)."""

    def __init__(self, key: bytes, hostname: str, *, max_hops: int = 50, passes: int = 1) -> None:
        if len(key) < _MIN_KEY or max_hops < 1 or passes < 1:
            raise ValueError("a loop guard needs a key of 16 octets, and limits above zero")
        self._key, self._hostname = key, hostname
        self._max_hops, self._passes = max_hops, passes

    def check(self, raw: bytes) -> None:
        """Raises ``MailLoop`` for a mail that has been here or has come too far.

        A header beyond 1 MiB is no mail program's, and is ``MalformedMessage``.
        """
        hops = 0
        marks: list[bytes] = []
        for field in header_fields(raw):
            if field.end > _MAX_HEADER:
                raise MalformedMessage("header too long")
            hops += field.name == "received"
            if field.name == NAME.lower():
                marks.append(field.value)
            if len(marks) > _MAX_MARKS:  # somebody hides a genuine one among them
                raise MailLoop("too many marks", marks=len(marks))
        if hops > self._max_hops:
            raise MailLoop("too many hops", hops=hops)
        genuine = sum(self._genuine(mark) for mark in marks)
        if genuine >= self._passes:
            raise MailLoop("own mark", marks=genuine)

    def trace(self, envelope: Envelope, message: Message) -> bytes:
        """Received (RFC 5321 section 4.4) and the mark, whole lines. No FOR clause: it would reveal Bcc."""
        return self._received(envelope) + self._mark(message.message_id, envelope.received_at)

    def _received(self, envelope: Envelope) -> bytes:
        helo = _UNSAFE.sub("?", envelope.helo)[:_MAX_HELO] or "unknown"
        peer = _UNSAFE.sub("?", envelope.peer)
        literal = f"IPv6:{peer}" if ":" in peer else peer
        origin = f"{helo} ([{literal}])" if peer else helo
        date = format_datetime(envelope.received_at)
        text = f"Received: from {origin}\r\n\tby {self._hostname} with {envelope.protocol};\r\n\t{date}\r\n"
        return text.encode("ascii", "replace")

    def _mark(self, message_id: str, now: datetime) -> bytes:
        # Keyed: an identifier that tells something must not be found by trying, as it stands outside protected mail.
        ident = hmac.new(self._key, message_id.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:32]
        host, time = self._hostname, str(int(now.timestamp()))
        signature = self._sign(host, time, ident)
        return f"{NAME}: v=1; h={host}; t={time};\r\n\ti={ident};\r\n\ts={signature}\r\n".encode()

    def _genuine(self, value: bytes) -> bool:
        found = _MARK.fullmatch(value.decode("latin-1").strip())
        if found is None:
            return False
        expected = self._sign(found["host"], found["time"], found["ident"])
        return hmac.compare_digest(expected, found["signature"])

    def _sign(self, host: str, time: str, ident: str) -> str:
        signed = f"sallyport-trace-1|{host}|{time}|{ident}"
        return hmac.new(self._key, signed.encode(), hashlib.sha256).hexdigest()
