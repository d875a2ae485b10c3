"""Is a certificate true? Its copy in the vault, the audit trail, the rows and the bucket are asked, each by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.disposal import NEEDED
from vault.disposal.certificates import sha256_of
from vault.disposal.listing import everything
from vault.disposal.shredding import secrets_left
from vault.holds.setting import NotAllowed
from vault.models import AuditEvent, DisposalCertificate, RecordState, SealingKey, VaultObject, VaultRecord
from vault.objects.port import NoSuchObject, ObjectStore


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    ok: bool
    text: str


def verify(certificate: str, store: ObjectStore, escrow: ObjectStore, now: datetime) -> Iterator[Finding]:
    """Raises :class:`NotAllowed` for a certificate that is none, ``VaultUnavailable``."""
    row = DisposalCertificate.objects.filter(id=certificate).first()
    if row is None:
        raise NotAllowed("no such certificate", public=f"There is no certificate {certificate}.")
    yield from _itself(row, store, now)
    content = json.loads(row.content)
    for record in content["records"]:
        yield from _record(record, content["proposal"], store)
    for key in content["keys"]:
        yield from _key(key, content["proposal"], escrow)


def _itself(row: DisposalCertificate, store: ObjectStore, now: datetime) -> Iterator[Finding]:
    filed = bool(row.version) and sha256_of(store, row.key, row.version) == row.sha256
    yield Finding(filed, "the filed certificate is the one that was issued")
    yield Finding(filed and _is_locked(row, store, now), "it is locked")
    events = AuditEvent.objects.filter(action="disposal certified", details__certificate=row.id)
    yield Finding([e.details["sha256"] for e in events] == [row.sha256], "the audit trail has its digest, once")


def _is_locked(row: DisposalCertificate, store: ObjectStore, now: datetime) -> bool:
    try:
        lock = store.stat(row.key, row.version).locked_until
    except NoSuchObject:
        return False
    return lock is not None and (lock >= row.locked_until.replace(microsecond=0) or lock > now)


def _record(record: Mapping[str, Any], batch: str, store: ObjectStore) -> Iterator[Finding]:
    ident = record["record"]
    left = list(everything(store, record["listing"]["below"]))
    yield Finding(not left, f"{ident}: the store lists nothing of it")
    stub = VaultRecord.objects.filter(id=ident, state=RecordState.DISPOSED).exists()
    files = VaultObject.objects.filter(record=ident).exists()
    yield Finding(stub and not files, f"{ident}: its row is a stub without files")
    events = list(AuditEvent.objects.filter(record=ident, details__batch=batch).order_by("sequence"))
    yield Finding(_approved(record, events, "disposal begun"), f"{ident}: two people approved it before it was begun")
    ended = [e for e in events if e.action == "disposed"]
    yield Finding(len(ended) == 1, f"{ident}: the audit trail has its end, once")


def _key(key: Mapping[str, Any], batch: str, escrow: ObjectStore) -> Iterator[Finding]:
    name = f"{key['person']}/{key['generation']}"
    left = [v for prefix in key["listing"]["below"] for v in secrets_left(escrow, prefix)]
    yield Finding(not left, f"key {name}: the escrow store lists nothing of it")
    row = SealingKey.objects.filter(public=key["public"]).first()
    empty = row is not None and row.destroyed_at is not None and not bytes(row.sealed_secret)
    yield Finding(empty, f"key {name}: its row has no secret")
    events = list(AuditEvent.objects.filter(details__batch=batch).order_by("sequence"))
    of_key = [e for e in events if e.details.get("key") == name or e.details.get("digest") == key["approved digest"]]
    yield Finding(_approved(key, of_key, "key retired"), f"key {name}: two people approved it before it was retired")
    ended = [e for e in of_key if e.action == "key destroyed"]
    yield Finding(len(ended) == 1, f"key {name}: the audit trail has its end, once")


def _approved(line: Mapping[str, Any], events: list[AuditEvent], begun: str) -> bool:
    """By the audit trail alone: two different accounts approved this very digest before the last beginning."""
    begins = [e.sequence for e in events if e.action == begun]
    if not begins:
        return False
    said = {
        e.actor
        for e in events
        if e.action == "disposal approved"
        and e.sequence < begins[-1]
        and e.details.get("digest") == line["approved digest"]
    }
    claimed = {a["by"] for a in line["approved"]}
    return len(claimed) == NEEDED and claimed <= said
