"""What the vault knows of records and of people's last contacts, read a batch at a time.

A dozen statements a batch, whatever its size; at most :data:`BATCH` records and :data:`PEOPLE` lives are in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Max

from domain.retention import CORRESPONDENCE, day_of
from domain.retention_reckoning import ClassFacts, Life, RecordFacts
from vault import sql
from vault.models import RetentionMark, VaultRecord, VaultSubject
from vault.retention.port import Lives

BATCH = 500
PEOPLE = 20_000


@dataclass(frozen=True, slots=True)
class Read:
    """One record as it stands. ``retain_until`` is what its row says now, ``own`` the classes it was filed with."""

    id: str
    state: str
    retain_until: datetime
    own: tuple[str, ...]
    facts: RecordFacts


def read(ids: Sequence[str]) -> list[Read]:
    """These records, in the order of their ids; what is not there is left out."""
    rows = list(
        VaultRecord.objects.filter(id__in=ids)
        .order_by("id")
        .values_list("id", "state", "retain_until", "digest", "classes", "filed_at")
    )
    people, marks = _people(ids), marks_of(ids)
    used = _last_used({row[3]: row[0] for row in reversed(rows) if row[3]})
    found = []
    for ident, state, until, digest, own, filed in rows:
        facts = RecordFacts(classes(own, marks[ident]), day_of(used.get(digest, filed)), people[ident])
        found.append(Read(ident, state, until, tuple(own), facts))
    return found


def classes(own: Collection[str], marks: Mapping[str, RetentionMark]) -> dict[str, ClassFacts]:
    """Those of the filing, which always count, and those given by hand, with what was said of each."""
    names = {*(own or [CORRESPONDENCE]), *(name for name, mark in marks.items() if mark.counts)}
    return {name: _said(marks.get(name)) for name in sorted(names)}


def marks_of(ids: Collection[str]) -> dict[str, dict[str, RetentionMark]]:
    """What stands: by record and class, the newest."""
    found: dict[str, dict[str, RetentionMark]] = defaultdict(dict)
    for mark in RetentionMark.objects.filter(record_id__in=ids).order_by("id"):
        found[mark.record_id][mark.record_class] = mark
    return found


def _said(mark: RetentionMark | None) -> ClassFacts:
    return ClassFacts(mark.variant, mark.closed_on) if mark is not None and mark.counts else ClassFacts()


def _people(ids: Collection[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for record, person in VaultSubject.objects.filter(record_id__in=ids).values_list("record_id", "person"):
        found[record].add(person)
    return defaultdict(frozenset, {record: frozenset(of) for record, of in found.items()})


_NEWEST = "SELECT digest, MAX(id) FROM vault_vaultrecord WHERE state = 'filed' AND digest IN {} GROUP BY digest"
"""The state in words, and not as a parameter, so that the databases see that their partial index will do."""


def _last_used(own: Mapping[str, str]) -> dict[str, datetime]:
    """By digest, where the same mail was filed again and is in use again. ``own`` are ids by digest."""
    if not own:
        return {}
    newest = sql.select(_NEWEST.format(sql.places(list(own))), list(own))
    again = {ident: digest for digest, ident in newest if ident > own[digest]}
    filed = VaultRecord.objects.filter(id__in=again).values_list("id", "filed_at")
    return {again[ident]: when for ident, when in filed}


class KnownLives:
    """People's lives with their last contacts, remembered within one piece of work so that each is asked for once."""

    def __init__(self, lives: Lives) -> None:
        self._lives = lives
        self._known: dict[str, Life] = {}

    def of(self, people: Collection[str]) -> Mapping[str, Life]:
        """Of all these people."""
        wanted = set(people)
        missing = wanted - self._known.keys()
        if len(self._known) + len(missing) > PEOPLE:
            self._known = {ref: life for ref, life in self._known.items() if ref in wanted}
        found = self._lives.of(missing) if missing else {}
        contacts = last_contacts(missing)
        for ref in missing:
            self._known[ref] = replace(found.get(ref, Life(known=False)), contact_on=contacts.get(ref))
        return self._known


def last_contacts(people: Collection[str]) -> dict[str, date]:
    """The day of the newest record about each. Ids of records sort by the time of filing, so no other row is read."""
    newest = dict(
        VaultSubject.objects.filter(person__in=people)
        .values("person")
        .annotate(last=Max("record_id"))
        .values_list("person", "last")
    )
    days = dict(VaultRecord.objects.filter(id__in=set(newest.values())).values_list("id", "filed_at"))
    return {person: day_of(days[last]) for person, last in newest.items()}
