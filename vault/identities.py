"""Identities: what opens seals. In memory only, never shown.

Read from files as ``age-keygen`` and age's plug-ins write them (a line an identity, comments with #), also where the
file itself is sealed with a passphrase (``age -p``). A plug-in identity (``AGE-PLUGIN-YUBIKEY-1...``) says which
program to ask; the secret stays on the hardware.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyrage

from domain.errors import ConfigurationError
from vault.prompts import NOBODY, Prompts

_SECRET = re.compile(rb"^AGE-SECRET-KEY-1[0-9A-Z]+\r?$", re.MULTILINE)
_PLUGIN = re.compile(rb"^AGE-PLUGIN-[^\s]+\r?$", re.MULTILINE)
_SEALED = (b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE-----")


def read_identities(path: Path, prompts: Prompts = NOBODY) -> list[Any]:
    """The age identities of a file. Raises ``ConfigurationError`` for one that cannot be read or holds none.

    ``prompts`` is asked for the file's passphrase, and later by the plug-ins for what they need.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError("identity file", public=f"The identity file {path} cannot be read.") from error
    if content.startswith(_SEALED):
        content = _unlocked(content, path, prompts)
    found = identities_in(content) + _plugins_in(content, path, prompts)
    if not found:
        raise ConfigurationError("identity file", public=f"The identity file {path} holds no age secret key.")
    return found


def identities_in(content: bytes) -> list[Any]:
    """The X25519 identities in the text of an identity file. Raises ``ConfigurationError`` for a damaged one."""
    return [_identity(secret.decode().strip()) for secret in _SECRET.findall(content)]


def quickest_first(identities: Iterable[Any]) -> list[Any]:
    """Plug-ins last: each time that one is asked, a program starts and somebody may have to touch a key."""
    return sorted(identities, key=lambda identity: isinstance(identity, pyrage.plugin.IdentityPluginV1))


def _identity(secret: str) -> Any:
    try:
        return pyrage.x25519.Identity.from_str(secret)
    except pyrage.IdentityError:
        raise ConfigurationError("not an age identity", public="An age secret key is damaged.") from None


def _unlocked(content: bytes, path: Path, prompts: Prompts) -> bytes:
    passphrase = prompts.request_passphrase(f"Passphrase of {path}")
    if not passphrase:
        public = f"The identity file {path} is protected by a passphrase, and none was given."
        raise ConfigurationError("no passphrase", public=public)
    try:
        plain: bytes = pyrage.passphrase.decrypt(content, passphrase)
    except pyrage.DecryptError:
        public = f"That is not the passphrase of the identity file {path}, or the file is damaged."
        raise ConfigurationError("passphrase", public=public) from None
    return plain


def _plugins_in(content: bytes, path: Path, prompts: Prompts) -> list[Any]:
    """One for each plug-in, with all of its identities: it is asked once for all of them."""
    by_name: dict[str, list[Any]] = {}
    for line in _PLUGIN.findall(content):
        try:
            identity = pyrage.plugin.Identity.from_str(line.decode().strip())
        except (pyrage.IdentityError, UnicodeDecodeError):
            public = f"A plug-in identity in the file {path} is damaged."
            raise ConfigurationError("not a plug-in identity", public=public) from None
        by_name.setdefault(identity.plugin(), []).append(identity)
    return [_plugin(name, identities, path, prompts) for name, identities in by_name.items()]


def _plugin(name: str, identities: list[Any], path: Path, prompts: Prompts) -> Any:
    try:
        return pyrage.plugin.IdentityPluginV1(name, identities, prompts)
    except pyrage.DecryptError:
        public = f"The identity file {path} needs the program age-plugin-{name}, which is not on the PATH."
        raise ConfigurationError("no such plug-in", public=public) from None
