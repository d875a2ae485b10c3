"""Signs how large the tree is and puts it where it cannot be taken back: the object store, under a COMPLIANCE lock.

The store's checkpoints are what the database is proven against later, so before each new one the store is asked for its
newest: a database that has fewer events than the store says were signed, or another root, was rolled back or rewritten,
and nothing more is signed for it (c2sp.org/tlog-checkpoint: a log must not sign what is inconsistent with itself).

Store first, row second: a crash between leaves a stored checkpoint that the next round takes into its table.
Several workers: one at a time wins the turn, by a conditional update.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Q

from domain.errors import SealBroken, VaultUnavailable
from vault.merkle.checkpoint import Checkpoint
from vault.merkle.note import BadNote, Note, Signer, Verifier
from vault.merkle.sequencing import the_tree
from vault.merkle.tiles import Tiles
from vault.models import AuditCheckpoint, AuditTree
from vault.objects.port import ObjectStore, Version
from vault.rows import reading, writing

PREFIX = "audit/checkpoints/"
_TAGS = {"class": "audit-checkpoint", "subject": "service"}
_METADATA = {"format": "sallyport-v1", "kind": "audit-checkpoint"}
_DAY = timedelta(days=1)
_SKEW = timedelta(minutes=5)
_LARGEST = 64 * 1024


class LogBroken(SealBroken):
    """The database is behind or beside what was signed for it. No further checkpoint is signed."""

    public = "The audit trail does not agree with its own signed checkpoints; run: sallyport audit verify."


@dataclass(frozen=True, slots=True)
class StoredNote:
    """A checkpoint object: where it is, and the note in it as it is there, unverified; None where it cannot be read."""

    key: str
    version: str
    note: Note | None


@dataclass(frozen=True, slots=True)
class Publisher:
    """``lock`` is how long a stored checkpoint cannot be deleted by anybody; ``every`` the least time between two."""

    store: ObjectStore
    signer: Signer
    origin: str
    lock: timedelta
    every: timedelta

    def publish(self, now: datetime) -> Checkpoint | None:
        """Sign and store what the tree is now; None where nothing is new, or another worker is at it.

        Raises :class:`LogBroken` or ``VaultUnavailable``.
        """
        with reading(VaultUnavailable):
            size, last = the_tree().size, newest(self.origin)
        if size == (last.size if last else 0) or not self._my_turn(now):
            return None
        self._catch_up(last, now)
        with reading(VaultUnavailable):
            last = newest(self.origin)
            if last is not None and size <= last.size:
                return None
            root = _root(size)
            if last is not None and _root(last.size).hex() != last.root:
                raise LogBroken("the tree is not what was signed", size=last.size)
        head = Checkpoint(self.origin, size, root, now, last.size if last else 0)
        note = Note(head.text, (self.signer.sign(head.text, now),))
        keep(put(self.store, head, note, now, self.lock), head, now)
        return head

    def _my_turn(self, now: datetime) -> bool:
        with writing(VaultUnavailable, lasting=False):
            before = Q(checkpoint_at__lte=now - self.every)
            never = Q(checkpoint_at__gt=now + self.every + _SKEW)  # a clock was ahead: who waits for it signs nothing
            return bool(AuditTree.objects.filter(before | never, id=1).update(checkpoint_at=now))

    def _catch_up(self, last: AuditCheckpoint | None, now: datetime) -> None:
        """What the store has and the table has not, since the last one that the table knows."""
        for stored in since(self.store, last.at if last else None, now):
            head = _ours(stored, self.origin, self.signer.verifier)
            if head is None:
                continue
            with reading(VaultUnavailable):
                if head.size > the_tree().size:
                    raise LogBroken("the store has a larger tree", signed=head.size, has=the_tree().size)
                if _root(head.size) != head.root:
                    raise LogBroken("the tree is not what was signed", size=head.size)
            keep(stored, head, head.at or now)


def newest(origin: str) -> AuditCheckpoint | None:
    """The last checkpoint that the table has."""
    return AuditCheckpoint.objects.filter(origin=origin).order_by("-size").first()


def put(store: ObjectStore, head: Checkpoint, note: Note, now: datetime, lock: timedelta) -> StoredNote:
    """A new object, or a new version where witnesses have signed since; read back. Raises ``VaultUnavailable``."""
    at = (head.at or now).astimezone(UTC)
    key = f"{PREFIX}{at:%Y/%m/%d}/{head.size:016}"
    data = str(note).encode()
    stored = store.put(key, data, tags=_TAGS, metadata=_METADATA, locked_until=now + lock)
    locked = store.stat(key, stored.version).locked_until
    if b"".join(store.get(key, stored.version)) != data or locked is None or locked < now + lock:
        raise VaultUnavailable("the store did not keep a checkpoint as it was given", key=key)
    return StoredNote(key, stored.version, note)


def keep(stored: StoredNote, head: Checkpoint, at: datetime) -> None:
    """The row of a stored checkpoint; a row of that size that is there stays."""
    with writing(VaultUnavailable):
        AuditCheckpoint.objects.get_or_create(
            origin=head.origin,
            size=head.size,
            defaults={
                "root": head.root.hex(),
                "at": at,
                "note": str(stored.note),
                "key": stored.key,
                "version": stored.version,
            },
        )


def since(store: ObjectStore, first: datetime | None, now: datetime) -> Iterator[StoredNote]:
    """The stored checkpoints from that day on, oldest first; all of them without one. Raises ``VaultUnavailable``."""
    if first is None:
        yield from _read_all(store, PREFIX)
        return
    day, last = min(first, now).astimezone(UTC).date(), max(first, now).astimezone(UTC).date() + _DAY
    while day <= last:
        yield from _read_all(store, f"{PREFIX}{_folder(day)}")
        day += _DAY


def _folder(day: date) -> str:
    return f"{day:%Y/%m/%d}/"


def _read_all(store: ObjectStore, prefix: str) -> Iterator[StoredNote]:
    for version in store.list(prefix):
        yield read(store, version)


def read(store: ObjectStore, version: Version) -> StoredNote:
    """One object; what is too large or no note is so much the worse for it."""
    if version.size > _LARGEST:
        return StoredNote(version.key, version.version, None)
    try:
        note = Note.of(b"".join(store.get(version.key, version.version)))
    except BadNote:
        note = None
    return StoredNote(version.key, version.version, note)


def _ours(stored: StoredNote, origin: str, key: Verifier) -> Checkpoint | None:
    """The checkpoint, if it is of this log and signed; what somebody else put there is for `verify` to report."""
    try:
        if stored.note is None or stored.note.signed_by(key) is None:
            return None
        head = Checkpoint.of(stored.note.text)
    except BadNote:
        return None
    return head if head.origin == origin else None


def _root(size: int) -> bytes:
    try:
        return Tiles().root(size)
    except LookupError as error:
        raise LogBroken("hashes of the tree are missing", size=size) from error
