"""The audit log's parts from the settings: its name, its keys, its witnesses, who signs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from config.settings import Settings
from domain.errors import ConfigurationError
from vault.merkle.note import Kind, Signer, Verifier


def origin(settings: Settings) -> str:
    """The log's name."""
    return settings.audit.origin or f"{settings.relay.hostname}/audit"


def signer(settings: Settings) -> Signer:
    """Who signs checkpoints. Raises ``ConfigurationError``."""
    path = settings.audit.key
    if path is None:
        public = "No key signs the audit log: make one with `sallyport audit key FILE`, and set audit.key to it."
        raise ConfigurationError("no audit key", public=public)
    found = read_signer(settings.at_home(path))
    if found.kind is not Kind.LOG:
        raise ConfigurationError("a witness's key", public=f"The file {path} (audit.key) holds a witness's key.")
    return found


def read_signer(path: Path) -> Signer:
    """A private key from its file. Raises ``ConfigurationError``."""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("key file", public=f"The key file {path} cannot be read.") from error
    return Signer.of(text)


def log_keys(settings: Settings) -> tuple[Verifier, ...]:
    """Whose checkpoints are believed. Raises ``ConfigurationError``."""
    return tuple(map(Verifier.of, settings.audit.public_keys)) or (signer(settings).verifier,)


def witnesses(settings: Settings) -> tuple[Verifier, ...]:
    """Who must countersign. Raises ``ConfigurationError``."""
    found = tuple(Verifier.of(w.key) for w in settings.audit.witnesses)
    if wrong := [w for w in found if w.kind is not Kind.WITNESS]:
        public = f"The key of {wrong[0].name} in audit.witnesses is a log's key, not a witness's."
        raise ConfigurationError("a log's key", public=public)
    return found


def given(keys: Iterable[str]) -> tuple[Verifier, ...]:
    """Public keys from the command line: lines, or files with lines. Raises ``ConfigurationError``."""
    return tuple(Verifier.of(line) for key in keys for line in _lines(key))


def _lines(text: str) -> list[str]:
    path = Path(text)
    try:
        return path.read_text(encoding="utf-8").split() if path.is_file() else [text]
    except (OSError, UnicodeDecodeError):
        return [text]


def every(settings: Settings) -> timedelta:
    """The least time between two checkpoints."""
    return timedelta(seconds=settings.audit.checkpoint_seconds)
