"""How the record or the key of a line stands now: what those who approve are shown, and whether it may go.

The facts are references, classes, dates, sizes and digests: no word, no name, no address. Their digest is what is
approved; a hold (even one that has come and gone), another period, another event or another file changes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from domain.disposal import Standing, digest_of
from domain.retention import day_of
from domain.retention_reckoning import Kept
from vault.disposal.requests import has_asked, is_asked_for
from vault.holds import coverage
from vault.models import (
    DisposalLine,
    HeldMail,
    HeldState,
    MirroredHold,
    RecordState,
    SealingKey,
    VaultObject,
    VaultRecord,
    VaultSubject,
)
from vault.retention import Retention
from vault.retention.facts import KnownLives, read

Facts = dict[str, object]
"""JSON."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A line's facts and its standing, as they are now. ``until``: the first day it may go; None if nobody knows."""

    facts: Facts
    standing: Standing
    until: date | None = None


class Viewer:
    """Looks things up for many lines at a time. ``grace``: how long a filing that has begun may still use a key."""

    def __init__(self, retention: Retention, grace: timedelta) -> None:
        self._retention = retention
        self._grace = grace

    def of_lines(self, lines: Sequence[DisposalLine], now: datetime) -> dict[int, Seen]:
        """By the line's primary key."""
        records = VaultRecord.objects.filter(pk__in=[x.record_id for x in lines if x.record_id])
        found = self.of_records(records, now)
        seen = {x.pk: found[x.record_id] for x in lines if x.record_id}
        return seen | {x.pk: self.of_key(x.key) for x in lines if x.key}

    def of_records(self, records: QuerySet[VaultRecord], now: datetime) -> dict[str, Seen]:
        """By id."""
        rows = list(records.prefetch_related("subjects", "objects_filed"))
        ids = [r.id for r in rows]
        kept = {
            row.id: found[0] for row, found in self._retention.verdicts(read(ids), KnownLives(self._retention.lives))
        }
        ever = coverage.holds_ever(ids)
        held = _ids(VaultRecord.objects.filter(coverage.is_held(), pk__in=ids).values_list("pk"))
        undecided = _ids(HeldMail.objects.filter(record__in=ids, state=HeldState.HELD).values_list("record"))
        asked_for = _ids(VaultRecord.objects.filter(is_asked_for(), pk__in=ids).values_list("pk"))
        mirrored = _ids(MirroredHold.objects.filter(object__record__in=ids).values_list("object__record"))
        seen = {}
        for record in rows:
            rule = kept[record.id]
            facts = _facts(record, rule, ever[record.id])
            standing = Standing(
                digest=digest_of(facts),
                due=rule.run_out(day_of(now)),
                held=record.id in held,
                locked=record.id in mirrored or any(o.locked_until > now for o in record.objects_filed.all()),
                undecided=record.id in undecided,
                asked_for=record.id in asked_for,
            )
            seen[record.id] = Seen(facts, standing, rule.until)
        return seen

    def of_key(self, key: SealingKey) -> Seen:
        """It is due when nothing that was sealed to it is kept any more, and something was."""
        sealed = records_sealed_to(key, self._grace)
        kept = sealed.exclude(state=RecordState.DISPOSED).count()
        gone = sealed.filter(state=RecordState.DISPOSED).count()
        facts: Facts = {
            "person": key.person,
            "generation": key.generation,
            "public": key.public,
            "made": _time(key.created_at),
            "records kept": kept,
            "records disposed of": gone,
            "holds": coverage.holds_on_person_ever(key.person),
        }
        held = (
            coverage.is_person_held(key.person)
            or sealed.filter(coverage.is_held()).exclude(state=RecordState.DISPOSED).exists()
        )
        due, asked_for = not kept and gone > 0, has_asked(key.person)
        return Seen(facts, Standing(digest_of(facts), due=due, held=held, asked_for=asked_for))


def _facts(record: VaultRecord, rule: Kept, holds: Iterable[str]) -> Facts:
    return {
        "record": record.id,
        "classes": record.classes,
        "filed": _time(record.filed_at),
        "rule": {
            "class": rule.record_class,
            "variant": rule.variant,
            "years": rule.years,
            "event": rule.event,
            "day": _day(rule.day),
            "until": _day(rule.until),
            "source": rule.source,
            "person": rule.person,
        },
        "people": sorted(s.person for s in record.subjects.all()),
        "objects": [_object(o) for o in record.objects_filed.all()],
        "holds": list(holds),
    }


def records_sealed_to(key: SealingKey, grace: timedelta) -> QuerySet[VaultRecord]:
    """All that may have been sealed to it: about its person, and filed before nothing more was sealed to it."""
    about = VaultSubject.objects.filter(person=key.person).values("record")
    records = VaultRecord.objects.filter(pk__in=about)
    return records.filter(filed_at__lte=key.retired_at + grace) if key.retired_at else records


def _object(row: VaultObject) -> dict[str, object]:
    return {"key": row.key, "version": row.version, "sha256": row.sealed_sha256, "size": row.sealed_size}


def _ids(rows: Iterable[tuple[str]]) -> set[str]:
    return {row[0] for row in rows}


def _time(at: datetime) -> str:
    """To the second."""
    return at.replace(microsecond=0).isoformat()


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
