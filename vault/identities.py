"""Identities: what opens seals. Read from files as ``age-keygen`` writes them; in memory only, never shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyrage

from domain.errors import ConfigurationError

_SECRET = re.compile(rb"^AGE-SECRET-KEY-1[0-9A-Z]+$", re.MULTILINE)


def read_identities(path: Path) -> list[Any]:
    """The age identities of a file. Raises ``ConfigurationError`` for one that cannot be read or holds none."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError("identity file", public=f"The identity file {path} cannot be read.") from error
    found = identities_in(content)
    if not found:
        raise ConfigurationError("identity file", public=f"The identity file {path} holds no age secret key.")
    return found


def identities_in(content: bytes) -> list[Any]:
    """The X25519 identities in the text of an identity file. Raises ``ConfigurationError`` for a damaged one."""
    return [_identity(secret) for secret in _SECRET.findall(content)]


def _identity(secret: bytes) -> Any:
    try:
        return pyrage.x25519.Identity.from_str(secret.decode())
    except pyrage.IdentityError:
        raise ConfigurationError("not an age identity", public="An age secret key is damaged.") from None
