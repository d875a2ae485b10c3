"""The facts of decided mails as rows: one each time that a mail is decided, for as long as the journal remembers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.policy import Facts
from vault import sql
from vault.facts import dump, load
from vault.models import DecidedFacts


@dataclass(frozen=True, slots=True)
class Recorded:
    """The facts of one decision. ``facts`` is None where another version of this program wrote them."""

    record: str
    at: datetime
    facts: Facts | None


def keep(record: str, facts: Facts | None, now: datetime) -> None:
    """Add them, within the caller's transaction. Raises what the database raises."""
    if facts is not None:
        sql.insert(DecidedFacts, [{"record": record, "at": now, "facts": dump(facts)}])


def forget(before: datetime) -> int:
    """Drop what was decided earlier; how many. Within the caller's transaction."""
    return DecidedFacts.objects.filter(at__lt=before).delete()[0]


def count(since: datetime | None = None) -> int:
    """How many there are from then on."""
    return DecidedFacts.objects.filter(**_from(since)).count()


def each(since: datetime | None = None) -> Iterator[Recorded]:
    """All from then on: record by record, of each the newest first. A few hundred rows are in memory at a time."""
    rows = DecidedFacts.objects.filter(**_from(since)).order_by("record", "-id")
    for record, at, text in rows.values_list("record", "at", "facts").iterator(chunk_size=500):
        yield Recorded(record, at, _loaded(text))


def latest(records: Collection[str]) -> dict[str, Facts | None]:
    """The newest facts of each of these; one that has none any more is left out."""
    rows = DecidedFacts.objects.filter(record__in=records).order_by("id").values_list("record", "facts")
    return {record: _loaded(text) for record, text in rows}


def _loaded(text: str) -> Facts | None:
    try:
        return load(text)
    except ValueError:
        return None


def _from(since: datetime | None) -> dict[str, datetime]:
    return {"at__gte": since} if since else {}
