"""Webhooks' secrets as the database keeps them: sealed, so that a copy of the database signs for nobody.

The key is an age identity in a file (``web.webhook_key``) that the API and the worker share; a backup of the database
does not hold it. A file that is wrong or away is ``ConfigurationError``; a secret that it does not open is
``UnusableKey``.
"""

from __future__ import annotations

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path

import pyrage
from pyrage import x25519

from domain.errors import ConfigurationError, UnusableKey

PLAIN = "whsec_"
"""How a secret begins, as Standard Webhooks write it; nothing that is sealed does."""
_SEALED = "sealed:"


def seal_secret(secret: str) -> str:
    """As the database keeps it."""
    sealed = pyrage.encrypt(secret.encode(), [_key().to_public()])
    return _SEALED + base64.b64encode(sealed).decode()


def open_secret(kept: str) -> str:
    """What was sealed. Raises ``UnusableKey``."""
    try:
        sealed = base64.b64decode(kept.removeprefix(_SEALED), validate=True)
        return str(pyrage.decrypt(sealed, [_key()]).decode())
    except (pyrage.DecryptError, ValueError) as error:
        raise UnusableKey("a webhook's secret does not open") from error


def _key() -> x25519.Identity:
    from config.django import SETTINGS  # noqa: PLC0415 - read once; here so that the shapes need no settings

    return key_in(SETTINGS.at_home(SETTINGS.web.webhook_key))


def key_in(path: Path) -> x25519.Identity:
    """The identity in the file, which is made where it is missing. Raises ``ConfigurationError``."""
    try:
        if not path.exists():
            _make(path)
        return x25519.Identity.from_str(path.read_text(encoding="ascii").strip())
    except OSError as error:
        public = f"The file {path} (web.webhook_key) cannot be read or made; `sallyport setup` makes it."
        raise ConfigurationError("webhook key", public=public) from error
    except (pyrage.IdentityError, ValueError) as error:
        public = f"The file {path} (web.webhook_key) holds no age secret key."
        raise ConfigurationError("webhook key", public=public) from error


def _make(path: Path) -> None:
    """Whole from its first moment on: whoever else makes one at the same time finds this one, or we theirs."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write(f"{x25519.Identity.generate()}\n")
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
