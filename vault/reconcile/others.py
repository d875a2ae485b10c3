"""The shorter lists: people's sealed keys against escrow, both ways, and records against the search's index."""

from __future__ import annotations

from collections.abc import Iterator

from vault.escrow import PREFIX, SECRET
from vault.models import RecordState, SealingKey, VaultRecord
from vault.objects.port import ObjectStore
from vault.reconcile.findings import Finding, Kind
from vault.reconcile.pages import PAGE, Page
from vault.search.index import missing


class Keys:
    """All of escrow at once: a file a person and generation."""

    def __init__(self, escrow: ObjectStore) -> None:
        self._escrow = escrow

    def page(self, cursor: str) -> Page:
        """Everything, once."""
        if cursor:
            return Page(None)
        there: dict[str, set[str]] = {}
        for version in self._escrow.versions(PREFIX):
            if version.key.endswith(SECRET):
                there.setdefault(version.key, set()).add(version.version)
        rows = list(SealingKey.objects.all())  # after the listing: a key is in escrow before it has a row
        return Page("all", len(rows) + len(there), tuple(self._findings(rows, there)))

    def _findings(self, rows: list[SealingKey], there: dict[str, set[str]]) -> Iterator[Finding]:
        """A key that was made while we looked has a row and was not listed: so it is asked for once more."""
        for row in rows:
            versions = there.pop(row.escrow_key, set())
            if row.destroyed_at and versions:
                yield Finding(Kind.KEY_LEFT, "", row.escrow_key)
            elif not row.destroyed_at and row.escrow_version not in versions and not self._is_there(row):
                yield Finding(Kind.KEY_MISSING, "", row.escrow_key, f"version {row.escrow_version}")
        for key in there:
            yield Finding(Kind.KEY_ORPHAN, "", key)

    def _is_there(self, row: SealingKey) -> bool:
        row.refresh_from_db()
        return any(v.version == row.escrow_version for v in self._escrow.versions(row.escrow_key)) or bool(
            row.destroyed_at
        )


class Index:
    """Each filed record must be found by searches."""

    def page(self, cursor: str) -> Page:
        """The next records behind ``cursor``."""
        filed = VaultRecord.objects.filter(state=RecordState.FILED, id__gt=cursor).order_by("id")
        ids = list(filed.values_list("id", flat=True)[:PAGE])
        if not ids:
            return Page(None)
        lost = missing(ids)
        still = set(VaultRecord.objects.filter(id__in=lost, state=RecordState.FILED).values_list("id", flat=True))
        return Page(ids[-1], len(ids), tuple(Finding(Kind.NOT_INDEXED, i, "") for i in lost if i in still))
