"""What the audit log proves of files that no row names: whether their mail was ever said to be filed.

A record's rows and its event «filed» are one transaction, and the log is signed and stored where nobody can take it
back. So if the log holds (``vault/merkle/verifying.py``), goes on for a day after a file was made, and has no such
event, then that filing never came to its end, however whole it looks. If the log has the event and there is no row, the
database has lost it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.errors import VaultUnavailable
from vault.merkle.heads import Trust
from vault.merkle.verifying import Verification
from vault.models import AuditCheckpoint, AuditEvent
from vault.objects.port import ObjectStore
from vault.rows import reading

_DAY = timedelta(days=1)
"""Longer than a filing takes, an event waits to be logged, and clocks differ."""


def said_to_be_filed(records: Collection[str]) -> set[str]:
    """Of these ids those that the audit trail knows as filed."""
    events = AuditEvent.objects.filter(action="filed", record__in=set(records))
    return set(events.values_list("record", flat=True))


@dataclass
class FiledLog:
    """Verifies once, when it is first needed, and again only for what is older than it has looked at."""

    store: ObjectStore
    trust: Trust
    late: timedelta
    now: datetime
    _since: datetime | None = None
    _until: datetime | None = field(default=None)

    def covers(self, made: datetime) -> bool:
        """Whether what was filed about then would be known. Raises ``VaultUnavailable``."""
        if self._since is None or made < self._since:
            self._since, self._until = made, self._proven(made - _DAY)
        return self._until is not None and made + _DAY <= self._until and self._had_begun(made)

    def _had_begun(self, made: datetime) -> bool:
        """Whether this very log was signed by then."""
        with reading(VaultUnavailable):
            return AuditCheckpoint.objects.filter(origin=self.trust.origin, at__lte=made).exists()

    def _proven(self, after: datetime) -> datetime | None:
        """The time of the newest checkpoint, if nothing at all is wrong from ``after`` on, and no other log is here."""
        report = Verification(self.trust, self.store, self.now, self.late, after).run(_quietly, _quietly)
        if not report.good or report.others:
            return None
        with reading(VaultUnavailable):
            newest = AuditCheckpoint.objects.filter(origin=self.trust.origin).order_by("-size").first()
            return newest.at if newest else None


def _quietly(_: int, __: int) -> None:
    """Who sweeps shows his own progress."""
