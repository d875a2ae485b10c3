"""What a store's folder holds, in the order of keys: read folder by folder, so that a long listing needs little memory.

A folder that cannot be read is not an empty one: an empty listing is the proof of a disposal.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from domain.errors import VaultUnavailable
from vault.ids import is_id
from vault.objects.port import NoSuchObject, Version, checked_prefix
from vault.objects.sides import SIDE, as_unavailable

_Versions = list[tuple[str, list[tuple[str, str]]]]
"""Of one key: versions with what follows each in the files' names (nothing for the data itself) and their paths."""


class Folders:
    """The tree below ``root``, an absolute path."""

    def __init__(self, root: str) -> None:
        self._root = root

    def list(self, prefix: str) -> Iterator[Version]:
        """Versions with their data, newest first within a key."""
        for versions in self._by_key(prefix):
            for version, found in versions:
                for rest, path in found:
                    if not rest:
                        with suppress(NoSuchObject):  # deleted while we looked
                            yield Version(self._key_of(path), version, _size(path))

    def versions(self, prefix: str, after: str) -> Iterator[Version]:
        """Whatever there is. Side files and half-written ones alone count as a version: their bytes are on the disk."""
        for versions in self._by_key(prefix, after):
            for version, found in versions:
                sizes = []
                for rest, path in found:
                    with suppress(NoSuchObject):
                        sizes.append(0 if rest == SIDE else _size(path))
                if sizes:
                    yield Version(self._key_of(found[0][1]), version, max(sizes))

    def _by_key(self, prefix: str, after: str = "") -> Iterator[_Versions]:
        """In the order of keys; of each its versions, newest first. A root that is not there is not an empty one."""
        checked_prefix(prefix)
        if not os.path.isdir(self._root):  # noqa: PTH112 - text, see local.py
            raise VaultUnavailable("the object folder is gone")
        start = prefix.rpartition("/")[0]
        return self._below(f"{self._root}/{start}".rstrip("/"), start + "/" if start else "", prefix, after)

    def _below(self, folder: str, base: str, prefix: str, after: str) -> Iterator[_Versions]:
        """``base`` is where the keys in the folder begin. A folder sorts as the slash after its name does."""
        found: dict[str, dict[str, list[tuple[str, str]]]] = {}
        for entry in _entries(folder):
            stem, at, last = entry.name.rpartition("@")
            version, dot, rest = last.partition(".")
            if at and is_id(version):
                found.setdefault(stem, {}).setdefault(version, []).append((dot + rest, entry.path))
            elif entry.is_dir(follow_symlinks=False):
                found[entry.name + "/"] = {}
        for name in sorted(found):
            key = base + name
            if name.endswith("/"):
                if (key.startswith(prefix) or prefix.startswith(key)) and (key > after or after.startswith(key)):
                    yield from self._below(folder + "/" + name[:-1], key, prefix, after)
            elif key.startswith(prefix) and key > after:
                yield sorted(found[name].items(), reverse=True)

    def _key_of(self, path: str) -> str:
        return path[len(self._root) + 1 :].rpartition("@")[0]


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """None where there is no such folder; one that cannot be read must not read as empty."""
    with as_unavailable(), suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        return list(entries)
    return []


def _size(path: str) -> int:
    with as_unavailable():
        return os.stat(path).st_size  # noqa: PTH116 - text, see local.py
