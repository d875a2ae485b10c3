"""Which partners' failing TLS somebody has still to be told of, and who has been told. Raises ``VaultUnavailable``.

Told together, not more often than once in ``_APART``; of the same partner again after a day, and once when it is well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from domain.errors import VaultUnavailable
from vault.models import TlsAlarm, TlsCount
from vault.partners import Failing, failing
from vault.rows import writing

_APART, _AGAIN = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is to be told now: all that fail, and the domains that are well again. Empty: nothing."""

    failing: tuple[Failing, ...] = ()
    well: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.failing or self.well)


def claim(now: datetime) -> Alarm:
    """What is to be told, and noted as told: another worker that asks in the same moment gets nothing."""
    bad = failing(now)
    with writing(VaultUnavailable, lasting=False):
        rows = {row.domain: row for row in TlsAlarm.objects.select_for_update()}
        if any(row.told_at > now - _APART for row in rows.values()):
            return Alarm()
        due = {f.domain for f in bad if _due(rows.get(f.domain), now)}
        well = _well(rows, {f.domain for f in bad})
        new = [TlsAlarm.objects.get_or_create(domain=d, defaults={"told_at": now})[1] for d in due - rows.keys()]
        if not (well or any(new) or due & rows.keys()):
            return Alarm()
        TlsAlarm.objects.filter(domain__in=[f.domain for f in bad]).update(told_at=now, well=False)
        TlsAlarm.objects.filter(domain__in=well).update(told_at=now, well=True)
    return Alarm(tuple(bad) if due else (), tuple(well))


def give_back(alarm: Alarm, now: datetime) -> None:
    """Nobody took the mail: all of it is due again at once."""
    with writing(VaultUnavailable, lasting=False):
        TlsAlarm.objects.filter(domain__in=[f.domain for f in alarm.failing]).delete()
        TlsAlarm.objects.filter(domain__in=alarm.well).update(told_at=now - _AGAIN, well=False)


def _due(row: TlsAlarm | None, now: datetime) -> bool:
    return row is None or row.well or row.told_at <= now - _AGAIN


def _well(rows: dict[str, TlsAlarm], bad: set[str]) -> list[str]:
    """Those that somebody was told of, and that have been reached securely since."""
    told = {domain: row.told_at for domain, row in rows.items() if domain not in bad and not row.well}
    good = TlsCount.objects.filter(strict=True, result="", domain__in=told)
    last = dict(good.values_list("domain").annotate(Max("last_at")))
    return sorted(domain for domain, at in last.items() if at > told[domain])
