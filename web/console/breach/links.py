"""A search in a link, sealed: names and illnesses stand in no browser's history and in no proxy's log.

Sealed with the pages' key, as second factors are; a link opens for whoever may search, and each opening is recorded.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import astuple, dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from domain.errors import SallyportError


class OldLink(SallyportError):
    """It is none of ours, or the pages' key is another one by now."""

    public = "This link to a search does not work any more. Type the search again."


@dataclass(frozen=True, slots=True)
class Search:
    """What was typed, and what for (may be empty)."""

    query: str
    why: str = ""


def seal(search: Search) -> str:
    """As it stands in a link."""
    return _fernet().encrypt(json.dumps(astuple(search)).encode()).decode()


def opened(link: str) -> Search:
    """What :func:`seal` sealed. Raises :class:`OldLink`."""
    try:
        return Search(*json.loads(_fernet().decrypt(link.encode())))
    except InvalidToken:
        raise OldLink("a link that does not open") from None


def _fernet() -> MultiFernet:
    """Of all keys that are believed; the first seals."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = (hashlib.sha256(f"searches\0{key}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
