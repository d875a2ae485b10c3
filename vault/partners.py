"""Counts what TLS to partners came to. Raises ``VaultUnavailable``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import IntegrityError
from django.db.models import F, Max, Sum

from domain.errors import VaultUnavailable
from vault.models import TlsAlarm, TlsCount, TlsReport
from vault.rows import reading, writing

_REMEMBERED = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Seen:
    """One kind of outcome at one server."""

    domain: str
    host: str
    policy: str
    lines: tuple[str, ...]
    result: str
    strict: bool


@dataclass(frozen=True, slots=True)
class Failing:
    """A partner whose last handshake failed, though it had to be secured."""

    domain: str
    result: str
    times: int
    last_at: datetime


def note(seen: Iterable[tuple[Seen, int]], at: datetime) -> None:
    """So many more of each, today (UTC, as TLS-RPT counts days)."""
    with writing(VaultUnavailable, lasting=False):
        for one, times in seen:
            key = {"day": at.astimezone(UTC).date(), "domain": one.domain, "host": one.host, "policy": one.policy}
            row, _ = TlsCount.objects.get_or_create(
                **key, result=one.result, strict=one.strict, defaults={"last_at": at, "lines": list(one.lines)}
            )
            TlsCount.objects.filter(pk=row.pk).update(count=F("count") + times, last_at=at, lines=list(one.lines))


def failing(now: datetime, within: timedelta = timedelta(days=1)) -> list[Failing]:
    """Partners with whom TLS must be and was not, and has not been since; by name."""
    since = now - within
    with reading(VaultUnavailable):
        rows = TlsCount.objects.filter(strict=True, last_at__gte=since)
        good = dict(rows.filter(result="").values_list("domain").annotate(Max("last_at")))
        bad = rows.exclude(result="").values("domain", "result").annotate(times=Sum("count"), last=Max("last_at"))
        found = [Failing(r["domain"], r["result"], r["times"], r["last"]) for r in bad.order_by("domain", "result")]
    return [f for f in found if f.domain not in good or good[f.domain] < f.last_at]


def of_day(day: date) -> dict[str, list[TlsCount]]:
    """The counts of domains that publish, or might publish, something: by domain."""
    with reading(VaultUnavailable):
        found: dict[str, list[TlsCount]] = defaultdict(list)
        for row in TlsCount.objects.filter(day=day).order_by("domain", "policy", "host", "result"):
            found[row.domain].append(row)
    return dict(found)


def unreported(day: date) -> list[str]:
    """Domains with counts of that day that have had no report of it."""
    with reading(VaultUnavailable):
        done = TlsReport.objects.filter(day=day).values("domain")
        rows = TlsCount.objects.filter(day=day).exclude(domain__in=done)
        return list(rows.values_list("domain", flat=True).distinct().order_by("domain"))


def claim_report(day: date, domain: str, at: datetime) -> bool:
    """Whether it is ours to send: False where somebody has begun already."""
    try:
        with writing(VaultUnavailable, lasting=False):
            TlsReport.objects.create(day=day, domain=domain, at=at, sent=False)
    except (IntegrityError, VaultUnavailable):
        return False
    return True


def reported(day: date, domain: str) -> None:
    """It was sent."""
    with writing(VaultUnavailable, lasting=False):
        TlsReport.objects.filter(day=day, domain=domain).update(sent=True)


def give_back(day: date, domain: str) -> None:
    """It could not be sent now; the next time may."""
    with writing(VaultUnavailable, lasting=False):
        TlsReport.objects.filter(day=day, domain=domain, sent=False).delete()


def forget(now: datetime) -> None:
    """What is older than two months."""
    with writing(VaultUnavailable, lasting=False):
        old = (now - _REMEMBERED).date()
        TlsCount.objects.filter(day__lt=old).delete()
        TlsReport.objects.filter(day__lt=old).delete()
        TlsAlarm.objects.filter(told_at__lt=now - _REMEMBERED).delete()
