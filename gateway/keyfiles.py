"""Key files that the settings name: read, or made at first start. Failure: ``ConfigurationError`` with a sentence."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from config.settings import Settings
from domain.errors import ConfigurationError

RANDOM_KEY_BYTES = 32


def random_key(path: Path, name: str) -> bytes:
    """32 random octets or more, made where there is no such file yet. ``name`` is the setting's."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(secrets.token_bytes(RANDOM_KEY_BYTES))
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigurationError("random key", public=f"The file {path} ({name}) cannot be written.") from error
    try:
        key = path.read_bytes()
    except OSError as error:
        raise ConfigurationError("random key", public=f"The file {path} ({name}) cannot be read.") from error
    if len(key) < RANDOM_KEY_BYTES:
        public = f"The file {path} ({name}) is too short; delete it, and the relay makes a new one."
        raise ConfigurationError("random key", public=public)
    return key


def key_file(settings: Settings, path: Path, name: str) -> bytes:
    """What the file holds. ``name`` is the setting's."""
    try:
        return settings.at_home(path).read_bytes()
    except OSError as error:
        raise ConfigurationError("key file", public=f"The file {path} ({name}) cannot be read.") from error
