"""The masters: whom people's secret halves are sealed to. Two or more, so that one lost key does not lose everything.

Public halves only: X25519 (``age1...``), or recipients of an age plug-in (``age1yubikey1...``), whose program must
be on the PATH to seal; the hardware itself need not be there. The relay has no use for masters at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import pyrage

from domain.errors import ConfigurationError
from vault.prompts import NOBODY, Prompts

FEWEST = 2
_TAG_LENGTH = 16
_SETTING = "vault.masters"


class Masters:
    """Checked. ``tag`` says which masters they are, whatever their order: what is sealed to others has another."""

    def __init__(self, recipients: Sequence[str], prompts: Prompts = NOBODY) -> None:
        """Raises ``ConfigurationError`` for fewer than two, for what is no recipient, and for a missing plug-in."""
        self.recipients = tuple(dict.fromkeys(recipients))
        if len(self.recipients) < FEWEST:
            message = f"The setting '{_SETTING}' needs at least two different age public keys."
            raise ConfigurationError("too few masters", public=message)
        self._plain = [r for r in self.recipients if _is_plain(r)]
        self._plugins = _by_plugin([r for r in self.recipients if not _is_plain(r)])
        self._prompts = prompts
        self.keys()
        self.tag = tag_of(*self.recipients)

    def keys(self) -> list[Any]:
        """As ``pyrage`` takes them; a plug-in's are made anew for each file, since each starts its program once."""
        plain = [pyrage.x25519.Recipient.from_str(r) for r in self._plain]
        return plain + [self._plugin(name, recipients) for name, recipients in self._plugins.items()]

    def alone(self) -> list[tuple[str, list[Any]]]:
        """Each master by itself, with its text: to try which of them an identity is."""
        found = []
        for text in self.recipients:
            if _is_plain(text):
                found.append((text, [pyrage.x25519.Recipient.from_str(text)]))
            else:
                recipient = pyrage.plugin.Recipient.from_str(text)
                found.append((text, [self._plugin(recipient.plugin(), [recipient])]))
        return found

    def _plugin(self, name: str, recipients: list[Any]) -> Any:
        try:
            return pyrage.plugin.RecipientPluginV1(name, recipients, [], self._prompts)
        except pyrage.EncryptError:
            message = f"The setting '{_SETTING}' needs the program age-plugin-{name}, which is not on the PATH."
            raise ConfigurationError("no such plug-in", public=message) from None


def tag_of(*recipients: str) -> str:
    """16 hexadecimal digits that say which recipients they are, for rows and the audit trail, which hold no keys."""
    return hashlib.sha256("\n".join(sorted(recipients)).encode()).hexdigest()[:_TAG_LENGTH]


def checked_recipients(recipients: Sequence[str], what: str) -> tuple[str, ...]:
    """The same, each an age X25519 public key. Raises ``ConfigurationError`` naming ``what`` is wrong."""
    if not all(_is_plain(recipient) for recipient in recipients):
        message = f"The setting '{what}' holds something that is not an age public key (age1...)."
        raise ConfigurationError("not an age recipient", public=message)
    return tuple(recipients)


def _is_plain(recipient: str) -> bool:
    try:
        pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        return False
    return True


def _by_plugin(recipients: Sequence[str]) -> dict[str, list[Any]]:
    """Recipients of one plug-in go to it together: it is started once."""
    found: dict[str, list[Any]] = {}
    for text in recipients:
        try:
            recipient = pyrage.plugin.Recipient.from_str(text)
        except pyrage.RecipientError:
            message = f"The setting '{_SETTING}' holds something that is not an age public key (age1...)."
            raise ConfigurationError("not an age recipient", public=message) from None
        found.setdefault(recipient.plugin(), []).append(recipient)
    return found
