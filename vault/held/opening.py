"""Opening what waits for reviewers: for the worker that releases, and for the console. Never imported by the relay.

Opening for a person's eyes is an audit event first; the caller writes it (``vault/looks.py``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from domain.errors import SealBroken, VaultUnavailable
from vault.held.copy import Copy, unpack
from vault.models import HeldCopy
from vault.objects.port import ObjectStore
from vault.rows import reading
from vault.unseal import decrypt


class NoCopy(SealBroken):
    """Nothing was kept for reviewers."""

    public = (
        "No copy of this mail was kept for reviewers: no reviewers' key was set when it was held (setting "
        "review.recipient), or it was settled. Ask the officer to send it again."
    )


class Reader:
    """Opens with the reviewers' identities. Raises ``VaultUnavailable``, ``SealBroken``, :class:`NoCopy`."""

    def __init__(self, store: ObjectStore, identities: Sequence[Any]) -> None:
        self._store = store
        self._identities = list(identities)

    def open(self, record: str) -> Copy:
        """The newest copy of a held mail."""
        with reading(VaultUnavailable):
            row = HeldCopy.objects.filter(record=record, destroyed_at=None).order_by("-kept_at", "-pk").first()
        if row is None:
            raise NoCopy("no copy", record=record)
        sealed = b"".join(self._store.get(row.key, row.version))
        if hashlib.sha256(sealed).hexdigest() != row.sealed_sha256:
            raise SealBroken("the held copy is another file", key=row.key)
        try:
            return unpack(decrypt(sealed, self._identities, row.key))
        except ValueError as error:
            raise SealBroken("a held copy of another version", key=row.key) from error
