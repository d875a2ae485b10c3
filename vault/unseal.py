"""Opening what was filed: for ``sallyport vault get``, by somebody who holds a master identity.

Never imported by the relay (import-linter and a test see to it). Every opening is written to
the audit trail first, with who and why. A file whose SHA-256 is not its row's, or that opens to
something else than the manifest says, raises ``SealBroken`` and leaves nothing behind of itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyrage

from domain.errors import ConfigurationError, SallyportError, SealBroken, VaultUnavailable
from vault import audit, manifest
from vault.models import ObjectKind, SealingKey, VaultObject, VaultRecord
from vault.objects.port import ObjectStore
from vault.rows import reading, writing

_SECRET = re.compile(rb"^AGE-SECRET-KEY-1[0-9A-Z]+$", re.MULTILINE)
_UNSAFE = re.compile(r"[^\w .()-]+")
_LONGEST_NAME = 100


class NoSuchRecord(SallyportError):
    """No record of that name."""

    public = "There is no such record in the vault."


class CannotOpen(SealBroken):
    """The object is whole, but none of the keys given opens it."""

    public = (
        "The keys given do not open this record: what concerns people in the register needs the records or the escrow "
        "key, everything else the service key."
    )


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


def restore(request: Request, identities: Sequence[Path], store: ObjectStore, folder: Path, now: datetime) -> Restored:
    """Open a record into a new ``folder``: the mail, its parts and the manifest.

    Raises :class:`NoSuchRecord`, ``SealBroken``, ``VaultUnavailable`` or ``ConfigurationError`` (an identity file).
    """
    opener = _Opener(store, [i for path in identities for i in read_identities(path)])
    with reading(VaultUnavailable):
        record = VaultRecord.objects.filter(id=request.record).first()
        if record is None:
            raise NoSuchRecord("no such record", record=request.record)
        objects = list(record.objects_filed.all())
    with writing(VaultUnavailable):
        audit.append(
            [audit.Event(now, request.actor, "opened", request.record, request.why, {"objects": len(objects)})]
        )
    try:
        folder.mkdir(mode=0o700, parents=True)
        return _write_all(opener, objects, folder)
    except OSError as error:
        message = f"The folder {folder} cannot be made or written; it must not be there yet."
        raise VaultUnavailable("restore folder", public=message) from error
    except SallyportError:
        with suppress(OSError):  # only if it is empty: nothing opened, so that the next try may have the same folder
            folder.rmdir()
        raise


def read_identities(path: Path) -> list[Any]:
    """The age identities of a file as ``age-keygen`` writes it."""
    try:
        secrets = _SECRET.findall(path.read_bytes())
    except OSError as error:
        raise ConfigurationError("identity file", public=f"The identity file {path} cannot be read.") from error
    if not secrets:
        raise ConfigurationError("identity file", public=f"The identity file {path} holds no age secret key.")
    return [_identity(s) for s in secrets]


class _Opener:
    """Opens objects with the identities given, and with people's secrets that those open."""

    def __init__(self, store: ObjectStore, identities: Sequence[Any]) -> None:
        self._store = store
        self._identities = list(identities)
        self._of: dict[str, list[Any]] = {}

    def open(self, row: VaultObject) -> bytes:
        """The plain bytes, as they were filed."""
        sealed = b"".join(self._store.get(row.key, row.version))
        if hashlib.sha256(sealed).hexdigest() != row.sealed_sha256:
            raise SealBroken("the stored file is another", key=row.key)
        identities = self._identities + [i for person in row.people for i in self._secrets_of(person)]
        return _decrypt(sealed, identities, row.key)

    def _secrets_of(self, person: str) -> list[Any]:
        if person not in self._of:
            with reading(VaultUnavailable):
                rows = list(SealingKey.objects.filter(person=person, destroyed_at=None))
            self._of[person] = [i for row in rows for i in self._open_secret(bytes(row.sealed_secret), row.escrow_key)]
        return self._of[person]

    def _open_secret(self, sealed: bytes, key: str) -> list[Any]:
        return [_identity(s) for s in _SECRET.findall(_decrypt(sealed, self._identities, key))]


def _identity(secret: bytes) -> Any:
    try:
        return pyrage.x25519.Identity.from_str(secret.decode())
    except pyrage.IdentityError:
        raise ConfigurationError("not an age identity", public="An age secret key is damaged.") from None


def _decrypt(sealed: bytes, identities: Sequence[Any], key: str) -> bytes:
    try:
        plain: bytes = pyrage.decrypt(sealed, identities)
    except pyrage.DecryptError as error:
        raise CannotOpen("none of the identities opens it", key=key) from error
    return plain


def _write_all(opener: _Opener, objects: Sequence[VaultObject], folder: Path) -> Restored:
    """First the bundle, for the names; then all that these keys open. If they open nothing, ``CannotOpen``."""
    bundle = _open_bundle(opener, [o for o in objects if o.kind == ObjectKind.BUNDLE])
    names, digests = _names(bundle), _digests(bundle)
    files = [_write(folder / name, content) for name, content in bundle.items()]
    unopened = []
    for row in objects:
        if row.kind == ObjectKind.BUNDLE:
            continue
        try:
            plain = opener.open(row)
        except CannotOpen:
            unopened.append(row.number)
            continue
        if hashlib.sha256(plain).hexdigest() != digests.get(row.number):
            raise SealBroken("it opens to something else", key=row.key)
        files.append(_write(folder / names.get(row.number, f"{row.number:02}"), plain))
    return Restored(tuple(files), tuple(unopened))


def _open_bundle(opener: _Opener, rows: Sequence[VaultObject]) -> dict[str, bytes]:
    """Each person of the record has one; all say the same, so the first that opens is enough."""
    for row in rows:
        try:
            return manifest.unpack(opener.open(row))
        except CannotOpen:
            continue
    raise CannotOpen("no bundle of this record opens")


def _names(bundle: Mapping[str, bytes]) -> dict[int, str]:
    """What to call each object: its number, then the file name without what could mislead a file system or a reader."""
    described = json.loads(bundle[manifest.MANIFEST])
    names = {o["number"]: manifest.MAIL for o in described["objects"] if o["kind"] == ObjectKind.MAIL}
    for part in described["parts"]:
        if part["number"]:
            name = _UNSAFE.sub("_", part["file_name"])[-_LONGEST_NAME:].strip(" .") or "part"
            names[part["number"]] = f"{part['number']:02}-{name}"
    return names


def _digests(bundle: Mapping[str, bytes]) -> dict[int, str]:
    """The SHA-256 of what each object holds inside. Only the manifest has them: a row's would give away short texts."""
    return {o["number"]: o["plain_sha256"] for o in json.loads(bundle[manifest.MANIFEST])["objects"]}


def _write(path: Path, content: bytes) -> Path:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return path
