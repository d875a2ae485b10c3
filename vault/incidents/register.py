"""The register of breaches as a table, for the Commissioner (UK GDPR Art. 33(5))."""

from __future__ import annotations

from collections.abc import Iterable

from domain.incident import ASKED
from vault.export.tables import written
from vault.models import Incident

_STEPS = (
    *("reported_at", "reported_as", "late_because", "not_reported_because"),
    *("people_told_at", "people_not_told_because", "closed_at", "closed_by"),
)
COLUMNS = ("reference", "kind", "aware_at", "opened_by", "risk", *ASKED, *_STEPS)


def as_csv(rows: Iterable[Incident]) -> bytes:
    """Every field of each, for a spreadsheet; what it would take for a formula is text."""
    return written(COLUMNS, ({name: _cell(getattr(row, name)) for name in COLUMNS} for row in rows))


def _cell(value: object) -> object:
    return "" if value is None else value
