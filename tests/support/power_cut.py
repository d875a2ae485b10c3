"""What a disk may hold after a power cut: every call to the system is recorded, and replayed up to a moment.

The model is weaker than any file system in use: of the names that were made, changed or removed in a folder since that
folder was synced, any may be there and any may not, one by one and in no order; a file that was not synced may be cut
anywhere. What ``fsync`` confirmed is there: a disk that lies about that is beyond what a program can do.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Recorder:
    """Stands for the module ``os`` in the code under test. ``calls`` are (what, path, second path or bytes)."""

    root: Path
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    _open: dict[int, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: str, flags: int, *more: int) -> int:
        handle = os.open(path, flags, *more)
        self._open[handle] = path
        if flags & os.O_CREAT:
            self._note("create", path)
        return handle

    def write(self, handle: int, data: Any) -> int:
        count = os.write(handle, data)
        self._note("write", self._open[handle], bytes(data[:count]))
        return count

    def fsync(self, handle: int) -> None:
        os.fsync(handle)
        self._note("sync", self._open[handle])

    def link(self, source: str, target: str) -> None:
        os.link(source, target)
        self._note("link", source, target)

    def replace(self, source: str, target: str) -> None:
        os.replace(source, target)  # noqa: PTH105 - what the code under test calls
        self._note("rename", source, target)

    def unlink(self, path: str) -> None:
        os.unlink(path)  # noqa: PTH108 - the very call that is watched
        self._note("unlink", path)

    def mkdir(self, path: str, *more: int) -> None:
        os.mkdir(path, *more)  # noqa: PTH102 - the very call that is watched
        self._note("mkdir", path)

    def _note(self, what: str, path: str, other: Any = None) -> None:
        relative = [str(Path(p).relative_to(self.root)) if isinstance(p, str) else p for p in (path, other)]
        self.calls.append((what, relative[0], relative[1]))


class _File:
    def __init__(self) -> None:
        self.now = b""
        self.synced = b""


class _Folder:
    def __init__(self) -> None:
        self.now: dict[str, _File | _Folder] = {}
        self.synced: dict[str, _File | _Folder] = {}
        self.pending: list[str] = []


class Disk:
    """Replays calls; ``survives`` is asked for each name and each length that the cut may have spared."""

    def __init__(self) -> None:
        self.root = _Folder()

    def replay(self, calls: list[tuple[str, str, Any]]) -> None:
        """As they came."""
        for what, path, other in calls:
            getattr(self, f"_on_{what}")(path, other)

    def after_the_cut(self, target: Path, survives: Callable[[int], int]) -> None:
        """Write what is left below ``target``. ``survives(n)`` chooses a number from 0 to ``n``."""
        self._write(self.root, target, survives)

    def _write(self, folder: _Folder, target: Path, survives: Callable[[int], int]) -> None:
        target.mkdir(parents=True, exist_ok=True)
        names = dict(folder.synced)
        for name in dict.fromkeys(folder.pending):
            if survives(1):
                if name in folder.now:
                    names[name] = folder.now[name]
                else:
                    names.pop(name, None)
        for name, node in names.items():
            if isinstance(node, _Folder):
                self._write(node, target / name, survives)
            else:
                content = node.synced if node.now == node.synced else node.now[: survives(len(node.now))]
                (target / name).write_bytes(content)

    def _folder(self, path: str) -> _Folder:
        node = self.root
        for name in Path(path).parts:
            inner = node.now[name]
            assert isinstance(inner, _Folder)
            node = inner
        return node

    def _at(self, path: str) -> tuple[_Folder, str]:
        return self._folder(str(Path(path).parent)), Path(path).name

    def _put(self, path: str, node: _File | _Folder | None) -> None:
        folder, name = self._at(path)
        folder.pending.append(name)
        if node is None:
            del folder.now[name]
        else:
            folder.now[name] = node

    def _file(self, path: str) -> _File:
        folder, name = self._at(path)
        node = folder.now[name]
        assert isinstance(node, _File)
        return node

    def _on_create(self, path: str, _: Any) -> None:
        self._put(path, _File())

    def _on_write(self, path: str, data: bytes) -> None:
        self._file(path).now += data

    def _on_sync(self, path: str, _: Any) -> None:
        node = self.root if path == "." else self._at(path)[0].now[Path(path).name]
        if isinstance(node, _Folder):
            node.synced, node.pending = dict(node.now), []
        else:
            node.synced = node.now

    def _on_link(self, source: str, target: str) -> None:
        self._put(target, self._file(source))

    def _on_rename(self, source: str, target: str) -> None:
        self._put(target, self._file(source))
        self._put(source, None)

    def _on_unlink(self, path: str, _: Any) -> None:
        self._put(path, None)

    def _on_mkdir(self, path: str, _: Any) -> None:
        self._put(path, _Folder())
