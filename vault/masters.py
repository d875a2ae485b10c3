"""The masters: whom people's secret halves are sealed to. Two or more, so that one lost key does not lose everything.

Public halves only: X25519 (``age1...``), or recipients of an age plug-in (``age1yubikey1...``), whose program must
be on the PATH to seal; the hardware itself need not be there. The relay has no use for masters at all.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Sequence
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
        """Raises ``ConfigurationError`` for fewer than two, and for what is no recipient. See :attr:`missing` too."""
        self.recipients = tuple(dict.fromkeys(r.lower() for r in recipients))  # in capitals it is the same key
        if len(self.recipients) < FEWEST:
            message = f"The setting '{_SETTING}' needs at least two different age public keys."
            raise ConfigurationError("too few masters", public=message)
        self._prompts = prompts
        self.plugins = tuple(dict.fromkeys(_of_plugin(r).plugin() for r in self.recipients if not _is_plain(r)))
        self.tag = tag_of(*self.recipients)

    @property
    def missing(self) -> tuple[str, ...]:
        """Programs that sealing needs and that are not on the PATH. A relay needs none: it never seals to masters."""
        programs = (f"age-plugin-{plugin}" for plugin in self.plugins)
        return tuple(program for program in programs if not shutil.which(program))

    def keys(self) -> list[Any]:
        """As ``pyrage`` takes them, anew for each file. Raises ``ConfigurationError`` where a plug-in is missing."""
        return keys_of(self.recipients, self._prompts)

    def alone(self) -> list[tuple[str, list[Any]]]:
        """Each master by itself, with its text: to try which of them an identity is."""
        return [(text, keys_of([text], self._prompts)) for text in self.recipients]


def keys_of(recipients: Iterable[str], prompts: Prompts = NOBODY) -> list[Any]:
    """Masters as ``pyrage`` takes them, however few. Those of one plug-in go to it together: it is started once a file.

    Raises ``ConfigurationError`` for what is no recipient, and for a plug-in that is not installed.
    """
    found, by_plugin = list[Any](), dict[str, list[Any]]()
    for text in recipients:
        if _is_plain(text):
            found.append(pyrage.x25519.Recipient.from_str(text))
        else:
            recipient = _of_plugin(text)
            by_plugin.setdefault(recipient.plugin(), []).append(recipient)
    return found + [_plugin(name, theirs, prompts) for name, theirs in by_plugin.items()]


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


def _of_plugin(text: str) -> Any:
    try:
        return pyrage.plugin.Recipient.from_str(text)
    except pyrage.RecipientError:
        message = f"The setting '{_SETTING}' holds something that is not an age public key (age1...)."
        raise ConfigurationError("not an age recipient", public=message) from None


def _plugin(name: str, recipients: list[Any], prompts: Prompts) -> Any:
    try:
        return pyrage.plugin.RecipientPluginV1(name, recipients, [], prompts)
    except pyrage.EncryptError:
        message = f"The setting '{_SETTING}' needs the program age-plugin-{name}, which is not on the PATH."
        raise ConfigurationError("no such plug-in", public=message) from None
