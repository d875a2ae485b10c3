"""A record opened into a folder: for ``sallyport vault get``. The opening is in the audit trail before it is done."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.errors import SallyportError, VaultUnavailable
from vault import audit
from vault.models import RecordState, VaultRecord
from vault.objects.port import ObjectStore
from vault.rows import reading, writing
from vault.unseal import Opener


class NoSuchRecord(SallyportError):
    """No record of that name."""

    public = "There is no such record in the vault."


@dataclass(frozen=True, slots=True)
class Restored:
    """The files written, and the numbers of objects that the keys given do not open (a person's key was destroyed)."""

    files: tuple[Path, ...]
    unopened: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants which record, and why; both go to the audit trail."""

    record: str
    actor: str
    why: str


def restore(request: Request, identities: Sequence[Any], store: ObjectStore, folder: Path, now: datetime) -> Restored:
    """Open a record into a new ``folder``: the mail, its parts and the manifest.

    A file that does not open to what was filed leaves nothing behind of itself. Raises :class:`NoSuchRecord`,
    ``SealBroken`` (``CannotOpen`` if nothing opens) or ``VaultUnavailable``.
    """
    with reading(VaultUnavailable):
        record = VaultRecord.objects.filter(id=request.record).first()
        if record is None:
            raise NoSuchRecord("no such record", record=request.record)
        if record.state == RecordState.DISPOSED:
            public = "This record was disposed of; `sallyport disposal list --all` has the certificate."
            raise NoSuchRecord("disposed of", record=request.record, public=public)
        count = record.objects_filed.count()
    with writing(VaultUnavailable):
        audit.append([audit.Event(now, request.actor, "opened", request.record, request.why, {"objects": count})])
    try:
        folder.mkdir(mode=0o700, parents=True)
        return _write_all(Opener(store, identities), record, folder)
    except OSError as error:
        message = f"The folder {folder} cannot be made or written; it must not be there yet."
        raise VaultUnavailable("restore folder", public=message) from error
    except SallyportError:
        with suppress(OSError):  # only if it is empty: nothing opened, so that the next try may have the same folder
            folder.rmdir()
        raise


def _write_all(opener: Opener, record: VaultRecord, folder: Path) -> Restored:
    """First the bundle, for the names; then all that these keys open."""
    bundle = opener.bundle(record)
    files, unopened = [_write(folder / name, content) for name, content in bundle.files.items()], []
    for opened in opener.files(record, bundle):
        if opened.content is None:
            unopened.append(opened.row.number)
        else:
            files.append(_write(folder / opened.name, opened.content))
    return Restored(tuple(files), tuple(unopened))


def _write(path: Path, content: bytes) -> Path:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return path
