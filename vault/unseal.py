"""Opening what was filed, for somebody who holds a master identity.

Never imported by the relay (import-linter and a test see to it). Opening leaves no trace by itself: the
caller writes to the audit trail first, who opens what and why. A file whose SHA-256 is not its row's,
or that opens to something else than the manifest says, raises ``SealBroken``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pyrage

from domain.errors import SealBroken, VaultUnavailable
from vault import manifest
from vault.identities import identities_in, quickest_first
from vault.models import ObjectKind, SealingKey, VaultObject, VaultRecord
from vault.objects.port import ObjectStore
from vault.rows import reading

_UNSAFE = re.compile(r"[^\w .()-]+")
_LONGEST_NAME = 200
"""In bytes: file systems take 255, of which the number has a few."""


class CannotOpen(SealBroken):
    """The object is whole, but none of the keys given opens it."""

    public = (
        "The keys given do not open this record: what concerns people in the register needs the records or the escrow "
        "key, everything else the service key."
    )


class Bundle(NamedTuple):
    """What a record's bundle holds: its manifest (``docs/vault-format.md``), and the files themselves by name."""

    manifest: dict[str, Any]
    files: Mapping[str, bytes]


class Opened(NamedTuple):
    """One file of a record: its row, a name that is safe to write, and what is inside; None where no key opens it."""

    row: VaultObject
    name: str
    content: bytes | None


class Opener:
    """Opens objects of ``store`` with ``identities``, and with people's secrets that those open (kept as long as it).

    Every method raises ``VaultUnavailable``, ``SealBroken`` (another file than was filed) or :class:`CannotOpen`.
    """

    def __init__(self, store: ObjectStore, identities: Iterable[Any]) -> None:
        self._store = store
        self._identities = quickest_first(identities)
        self._of: dict[str, list[Any]] = {}

    def open(self, row: VaultObject) -> bytes:
        """The plain bytes, as they were filed. What is inside is not compared with the manifest: see :meth:`files`."""
        sealed = b"".join(self._store.get(row.key, row.version))
        if hashlib.sha256(sealed).hexdigest() != row.sealed_sha256:
            raise SealBroken("the stored file is another", key=row.key)
        secrets = [i for person in row.people for i in self._secrets_of(person)]
        return decrypt(sealed, [*secrets, *self._identities], row.key)

    def bundle(self, record: VaultRecord) -> Bundle:
        """Each person of the record has one; all say the same, so the first that opens is enough."""
        for row in _objects_of(record):
            if row.kind != ObjectKind.BUNDLE:
                continue
            try:
                files = manifest.unpack(self.open(row))
            except CannotOpen:
                continue
            return Bundle(json.loads(files[manifest.MANIFEST]), files)
        raise CannotOpen("no bundle of this record opens", record=record.pk)

    def files(self, record: VaultRecord, bundle: Bundle) -> Iterator[Opened]:
        """The mail and each part that lies in a file of its own, one in memory at a time, as the manifest says."""
        names, digests = _names(bundle.manifest), _digests(bundle.manifest)
        for row in _objects_of(record):
            if row.kind == ObjectKind.BUNDLE:
                continue
            try:
                content: bytes | None = self.open(row)
            except CannotOpen:
                content = None
            if content is not None and hashlib.sha256(content).hexdigest() != digests.get(row.number):
                raise SealBroken("it opens to something else", key=row.key)
            yield Opened(row, names.get(row.number, f"{row.number:02}"), content)

    def _secrets_of(self, person: str) -> list[Any]:
        """All generations: what was filed before a new one still needs the old.

        None where no identity opens them: the file may be somebody else's too, or the service's, if it was filed
        before the person had a key.
        """
        if person not in self._of:
            with reading(VaultUnavailable):
                rows = list(SealingKey.objects.filter(person=person, destroyed_at=None))
            self._of[person] = [i for row in rows for i in self._open_secret(bytes(row.sealed_secret), row.escrow_key)]
        return self._of[person]

    def _open_secret(self, sealed: bytes, key: str) -> list[Any]:
        try:
            return identities_in(decrypt(sealed, self._identities, key))
        except CannotOpen:
            return []


def decrypt(sealed: bytes, identities: Sequence[Any], key: str) -> bytes:
    """What is in an age file. Raises :class:`CannotOpen`; ``key`` is for the log."""
    try:
        plain: bytes = pyrage.decrypt(sealed, identities)
    except pyrage.DecryptError as error:
        raise CannotOpen("none of the identities opens it", key=key) from error
    return plain


def _objects_of(record: VaultRecord) -> list[VaultObject]:
    with reading(VaultUnavailable):
        return list(record.objects_filed.all())


def _names(described: Mapping[str, Any]) -> dict[int, str]:
    """What to call each object: its number, then the file name without what could mislead a file system or a reader."""
    names = {o["number"]: manifest.MAIL for o in described["objects"] if o["kind"] == ObjectKind.MAIL}
    for part in described["parts"]:
        if part["number"]:
            names[part["number"]] = f"{part['number']:02}-{_safe(part['file_name'])}"
    return names


def _safe(name: str) -> str:
    """The end of a long one is kept: it says what kind of file it is."""
    name = _UNSAFE.sub("_", name)
    while len(name.encode()) > _LONGEST_NAME:
        name = name[1:]
    return name.strip(" .") or "part"


def _digests(described: Mapping[str, Any]) -> dict[int, str]:
    """The SHA-256 of what each object holds inside. Only the manifest has them: a row's would give away short texts."""
    return {o["number"]: o["plain_sha256"] for o in described["objects"]}
