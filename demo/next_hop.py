"""The demo's next mail system: a real SMTP server that takes everything, keeps it, and can say what it got."""

from __future__ import annotations

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

_KB = 1024


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

    def described(self) -> str:
        """What a stranger on the wire would see of it."""
        size = f"{max(1, len(self.content) // _KB)} kB"
        kind = self.header.get_content_type()
        if kind == "multipart/encrypted":
            return f"OpenPGP message, {size}"
        if kind == "application/pkcs7-mime":
            return f"S/MIME message, {size}"
        return f"as it came, {size}"


class NextHop:
    """Takes mail on a loopback port and writes each to a folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self.port = folder, port
        self._arrivals: list[Arrival] = []
        self._lock = threading.Lock()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep it, once a recipient."""
        content = bytes(envelope.content)
        with self._lock:
            for recipient in envelope.rcpt_tos:
                file = self._folder / f"{len(self._arrivals) + 1:03}-{recipient.partition('@')[0]}.eml"
                file.write_bytes(content)
                self._arrivals.append(
                    Arrival((envelope.mail_from or "").strip("<>"), recipient.casefold(), content, file)
                )
        return "250 2.0.0 Taken"

    def for_message(self, message_id: str, recipient: str) -> Arrival | None:
        """The copy of that mail that this recipient got."""
        return next((a for a in self._all() if a.recipient == recipient and a.header["Message-ID"] == message_id), None)

    def newest_for(self, recipient: str) -> Arrival | None:
        """The last mail that this recipient got."""
        return next((a for a in reversed(self._all()) if a.recipient == recipient and a.sender), None)

    def first_of_each_kind(self) -> list[Arrival]:
        """One OpenPGP and one S/MIME message, where there are any."""
        kinds = {a.header.get_content_type(): a for a in reversed(self._all())}
        return [kinds[k] for k in ("multipart/encrypted", "application/pkcs7-mime") if k in kinds]

    def notice_about(self, message_id: str) -> Arrival | None:
        """What the sender of that mail was told."""
        return next((a for a in self._all() if not a.sender and a.header["In-Reply-To"] == message_id), None)

    def _all(self) -> list[Arrival]:
        with self._lock:
            return list(self._arrivals)


@contextmanager
def listening(folder: Path, port: int) -> Iterator[NextHop]:
    """The server, while the block runs. Raises ``OSError`` if the port is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    hop = NextHop(folder, port)
    controller = Controller(
        hop, hostname="127.0.0.1", port=port, server_hostname="next-hop.example", data_size_limit=None
    )
    controller.start()
    try:
        yield hop
    finally:
        controller.stop()
