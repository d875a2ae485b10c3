"""The key that signs cookies and links of the pages: a file that all processes with pages share.

Its first line signs; further lines are still believed, so that a key can be changed without throwing anybody out.
The environment's ``SALLYPORT_SECRET_KEY`` stands in its place, where it is set. A relay needs none of it.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from domain.errors import ConfigurationError

_SHORTEST = 50


def keys_in(path: Path) -> tuple[str, ...]:
    """The keys, the signing one first; the file is made where it is missing. Raises ``ConfigurationError``."""
    if given := os.environ.get("SALLYPORT_SECRET_KEY"):
        return _long_enough((given,), "The environment's SALLYPORT_SECRET_KEY")
    try:
        if not path.exists():
            _make(path)
        lines = tuple(line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    except (OSError, ValueError) as error:
        public = f"The file {path} (console.secret_key) cannot be read or made; `sallyport setup` makes it."
        raise ConfigurationError("secret key", public=public) from error
    return _long_enough(lines, f"The file {path} (console.secret_key)")


def _long_enough(keys: tuple[str, ...], where: str) -> tuple[str, ...]:
    if not keys or min(map(len, keys)) < _SHORTEST:
        raise ConfigurationError("secret key", public=f"{where} must hold {_SHORTEST} random characters or more.")
    return keys


def _make(path: Path) -> None:
    """Whole from its first moment on: whoever else makes one at the same time finds this one, or we theirs."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write(f"{secrets.token_urlsafe(64)}\n")
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
