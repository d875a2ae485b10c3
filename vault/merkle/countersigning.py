"""Our side of witnesses: what they are asked, and what becomes of their answers.

A checkpoint with another signature is a new version of its object, under its own lock; the versions before stay. The
row has the newest. Failure: ``VaultUnavailable``; an answer that is no signature of that witness is ``BadNote``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

import urllib3
from urllib3.exceptions import HTTPError

from domain.errors import VaultUnavailable
from vault.merkle.checkpoint import Checkpoint
from vault.merkle.note import BadNote, Note, Signature, Verifier
from vault.merkle.proofs import NoCheckpointYet, consistency
from vault.merkle.publishing import newest, put
from vault.merkle.witness import LARGEST_REQUEST, Request
from vault.models import AuditCheckpoint
from vault.objects.port import ObjectStore
from vault.rows import reading, writing

_SIZE = re.compile(r"[0-9]{1,19}")
_CONNECT_SECONDS, _READ_SECONDS = 2, 5
_RECENT = 100_000
"""Checkpoints, two months of one a minute: a witness that is asked by mail may take its time."""


@dataclass(frozen=True, slots=True)
class Countersigning:
    """``lock`` as of the checkpoints themselves."""

    store: ObjectStore
    origin: str
    lock: timedelta

    def request(self, witness: Verifier, old: int | None = None) -> Request:
        """From what the witness signed last (or ``old``) to the newest checkpoint. Raises :class:`NoCheckpointYet`."""
        with reading(VaultUnavailable):
            head = newest(self.origin)
        if head is None:
            raise NoCheckpointYet("nothing to countersign")
        start = self.signed_last(witness) if old is None else old
        return Request(start, consistency(start, head.size) if start else (), Note.of(head.note))

    def signed_last(self, witness: Verifier) -> int:
        """The size of the newest checkpoint with this witness's signature, as far as we know; 0 for none."""
        with reading(VaultUnavailable):
            rows = AuditCheckpoint.objects.filter(origin=self.origin).order_by("-size")
            named = rows.filter(note__contains=f"\N{EM DASH} {witness.name} ")[:_RECENT]
            for row in named.iterator(chunk_size=100):
                if Note.of(row.note).signed_by(witness) is not None:
                    return row.size
        return 0

    def accept(self, lines: Iterable[str], witnesses: Collection[Verifier], now: datetime) -> AuditCheckpoint:
        """The checkpoint that these signatures are of, with them added. Raises ``BadNote`` where they fit none."""
        signatures = [Signature.of(line) for line in lines]
        keys = [k for k in witnesses if any((s.name, s.key_id) == (k.name, k.key_id) for s in signatures)]
        if not keys:
            raise BadNote(
                "unknown witness", public="No witness that the settings name ([[audit.witnesses]]) has signed this."
            )
        ours = tuple(s for s in signatures if any((s.name, s.key_id) == (k.name, k.key_id) for k in keys))
        with reading(VaultUnavailable):
            newest_first = AuditCheckpoint.objects.filter(origin=self.origin).order_by("-size")[:_RECENT]
            for row in newest_first.iterator(chunk_size=2000):
                if _fits(row, ours, keys):
                    return self._add(row, ours, now)
        raise BadNote(
            "fits no checkpoint", public="This signature is false, or it is of none of the newest checkpoints."
        )

    def ask(self, witness: Verifier, url: str, now: datetime) -> AuditCheckpoint | None:
        """By HTTP (c2sp.org/tlog-witness); None where it has signed the newest already. Raises ``VaultUnavailable``."""
        request = self.request(witness)
        if request.old == Checkpoint.of(request.note.text).size:
            return None
        status, body = _post(url, request.text())
        if status == HTTPStatus.CONFLICT and _SIZE.fullmatch(body.strip()):
            status, body = _post(url, self.request(witness, int(body)).text())
        if status != HTTPStatus.OK:
            raise VaultUnavailable("a witness does not sign", witness=witness.name, status=status)
        return self.accept(body.splitlines(), [witness], now)

    def _add(self, row: AuditCheckpoint, signatures: tuple[Signature, ...], now: datetime) -> AuditCheckpoint:
        before = row.note
        note = Note.of(before).with_signatures(signatures)
        if str(note) == before:
            return row
        stored = put(self.store, Checkpoint.of(note.text), note, now, self.lock)
        row.note, row.version = str(note), stored.version
        with writing(VaultUnavailable):
            if not AuditCheckpoint.objects.filter(id=row.id, note=before).update(note=row.note, version=row.version):
                raise VaultUnavailable("another signature came at the same time")
        return row


def _fits(row: AuditCheckpoint, signatures: tuple[Signature, ...], keys: Iterable[Verifier]) -> bool:
    note = Note(Note.of(row.note).text, signatures)
    try:
        return all(note.signed_by(key) is not None for key in keys)
    except BadNote:
        return False


def _post(url: str, text: str) -> tuple[int, str]:
    """Status and body; no redirection, no second try."""
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS), retries=False, cert_reqs="CERT_REQUIRED"
    )
    try:
        with pool.request("POST", f"{url}/add-checkpoint", body=text.encode(), preload_content=False) as answer:
            return answer.status, answer.read(LARGEST_REQUEST).decode()
    except (HTTPError, OSError, UnicodeDecodeError) as error:
        raise VaultUnavailable("a witness does not answer", error=type(error).__name__) from error
