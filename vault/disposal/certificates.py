"""Certificates of destruction: what went, by what rule, who approved it, and what the store listed afterwards.

One for each run that destroyed something, so nothing waits for a line that stays open. It is a row first, with its text
and digest, then two locked objects under ``certificates/`` (JSON, which counts, and HTML for people), then an audit
event with the digest; broken off anywhere, the next run goes on. It names people by opaque references alone, and those
who approved by their accounts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.disposal import LineState
from domain.errors import SealBroken, VaultUnavailable
from vault import audit
from vault.disposal.rendering import html
from vault.ids import new_id
from vault.models import DisposalBatch, DisposalCertificate, DisposalLine
from vault.objects.port import ObjectStore
from vault.rows import writing
from vault.turns import taking_turns

FORMAT = "sallyport-certificate-v1"
FOLDER = "certificates"


@dataclass(frozen=True, slots=True)
class Registrar:
    """Issues certificates. ``lasts`` is the lock of a certificate."""

    store: ObjectStore
    actor: str
    lasts: timedelta

    def issue(self, batch: str, now: datetime) -> list[str]:
        """Certificates for all of a proposal that went and has none; their ids. Raises ``VaultUnavailable``."""
        with taking_turns():
            self._write(batch, now)
        waiting = DisposalCertificate.objects.filter(batch=batch, version="").order_by("id")
        return [self._file(row, now) for row in waiting]

    def _write(self, batch: str, now: datetime) -> None:
        """The row and its lines. Nothing happens where nothing is uncertified."""
        lines = DisposalLine.objects.filter(batch=batch, state=LineState.DISPOSED, certificate=None)
        rows = list(lines.select_for_update())
        if not rows:
            return
        ident = new_id(now)
        content = _content(ident, DisposalBatch.objects.get(id=batch), rows, self.actor, now)
        text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
        certificate = DisposalCertificate.objects.create(
            id=ident,
            batch_id=batch,
            issued_by=self.actor,
            issued_at=now,
            content=text,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            key=f"{FOLDER}/{now:%Y/%m}/{ident}.json",
            locked_until=now + self.lasts,
        )
        for row in rows:
            row.certificate = certificate
            row.save(update_fields=["certificate"])

    def _file(self, row: DisposalCertificate, now: datetime) -> str:
        """The objects, read back; then the audit event. An earlier try's object is taken, if it is the same."""
        page = html(json.loads(row.content)).encode()
        self._put(row, row.key.removesuffix(".json") + ".html", page)
        version = self._put(row, row.key, row.content.encode())
        with writing(VaultUnavailable):
            if DisposalCertificate.objects.filter(pk=row.pk, version="").update(version=version):
                details = {"batch": row.batch_id, "certificate": row.id, "sha256": row.sha256, "key": row.key}
                audit.append([audit.Event(now, self.actor, "disposal certified", why="what went", details=details)])
        return row.id

    def _put(self, row: DisposalCertificate, key: str, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        for version in self.store.list(key):
            if version.key == key and sha256_of(self.store, key, version.version) == digest:
                return version.version
        stored = self.store.put(
            key,
            data,
            tags={"class": "disposal-certificate"},
            metadata={"format": FORMAT, "certificate": row.id},
            locked_until=row.locked_until.astimezone(UTC),
        )
        lock = self.store.stat(key, stored.version).locked_until
        if sha256_of(self.store, key, stored.version) != digest or lock is None or lock < row.locked_until:
            raise VaultUnavailable("a certificate was not kept as it was written", certificate=row.id)
        return stored.version


def sha256_of(store: ObjectStore, key: str, version: str) -> str:
    """Of what the store has; empty if it has it no more."""
    digest = hashlib.sha256()
    try:
        for piece in store.get(key, version):
            digest.update(piece)
    except SealBroken:
        return ""
    return digest.hexdigest()


def _content(
    ident: str, batch: DisposalBatch, lines: Iterable[DisposalLine], actor: str, now: datetime
) -> dict[str, object]:
    rows = list(lines)
    records = [_record(r) for r in rows if r.record_id]
    keys = [_key(r) for r in rows if r.key_id]
    return {
        "format": FORMAT,
        "certificate": ident,
        "proposal": batch.id,
        "proposed": {"at": _time(batch.proposed_at), "by": batch.proposed_by},
        "issued": {"at": _time(now), "by": actor},
        "records": records,
        "keys": keys,
        "totals": {
            "records": len(records),
            "keys": len(keys),
            "versions": sum(len(r.planned) for r in rows),
            "bytes": sum(p["size"] for r in rows for p in r.planned),
        },
    }


def _record(row: DisposalLine) -> dict[str, object]:
    """The stub, and what happened. ``objects`` as they were filed; ``removed`` as the store listed them before."""
    return dict(row.facts) | _happened(row) | {"forgotten": row.proof["forgotten"]}


def _key(row: DisposalLine) -> dict[str, object]:
    return dict(row.facts) | _happened(row)


def _happened(row: DisposalLine) -> dict[str, object]:
    approvals = {a.by: a for a in row.approvals.filter(void="", digest=row.digest)}
    both = (row.first_approver, row.second_approver)
    return {
        "approved": [{"by": by, "at": _time(approvals[by].at)} for by in both],
        "approved digest": row.digest,
        "begun": _time(row.begun_at),
        "erased": _time(row.erased_at),
        "disposed": _time(row.disposed_at),
        "removed": row.planned,
        "listing": {k: row.proof[k] for k in ("listed", "below", "left")},
    }


def _time(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""
