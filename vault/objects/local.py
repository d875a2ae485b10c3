"""Sealed files in a folder, for one machine.

Layout: ``<root>/<key>@<version>`` holds the bytes, ``...@<version>.json`` beside it tags,
metadata and the lock. A version is there once its data file is; the JSON file is always
durable first, so a crash leaves at most a JSON file (or half of one) without data, which nobody lists.

Trust: whoever may write in the folder is trusted; the lock is kept by this code and by the
file modes, not by the operating system (``docs/vault-format.md`` says so to operators).
Failure: any ``OSError`` (full disk, lost mount) is ``VaultUnavailable``; what was half written is removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.errors import VaultUnavailable
from domain.ports import Clock
from vault.ids import is_id, new_id
from vault.objects.port import CHUNK, NoSuchObject, ObjectLocked, Stat, Stored, Version, checked_key, checked_prefix

_STEP = timedelta(microseconds=1)
_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600


class LocalStore:
    """Implements ``ObjectStore``. Safe for several threads and processes over one folder."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root.absolute()
        self._root_text = str(self._root)
        self._clock = clock
        self._lock = threading.Lock()
        self._last = datetime.min.replace(tzinfo=UTC)
        with _as_unavailable(writing=True):
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
        with _as_unavailable(writing=True):
            folder = self._folder(key)
            fresh = self._make_folder(folder)
            try:
                # Nobody lists a side file, so half of one is as good as none: it needs no writing aside.
                _write_synced(side_path, json.dumps(side).encode())
                _write_new(data_path, data)
            except FileExistsError:  # not ours to remove
                raise
            except BaseException:
                _remove(side_path)
                raise
            _sync_folder(folder)
            if fresh:  # last, when the disk has most of it already; until then there is no object at all
                _sync_folder(folder.rpartition("/")[0])
        return Stored(key, version, len(data), hashlib.sha256(data).hexdigest())

    def get(self, key: str, version: str = "") -> Iterator[bytes]:
        """See the port."""
        path, _ = self._paths(key, version or self._newest(key))
        with _as_unavailable(), open(path, "rb", buffering=0) as file:  # noqa: PTH123 - see _paths
            while piece := file.read(CHUNK):
                yield piece

    def stat(self, key: str, version: str = "") -> Stat:
        """See the port."""
        version = version or self._newest(key)
        path, side_path = self._paths(key, version)
        with _as_unavailable():
            size = os.stat(path).st_size  # noqa: PTH116 - see _paths
            side = _read_side(side_path)
        return Stat(key, version, size, side["metadata"], _lock_of(side))

    def tags(self, key: str, version: str = "") -> Mapping[str, str]:
        """See the port."""
        _, side_path = self._paths(key, version or self._newest(key))
        with _as_unavailable():
            tags: Mapping[str, str] = _read_side(side_path)["tags"]
        return tags

    def list(self, prefix: str) -> Iterator[Version]:
        """See the port."""
        checked_prefix(prefix)
        start = self._root / prefix.rpartition("/")[0]
        found = []
        for folder, _, names in os.walk(start):
            for name in names:
                stem, at, version = name.rpartition("@")
                if at and is_id(version):
                    path = Path(folder)
                    key = (path.relative_to(self._root) / stem).as_posix()
                    if key.startswith(prefix):
                        found.append((key, version, path / name))
        for key, version, path in sorted(sorted(found, key=lambda f: f[1], reverse=True), key=lambda f: f[0]):
            with suppress(FileNotFoundError):  # deleted while we looked
                yield Version(key, version, path.stat().st_size)

    def extend_lock(self, key: str, version: str, until: datetime) -> None:
        """See the port."""
        path, side_path = self._paths(key, version)
        with _as_unavailable():
            os.stat(path)  # noqa: PTH116 - see _paths
            side = _read_side(side_path)
            lock = _lock_of(side)
            if lock and until < lock:
                raise ObjectLocked("shortening a lock", key=key)
            side["locked_until"] = until.isoformat()
            _replace(side_path, json.dumps(side).encode())

    def delete(self, key: str, version: str) -> None:
        """See the port. The data goes first: a crash between leaves a side file, never unprotected data."""
        path, side_path = self._paths(key, version)
        with _as_unavailable():
            lock = _lock_of(_read_side(side_path))
            if lock and self._clock.now() < lock:
                raise ObjectLocked("the lock has not run out", key=key)
            _remove(path)
            _remove(side_path)
            _sync_folder(self._folder(key))

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
        return base, base + ".json"

    def _folder(self, key: str) -> str:
        return f"{self._root_text}/{key}".rpartition("/")[0]

    def _newest(self, key: str) -> str:
        parent, _, name = checked_key(key).rpartition("/")
        with _as_unavailable():
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
                _sync_folder(parent.rpartition("/")[0])
            with suppress(FileExistsError):
                os.mkdir(folder, _PRIVATE_FOLDER)  # noqa: PTH102
        return True


@contextmanager
def _as_unavailable(*, writing: bool = False) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not writing:
            raise NoSuchObject("no such file") from error
        raise VaultUnavailable("the object folder", errno=error.errno) from error


def _lock_of(side: Mapping[str, Any]) -> datetime | None:
    until = side["locked_until"]
    return datetime.fromisoformat(until) if until else None


def _read_side(path: str) -> dict[str, Any]:
    """The side file. One that cannot be read must not read as «no lock»."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - see LocalStore._paths
        text = file.read()
    try:
        side: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise VaultUnavailable("a damaged side file") from error
    if not {"tags", "metadata", "locked_until"} <= side.keys():
        raise VaultUnavailable("a damaged side file")
    return side


def _write_new(path: str, data: bytes) -> None:
    """Whole and durable, or not there at all; never over an existing file."""
    aside = f"{path}.{_suffix()}.part"
    try:
        _write_synced(aside, data)
        os.link(aside, path)
    finally:
        _remove(aside)


def _replace(path: str, data: bytes) -> None:
    aside = f"{path}.{_suffix()}.part"
    try:
        _write_synced(aside, data)
        os.replace(aside, path)  # noqa: PTH105 - see LocalStore._paths
    finally:
        _remove(aside)
    _sync_folder(path.rpartition("/")[0])


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - see LocalStore._paths


def _suffix() -> str:
    """What makes a name of our own aside unique."""
    return os.urandom(8).hex()


def _write_synced(path: str, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PRIVATE_FILE)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
