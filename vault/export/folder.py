"""The working folder of a case: mode 0700, files 0600, wiped at the end.

Plain, not sealed: whoever reviews must read the documents and write into a table, and sealing beside the key would
only look safe. So it belongs on an encrypted disk or a memory file system, and :meth:`WorkFolder.wipe` overwrites
before it deletes, as far as the disk lets it (``docs/subject-access.md``).
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from vault.export.cases import CaseError

_MARK = "case"
_ZEROS = bytes(1 << 20)


class WorkFolder:
    """One case's folder. ``code`` is the case's."""

    def __init__(self, path: Path, code: str) -> None:
        self.path = path
        self.code = code

    @classmethod
    def make(cls, path: Path, code: str) -> WorkFolder:
        """A new one, or the one of an earlier try. Raises ``CaseError`` for a folder of anything else."""
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CaseError(f"The folder {path} cannot be made.") from error
        if not any(path.iterdir()):
            path.chmod(0o700)
            (path / _MARK).write_text(code + "\n", encoding="utf-8")
        return cls.existing(path, code)

    @classmethod
    def existing(cls, path: Path, code: str) -> WorkFolder:
        """The one that is there. Raises ``CaseError`` if it is another case's, or others may look into it."""
        mark = path / _MARK
        if not mark.is_file() or mark.read_text(encoding="utf-8").strip() != code:
            raise CaseError(f"{path} is not the working folder of {code}.")
        if path.stat().st_uid not in {os.geteuid(), 0}:
            raise CaseError(f"{path} belongs to somebody else, who may look into it; use another folder.")
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise CaseError(f"Others may look into {path}; close it with: chmod 700 {path}")
        return cls(path, code)

    def inside(self, *names: str) -> Path:
        """A path below it; folders are made."""
        path = self.path.joinpath(*names)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def write(self, content: bytes, *names: str) -> Path:
        """A whole file or none: durable, readable by nobody else."""
        path = self.inside(*names)
        draft = path.with_name(path.name + ".part")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return path

    def wipe(self) -> int:
        """Overwrite every file with zeros, then delete all of it; how many files."""
        return wipe(self.path)


def wipe(folder: Path) -> int:
    """Everything below ``folder``, and the folder. Symbolic links are deleted, never followed."""
    files = list(_files(folder))
    for file in files:
        if not file.is_symlink():
            _overwrite(file)
    shutil.rmtree(folder)
    return len(files)


def _files(folder: Path) -> Iterator[Path]:
    for where, _, names in os.walk(folder):
        yield from (Path(where) / name for name in names)


def _overwrite(file: Path) -> None:
    with suppress(OSError), file.open("r+b") as out:
        left = file.stat().st_size
        while left > 0:
            left -= out.write(_ZEROS[:left])
        out.flush()
        os.fsync(out.fileno())
