"""Port ``Texts``: passphrases of protected PDFs that go by text message, sealed until the worker sends them."""

from __future__ import annotations

from datetime import datetime

from domain.model import Address
from domain.outgoing import TextOwed
from gateway.protect.passphrases import sealed_text
from vault import texts


class SealedTexts:
    """``key`` is that of protected PDFs: what opens no PDF here opens no text message."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def owe(self, digest: str, recipient: Address, text: TextOwed, now: datetime) -> None:
        """See the port."""
        texts.owe(digest, recipient, sealed_text(text.mobile, text.passphrase, recipient.key, self._key), now)
