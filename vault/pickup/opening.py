"""Opening what waits: for the pick-up process alone, which has the key. Never imported by the relay.

Raises ``VaultUnavailable``, ``SealBroken``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from domain.errors import SealBroken
from vault.models import PickupGrant
from vault.objects.port import ObjectStore
from vault.pickup.copy import Waiting, unpack
from vault.unseal import decrypt


class Shelf:
    """Opens with the pick-up process's own identities."""

    def __init__(self, store: ObjectStore, identities: Sequence[Any]) -> None:
        self._store, self._identities = store, list(identities)

    def open(self, grant: PickupGrant) -> Waiting:
        """What waits under a grant that may be opened; who calls has asked."""
        sealed = b"".join(self._store.get(grant.key, grant.version))
        if hashlib.sha256(sealed).hexdigest() != grant.sealed_sha256:
            raise SealBroken("what waits is another file", grant=grant.id)
        try:
            return unpack(decrypt(sealed, self._identities, grant.key))
        except ValueError as error:
            raise SealBroken("what waits was written by another version", grant=grant.id) from error
