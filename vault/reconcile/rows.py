"""From rows to the store: each file that a record names must be there, whole, locked, held and tagged as rows say."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from domain.disposal import UNDER_WAY
from domain.retention import day_of
from vault.filing import subject_tag
from vault.holds.coverage import is_held
from vault.models import DisposalLine, RecordState, RetentionState, VaultObject, VaultRecord
from vault.objects.port import NoSuchObject, ObjectStore, Stat
from vault.reconcile.findings import Finding, Kind
from vault.reconcile.pages import PAGE, Page
from vault.retention.writing import tag

_AT_ONCE = 8
"""Requests to the store; a bucket of a million files takes hours one by one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the store has of one file; ``sha256`` only where its bytes were read."""

    stat: Stat
    tags: Mapping[str, str]
    sha256: str = ""


class Rows:
    """Goes through records by their ids. ``whole_bytes`` reads every file and compares its SHA-256."""

    def __init__(self, store: ObjectStore, *, whole_bytes: bool) -> None:
        self._store = store
        self._whole = whole_bytes

    def page(self, cursor: str) -> Page:
        """The next records behind ``cursor``."""
        records = list(
            VaultRecord.objects.filter(id__gt=cursor).order_by("id").prefetch_related("objects_filed")[: PAGE // 5]
        )
        if not records:
            return Page(None)
        files = [o for r in records for o in r.objects_filed.all()]
        findings = [f for f in self._findings(records, files) if _stands(f)]
        return Page(records[-1].id, len(files), tuple(findings))

    def _findings(self, records: Sequence[VaultRecord], files: Sequence[VaultObject]) -> Iterator[Finding]:
        expect = Expected.of(records)
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            looked = dict(zip([o.pk for o in files], threads.map(self.look, files), strict=True))
        for record in records:
            mine = list(record.objects_filed.all())
            if not mine and record.state == RecordState.FILED:
                yield Finding(Kind.NO_OBJECTS, record.id, "")
            for row in mine:
                seen = looked[row.pk]
                if seen is None:
                    yield Finding(Kind.MISSING, record.id, row.key, f"version {row.version}")
                else:
                    yield from differences(row, seen, expect)

    def look(self, row: VaultObject) -> Seen | None:
        """What the store says of this file; None where it is not there. No database: it runs in threads."""
        try:
            stat = self._store.stat(row.key, row.version)
            digest = hashlib.sha256()
            if self._whole:
                for piece in self._store.get(row.key, row.version):
                    digest.update(piece)
            tags = self._store.tags(row.key, row.version)
        except NoSuchObject:
            return None
        return Seen(stat, tags, digest.hexdigest() if self._whole else "")


@dataclass(frozen=True)
class Expected:
    """What the rows say of some records: ``retain-until`` as tags have it, None where housekeeping is late; holds."""

    until: Mapping[str, str | None]
    held: Collection[str]

    @classmethod
    def of(cls, records: Collection[VaultRecord]) -> Expected:
        """Three statements."""
        ids = [r.id for r in records]
        held = VaultRecord.objects.filter(is_held(), id__in=ids).values_list("id", flat=True)
        reckoned = RetentionState.objects.filter(record__in=ids)
        late = {s.record_id: None if s.tags_behind else tag(s) for s in reckoned}
        return cls({r.id: day_of(r.retain_until).isoformat() for r in records} | late, set(held))

    def tags(self, row: VaultObject) -> dict[str, str]:
        """Those that follow from rows. The others were true when the file was filed."""
        tags = {"subject": subject_tag(row.people)}
        if until := self.until[row.record_id]:
            tags["retain-until"] = until
        return tags


def differences(row: VaultObject, seen: Seen, expect: Expected) -> Iterator[Finding]:
    """Between a row and what the store has."""
    found, record, key = seen.stat, row.record_id, row.key
    if found.size != row.sealed_size:
        yield Finding(Kind.SIZE, record, key, f"{row.sealed_size} octets filed, {found.size} there")
    if (seen.sha256 or found.metadata.get("sealed-sha256")) != row.sealed_sha256:
        yield Finding(Kind.BYTES, record, key, "its SHA-256 is another")
    lock = found.locked_until
    if lock is None or lock < row.locked_until:
        yield Finding(Kind.LOCK_SHORT, record, key, f"{_date(row.locked_until)} in the row, {_date(lock)} in the store")
    elif (lock - row.locked_until).total_seconds() > 1:  # whole seconds, rounded up
        yield Finding(Kind.LOCK_LONG, record, key, f"{_date(row.locked_until)} in the row, {_date(lock)} in the store")
    if found.legal_hold != (record in expect.held):
        yield Finding(Kind.HOLD_ON if found.legal_hold else Kind.HOLD_OFF, record, key)
    wrong = {name: value for name, value in expect.tags(row).items() if seen.tags.get(name) != value}
    if wrong:
        yield Finding(Kind.TAGS, record, key, ", ".join(sorted(wrong)))


def _stands(finding: Finding) -> bool:
    """Not if the record has gone on its way out while we looked, as it should."""
    if finding.kind in {Kind.MISSING, Kind.NO_OBJECTS}:
        return finding.record not in leaving([finding.record])
    return True


def leaving(records: Collection[str]) -> set[str]:
    """Those that are disposed of, or being disposed of just now: their files may be there or not."""
    going = DisposalLine.objects.filter(record__in=records, state__in=[s.value for s in UNDER_WAY])
    gone = VaultRecord.objects.filter(id__in=records, state=RecordState.DISPOSED)
    return {*going.values_list("record_id", flat=True), *gone.values_list("id", flat=True)}


def repair(store: ObjectStore, rows: Rows, finding: Finding) -> Finding:
    """Put right what can do no harm: a lock made as long as the row says, a hold put on, tags set. Looked at afresh."""
    row = VaultObject.objects.select_related("record").filter(key=finding.key).first()
    seen = rows.look(row) if row else None
    if row is None or seen is None:
        return finding
    expect = Expected.of([row.record])
    now = {f.kind for f in differences(row, seen, expect)}
    if finding.kind in now:
        if finding.kind is Kind.LOCK_SHORT:
            store.extend_lock(row.key, row.version, row.locked_until)
        elif finding.kind is Kind.HOLD_OFF:
            store.set_legal_hold(row.key, row.version, on=True)
        elif finding.kind is Kind.TAGS:
            store.set_tags(row.key, row.version, {**seen.tags, **expect.tags(row)})
    again = rows.look(row)
    left = {f.kind for f in differences(row, again, expect)} if again else now
    return replace(finding, repaired=finding.kind not in left)


def _date(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "none"
