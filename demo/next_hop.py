"""The demo's next mail system: a real SMTP server that takes everything, keeps it, and can say what it got."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from domain.errors import ConfigurationError

_KB = 1024
_TRACE = re.compile(rb"(?:(?:Received|X-Sallyport-Trace):[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*){2}")
"""What the relay writes before a mail (``gateway/loop.py``): one Received field and its mark."""
_PROTECTED = frozenset({"multipart/encrypted", "application/pkcs7-mime"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail as it arrived, for one recipient (folded)."""

    sender: str
    recipient: str
    content: bytes = field(repr=False)
    file: Path

    @property
    def header(self) -> Message:
        """Its header fields."""
        return message_from_bytes(self.content[: 64 * _KB], policy=compat32)

    @property
    def digest(self) -> str:
        """The SHA-256 (hexadecimal) of the mail as the relay got it, where it was passed on as it came."""
        trace = _TRACE.match(self.content)
        return hashlib.sha256(self.content[trace.end() if trace else 0 :]).hexdigest()

    @property
    def protected(self) -> bool:
        """Whether it is encrypted."""
        return self.header.get_content_type() in _PROTECTED or self.tells_of_pick_up or self.is_locked_pdf

    @property
    def is_locked_pdf(self) -> bool:
        """Whether it is neutral words around a PDF with a password."""
        return b'filename="message.pdf"' in self.content and str(self.header["Subject"]).startswith("A protected")

    @property
    def tells_of_pick_up(self) -> bool:
        """Whether it is a notice with a link to what waits."""
        return self.header["Auto-Submitted"] == "auto-generated" and b"/p/" in self.content

    def described(self) -> str:
        """What a stranger on the wire would see of it."""
        size = f"{max(1, len(self.content) // _KB)} kB"
        kind = self.header.get_content_type()
        if kind == "multipart/encrypted":
            return f"OpenPGP message, {size}"
        if kind == "application/pkcs7-mime":
            return f"S/MIME message, {size}"
        if self.is_locked_pdf:
            return f"a PDF with a password, {size}"
        return f"a notice with a link, {size}" if self.tells_of_pick_up else f"as it came, {size}"


class NextHop:
    """Takes mail on a loopback port and writes each to a folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self.port = folder, port
        self._arrivals: list[Arrival] = []
        self._unclaimed: list[Arrival] = []
        self._lock = threading.Lock()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep it, once a recipient."""
        content = bytes(envelope.content)
        with self._lock:
            for recipient in envelope.rcpt_tos:
                file = self._folder / f"{len(self._arrivals) + 1:03}-{recipient.partition('@')[0]}.eml"
                file.write_bytes(content)
                sender = (envelope.mail_from or "").strip("<>").casefold()
                self._arrivals.append(Arrival(sender, recipient.casefold(), content, file))
                self._unclaimed.append(self._arrivals[-1])
        return "250 2.0.0 Taken"

    def for_message(self, message_id: str, recipient: str) -> Arrival | None:
        """The copy of that mail that this recipient got."""
        return next((a for a in self._all() if a.recipient == recipient and a.header["Message-ID"] == message_id), None)

    def forget(self) -> None:
        """What arrived so far is nobody's to claim any more."""
        with self._lock:
            self._unclaimed.clear()

    def claim(self, digest: str, sender: str, recipient: str) -> Arrival | None:
        """This recipient's copy of the mail with that SHA-256, each copy once. Ask in the order in which they left.

        Of a copy passed on as it came the SHA-256 tells. The others were changed on the way: protected, or (among
        those in the clear, which come last) without a Bcc field.
        """
        with self._lock:
            theirs = [a for a in self._unclaimed if (a.sender, a.recipient) == (sender, recipient)]
            theirs.sort(key=lambda a: (a.digest != digest, not a.protected))
            if theirs:
                self._unclaimed.remove(theirs[0])
            return theirs[0] if theirs else None

    def first_of_each_kind(self) -> list[Arrival]:
        """One OpenPGP and one S/MIME message, where there are any."""
        kinds = {a.header.get_content_type(): a for a in reversed(self._all())}
        return [kinds[k] for k in ("multipart/encrypted", "application/pkcs7-mime") if k in kinds]

    def last_notice_of_pick_up(self, recipient: str = "") -> Arrival | None:
        """The newest, of this recipient or of anybody."""
        found = (a for a in reversed(self._all()) if a.tells_of_pick_up and recipient in {"", a.recipient})
        return next(found, None)

    def notice_about(self, message_id: str) -> Arrival | None:
        """What the sender of that mail was told."""
        return next((a for a in self._all() if not a.sender and a.header["In-Reply-To"] == message_id), None)

    def _all(self) -> list[Arrival]:
        with self._lock:
            return list(self._arrivals)


@contextmanager
def listening(folder: Path, port: int) -> Iterator[NextHop]:
    """The server, while the block runs. Raises ``ConfigurationError`` if somebody else took the port meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    hop = NextHop(folder, port)
    controller = Controller(
        hop, hostname="127.0.0.1", port=port, server_hostname="next-hop.example", data_size_limit=None
    )
    try:
        controller.start()
    except OSError as error:
        raise ConfigurationError("port taken", public=f"Port {port} is taken on this machine.") from error
    try:
        yield hop
    finally:
        controller.stop()
