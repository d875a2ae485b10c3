"""The object store, as little of it as the vault needs.

Trust: whoever runs the store may see keys, tags, metadata and sealed bytes, may lose them or
change them; never may they read a document. So nothing in a key, a tag or the metadata says
who somebody is, and everything is read back and compared by the caller.

Each method raises ``VaultUnavailable`` when the store does not answer as it should,
:class:`NoSuchObject` for what is not there, and ``ValueError`` for a key that may not be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.errors import SallyportError, SealBroken, VaultUnavailable

_SEGMENT = r"[A-Za-z0-9][A-Za-z0-9._=-]{0,127}"
_KEY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{0,15}}")
_MAX_KEY = 512

CHUNK = 1 << 20
"""How much of an object is in memory at once while it is read, in bytes."""


class NoSuchObject(SealBroken):
    """A row or a caller names an object that the store does not have."""

    public = "The stored copy is missing."


class StoreRefused(VaultUnavailable):
    """The store has answered, and its answer is no: asking again will not help as long as it is set up as it is."""


class ObjectLocked(SallyportError):
    """The store refuses to delete or to shorten: a lock runs, or a legal hold is on. That is what they are for."""

    public = "This copy must be kept: its lock has not run out, or a legal hold is on it."


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of one object as it was written. ``sha256`` is of the bytes given, hexadecimal."""

    key: str
    version: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version as the store lists it. ``marker`` is a delete marker: no bytes, it only hides the others."""

    key: str
    version: str
    size: int
    marker: bool = False


@dataclass(frozen=True, slots=True)
class Stat:
    """What the store says of one version. ``locked_until`` is None where no COMPLIANCE lock is on it.

    ``legal_hold`` forbids deletion too, for as long as it is on; lock and hold do not know of each other.
    """

    key: str
    version: str
    size: int
    metadata: Mapping[str, str]
    locked_until: datetime | None
    legal_hold: bool = False


@dataclass(frozen=True, slots=True)
class ReadBack:
    """``sha256`` of the bytes as they came, hexadecimal; ``stat`` as the store said it with them."""

    sha256: str
    stat: Stat


class ObjectStore(Protocol):
    """Versioned, write-once objects with a lock that nobody may shorten."""

    def put(
        self,
        key: str,
        data: bytes,
        *,
        tags: Mapping[str, str],
        metadata: Mapping[str, str],
        locked_until: datetime | None,
    ) -> Stored:
        """A new version, durable on return; earlier versions stay. Metadata names are lower case."""
        ...

    def get(self, key: str, version: str = "") -> Iterator[bytes]:
        """The bytes, in pieces of at most ``CHUNK``; without ``version`` the newest."""
        ...

    def stat(self, key: str, version: str = "") -> Stat:
        """Size, metadata and lock, as the store itself has them now."""
        ...

    def read_back(self, key: str, version: str) -> ReadBack:
        """What the store has now, read whole; in one request where the store can."""
        ...

    def tags(self, key: str, version: str = "") -> Mapping[str, str]:
        """The tags."""
        ...

    def set_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        """These tags and no others from now on. Neither a lock nor a hold forbids it."""
        ...

    def list(self, prefix: str) -> Iterator[Version]:
        """Every version whose key begins with ``prefix``; newest first within a key. No delete markers."""
        ...

    def versions(self, prefix: str, after: str = "") -> Iterator[Version]:
        """Whatever there is below ``prefix``, delete markers and remains of broken writes too, in the order of keys.

        Empty means gone: this is the proof of a disposal. Only keys that sort behind ``after``, for long listings.
        """
        ...

    def extend_lock(self, key: str, version: str, until: datetime) -> None:
        """Lock until later than now. Raises :class:`ObjectLocked` if that would shorten it."""
        ...

    def set_legal_hold(self, key: str, version: str, on: bool) -> None:  # noqa: FBT001 - what is set is a switch
        """Put a legal hold on, or take it off. Setting what is set already changes nothing."""
        ...

    def delete(self, key: str, version: str) -> None:
        """Remove one version (or delete marker) for good. Raises :class:`ObjectLocked` while it is locked or held."""
        ...


def checked_key(key: str) -> str:
    """The same key. ``ValueError`` for one that could climb out of a folder or that servers read differently."""
    if len(key) > _MAX_KEY or not _KEY.fullmatch(key):
        raise ValueError("not an object key")
    return key


def checked_prefix(prefix: str) -> str:
    """The same prefix: empty, or a key with or without a slash at its end."""
    if prefix:
        checked_key(prefix.removesuffix("/"))
    return prefix
