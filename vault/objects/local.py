"""Sealed files in a folder, for one machine.

Layout: ``<root>/<key>@<version>`` holds the bytes, ``...@<version>.json`` beside it tags,
metadata and the lock. A version is there once its data file is; the JSON file is always
durable first, so a crash leaves at most a JSON file (or half of one) without data, which nobody lists.

Trust: whoever may write in the folder is trusted; the lock is kept by this code and by the
file modes, not by the operating system (``docs/vault-format.md`` says so to operators).
Failure: any ``OSError`` (full disk, lost mount) is ``VaultUnavailable``; what was half written is removed.
Changes to what is there (tags, lock, hold, deletion) take turns by an ``flock`` on the object's folder, so that
one that extends a lock cannot undo a hold that somebody else sets in the same moment.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.ports import Clock
from vault.ids import is_id, made_at, new_id
from vault.objects import files
from vault.objects.folders import Folders
from vault.objects.port import CHUNK, NoSuchObject, ObjectLocked, ReadBack, Stat, Stored, Version, checked_key
from vault.objects.sides import HOLD, SIDE, as_unavailable, lock_of, read_side

_STEP = timedelta(microseconds=1)
_WRITING = timedelta(hours=1)
"""How old the remains of a write must be before anybody calls them broken."""
_PRIVATE_FOLDER = 0o700


class LocalStore:
    """Implements ``ObjectStore``. Safe for several threads and processes over one folder."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root.absolute()
        self._root_text = str(self._root)
        self._folders = Folders(self._root_text)
        self._clock = clock
        self._lock = threading.Lock()
        self._last = datetime.min.replace(tzinfo=UTC)
        with as_unavailable(writing=True):
            self._root.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)

    def put(
        self,
        key: str,
        data: bytes,
        *,
        tags: Mapping[str, str],
        metadata: Mapping[str, str],
        locked_until: datetime | None,
    ) -> Stored:
        """See the port. Written aside, synced, then linked into place; never over anything."""
        version = self._next_version()
        data_path, side_path = self._paths(key, version)
        side = {
            "tags": dict(tags),
            "metadata": dict(metadata),
            "locked_until": locked_until.isoformat() if locked_until else None,
        }
        with as_unavailable(writing=True):
            folder = self._folder(key)
            fresh = self._make_folder(folder)
            try:
                # Nobody lists a side file, so half of one is as good as none: it needs no writing aside.
                files.write_synced(side_path, json.dumps(side).encode())
                files.write_new(data_path, data)
            except FileExistsError:  # not ours to remove
                raise
            except BaseException:
                files.remove(side_path)
                raise
            files.sync_folder(folder)
            if fresh:  # last, when the disk has most of it already; until then there is no object at all
                files.sync_folder(folder.rpartition("/")[0])
        return Stored(key, version, len(data), hashlib.sha256(data).hexdigest())

    def get(self, key: str, version: str = "") -> Iterator[bytes]:
        """See the port."""
        path, _ = self._paths(key, version or self._newest(key))
        with as_unavailable(), open(path, "rb", buffering=0) as file:  # noqa: PTH123 - see _paths
            while piece := file.read(CHUNK):
                yield piece

    def stat(self, key: str, version: str = "") -> Stat:
        """See the port."""
        version = version or self._newest(key)
        path, side_path = self._paths(key, version)
        with as_unavailable():
            size = os.stat(path).st_size  # noqa: PTH116 - see _paths
            side = read_side(side_path)
        return Stat(key, version, size, side["metadata"], lock_of(side), side.get(HOLD, False))

    def read_back(self, key: str, version: str) -> ReadBack:
        """See the port."""
        digest = hashlib.sha256()
        for piece in self.get(key, version):
            digest.update(piece)
        return ReadBack(digest.hexdigest(), self.stat(key, version))

    def tags(self, key: str, version: str = "") -> Mapping[str, str]:
        """See the port."""
        _, side_path = self._paths(key, version or self._newest(key))
        with as_unavailable():
            tags: Mapping[str, str] = read_side(side_path)["tags"]
        return tags

    def set_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        """See the port."""
        self._change(key, version, lambda side: {**side, "tags": dict(tags)})

    def list(self, prefix: str) -> Iterator[Version]:
        """See the port."""
        return self._folders.list(prefix)

    def versions(self, prefix: str, after: str = "") -> Iterator[Version]:
        """See the port."""
        return self._folders.versions(prefix, after)

    def extend_lock(self, key: str, version: str, until: datetime) -> None:
        """See the port."""

        def extended(side: Mapping[str, Any]) -> Mapping[str, Any]:
            lock = lock_of(side)
            if lock and until < lock:
                raise ObjectLocked("shortening a lock", key=key)
            return {**side, "locked_until": until.isoformat()}

        self._change(key, version, extended)

    def set_legal_hold(self, key: str, version: str, on: bool) -> None:  # noqa: FBT001 - the port's signature
        """See the port."""

        def switched(side: Mapping[str, Any]) -> Mapping[str, Any]:
            without = {name: value for name, value in side.items() if name != HOLD}
            return {**without, HOLD: True} if on else without

        self._change(key, version, switched)

    def delete(self, key: str, version: str) -> None:
        """See the port. The data goes first: a crash between leaves a side file, never unprotected data.

        What a broken write left (no data file) goes too, once nobody can be at it any more.
        """
        path, side_path = self._paths(key, version)
        with as_unavailable(), files.turn(self._folder(key)):
            halves = self._halves(path)
            if os.path.exists(path):  # noqa: PTH110 - see _paths
                self._check_free(key, read_side(side_path))
            elif not halves and not os.path.exists(side_path):  # noqa: PTH110 - a Path object costs more than the call
                raise NoSuchObject("no such file", key=key)
            elif self._clock.now() < made_at(version) + _WRITING:
                raise ObjectLocked("somebody may be writing it", key=key)
            for each in (path, *halves, side_path):
                files.remove(each)
            files.sync_folder(self._folder(key))

    def _check_free(self, key: str, side: Mapping[str, Any]) -> None:
        lock = lock_of(side)
        if lock and self._clock.now() < lock:
            raise ObjectLocked("the lock has not run out", key=key)
        if side.get(HOLD, False):
            raise ObjectLocked("a legal hold is on", key=key)

    def _change(self, key: str, version: str, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """The side file anew, durable on return; never that of something deleted."""
        path, side_path = self._paths(key, version)
        with as_unavailable(), files.turn(self._folder(key)):
            os.stat(path)  # noqa: PTH116 - see _paths
            side = read_side(side_path)
            changed = change(side)
            if changed != side:
                files.replace(side_path, json.dumps(changed).encode())

    def _halves(self, path: str) -> Sequence[str]:
        """What broken writes of this version left."""
        folder, _, name = path.rpartition("/")
        return [f"{folder}/{n}" for n in os.listdir(folder) if n.startswith(f"{name}.") and n.endswith(files.HALF)]  # noqa: PTH208 - a Path object costs more than the call

    def _next_version(self) -> str:
        """Later than every version this store has given: «newest» must not be a matter of chance."""
        with self._lock:
            self._last = max(self._clock.now(), self._last + _STEP)
            return new_id(self._last)

    def _paths(self, key: str, version: str) -> tuple[str, str]:
        """Of data and side file. Plain text: making ``Path`` objects costs more than the system's calls do."""
        if not is_id(version):
            raise ValueError("not a version")
        base = f"{self._root_text}/{checked_key(key)}@{version}"
        return base, base + SIDE

    def _folder(self, key: str) -> str:
        return f"{self._root_text}/{key}".rpartition("/")[0]

    def _newest(self, key: str) -> str:
        parent, _, name = checked_key(key).rpartition("/")
        with as_unavailable():
            versions = [n.rpartition("@")[2] for n in os.listdir(self._root / parent) if n.rpartition("@")[0] == name]  # noqa: PTH208 - names alone
        versions = [v for v in versions if is_id(v)]
        if not versions:
            raise NoSuchObject("no version", key=key)
        return max(versions)

    def _make_folder(self, folder: str) -> bool:
        """The folder, whose entry the caller makes durable if it is new, and those above it, durable at once."""
        try:
            os.mkdir(folder, _PRIVATE_FOLDER)  # noqa: PTH102 - see _paths
        except FileExistsError:
            return False
        except FileNotFoundError:
            parent = folder.rpartition("/")[0]
            if len(folder) <= len(self._root_text):  # never beyond our own root
                raise
            if self._make_folder(parent):
                files.sync_folder(parent.rpartition("/")[0])
            with suppress(FileExistsError):
                os.mkdir(folder, _PRIVATE_FOLDER)  # noqa: PTH102 - a Path object costs more than the call
        return True
