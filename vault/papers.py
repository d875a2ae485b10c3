"""Port ``Papers`` over the records' rows: whether what a permission calls its signed paper is filed here."""

from __future__ import annotations

from vault.models import RecordState, VaultRecord


class FiledPapers:
    """Implements ``Papers``. Nothing is opened for it."""

    def holds(self, record: str, person: str) -> bool:
        """See the port. A record that names nobody may wait for a reviewer to say whom it is about."""
        found = VaultRecord.objects.filter(id=record, state=RecordState.FILED).first()
        if found is None:
            return False
        about = set(found.subjects.values_list("person", flat=True))
        return not about or person in about
