"""A store that has to show that it keeps what it is told to, before anything is filed in it (``vault.records_mode``).

The relay asks when it starts. Where the store was away then, the first PUT asks, so that a relay may start before its
store does, and nothing is filed unproven. Once it is proven, a PUT costs one look at a flag. Reading is never refused.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from domain.errors import VaultUnavailable
from domain.ports import Clock
from vault.objects.port import ObjectStore, ReadBack, Stat, Stored, StoreRefused, Version
from vault.objects.probe import probe

_AGAIN = timedelta(minutes=1)
"""After a wrong answer: each probe leaves an object that is locked for minutes, and mails come by the hundred."""


class Proven:
    """Implements ``ObjectStore`` around another."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._probing = threading.Lock()
        self._proven = False
        self._refused: tuple[datetime, str] | None = None

    def prove(self) -> None:
        """Ask, unless it has been shown. Raises ``StoreRefused`` naming the first line that is not so, and
        ``VaultUnavailable`` where the store cannot be asked, or somebody else is asking just now.
        """  # noqa: D205 - one sentence that needs two lines
        if self._proven:
            return
        if self._refused and self._clock.now() < self._refused[0] + _AGAIN:
            raise StoreRefused(self._refused[1])
        if not self._probing.acquire(blocking=False):
            raise VaultUnavailable("the store is being probed")
        try:
            bad = [line for line in probe(self._store, self._clock.now()) if not line.ok]
            for line in sorted(bad, key=lambda line: not line.answered):
                if not line.answered:
                    raise VaultUnavailable(line.text)
                self._refused = self._clock.now(), line.text
                raise StoreRefused(line.text)
            self._proven = True
        finally:
            self._probing.release()

    def put(
        self,
        key: str,
        data: bytes,
        *,
        tags: Mapping[str, str],
        metadata: Mapping[str, str],
        locked_until: datetime | None,
    ) -> Stored:
        """See the port; and ``prove``."""
        if not self._proven:
            self.prove()
        return self._store.put(key, data, tags=tags, metadata=metadata, locked_until=locked_until)

    def get(self, key: str, version: str = "") -> Iterator[bytes]:
        """See the port."""
        return self._store.get(key, version)

    def stat(self, key: str, version: str = "") -> Stat:
        """See the port."""
        return self._store.stat(key, version)

    def read_back(self, key: str, version: str) -> ReadBack:
        """See the port."""
        return self._store.read_back(key, version)

    def tags(self, key: str, version: str = "") -> Mapping[str, str]:
        """See the port."""
        return self._store.tags(key, version)

    def set_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        """See the port."""
        self._store.set_tags(key, version, tags)

    def list(self, prefix: str) -> Iterator[Version]:
        """See the port."""
        return self._store.list(prefix)

    def versions(self, prefix: str, after: str = "") -> Iterator[Version]:
        """See the port."""
        return self._store.versions(prefix, after)

    def extend_lock(self, key: str, version: str, until: datetime) -> None:
        """See the port."""
        self._store.extend_lock(key, version, until)

    def set_legal_hold(self, key: str, version: str, on: bool) -> None:  # noqa: FBT001 - the port's signature
        """See the port."""
        self._store.set_legal_hold(key, version, on)

    def delete(self, key: str, version: str) -> None:
        """See the port."""
        self._store.delete(key, version)
