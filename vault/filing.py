"""Step 8: a sealed copy of every mail, before it leaves (promises 2 and 4).

Order: keys, parts, the mail, the bundle with the manifest, rows. The manifest comes last
among the objects, so where there is one, all that it names is there; the rows come last of
all, in one transaction, so a record in the database is a whole one. A crash between leaves
objects without a row ("orphans"): sealed, locked for ``lock`` and no longer, and named by no
record; the retry files anew, since nobody here could tell whether the old copies are whole.

Everything is read back from the store and compared by SHA-256, and its lock read back, before
the rows are written. Only one part is in memory in sealed form at a time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.decision import Action
from domain.errors import SealBroken, VaultUnavailable
from domain.model import Category, Place
from domain.ports import Filing, VaultReceipt
from domain.retention import Schedule, day_of, retain_until
from vault import manifest, records
from vault.ids import new_id
from vault.models import ObjectKind, VaultRecord
from vault.objects.port import ObjectStore, Stored, checked_key
from vault.rows import reading, writing, writing_plainly
from vault.sealing import PublicHalves, Sealed, seal
from vault.search.document import index, source_of
from vault.search.tokens import Keyed

SERVICE, SEVERAL = "service", "several"
"""Folders of what concerns nobody known, and of what concerns more than one person."""

_BUNDLED_SIZE = 256 * 1024
_PATIENCE_SECONDS = 120.0
"""A store that takes longer over one mail is too slow: the sending server must hear of it before it hangs up
(10 minutes after the last octet, RFC 5321 section 4.5.3.2.6), and the claim on the mail must not run out."""
_MAX_TAG = 256


@dataclass(frozen=True, slots=True)
class _Item:
    """One file to be. ``owner`` is the folder; sealed to ``people``, or to the service where there are none."""

    number: int
    kind: ObjectKind
    owner: str
    people: frozenset[str]
    categories: frozenset[Category]
    content: bytes = field(repr=False)
    part: str = ""


@dataclass(frozen=True, slots=True)
class _Work:
    """What stays the same for all files of one mail."""

    filing: Filing
    record: records.NewRecord
    public: Mapping[str, str]
    now: datetime
    locked_until: datetime
    give_up: float  # by the monotonic clock


class Filer:
    """Implements ``Vault``; holds public halves only.

    ``lock`` is the first, short COMPLIANCE lock, which housekeeping extends. Without ``keyed``, the search's key,
    records are filed and can be listed, but every search says that they are not indexed. ``actor`` and ``why`` stand
    in the audit trail.
    """

    def __init__(
        self,
        store: ObjectStore,
        keys: PublicHalves,
        schedule: Schedule,
        *,
        lock: timedelta,
        actor: str = "relay",
        why: str = "every mail is filed before it leaves",
        keyed: Keyed | None = None,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._store = store
        self._keys = keys
        self._schedule = schedule
        self._lock = lock
        self._actor, self._why = actor, why
        self._keyed = keyed
        self._patience = patience_seconds

    def file(self, filing: Filing, now: datetime) -> VaultReceipt:
        """See the port."""
        plan = records.plan_of(filing)
        with reading(VaultUnavailable):
            earlier = records.find(filing, plan)
        if earlier:
            return self._again(earlier, filing)
        everyone = _checked_people(filing.people.union(*(p.people for p in filing.parts)))
        work = _Work(
            filing,
            records.new_record(filing, new_id(now), plan, retain_until(filing.categories, now, self._schedule), now),
            self._keys.of(everyone),
            now,
            now + self._lock,
            time.monotonic() + self._patience,
        )
        objects = self._place_all(work, everyone)
        indexed = index(source_of(filing, work.record.classes), self._keyed) if self._keyed else None
        with writing_plainly(VaultUnavailable, lasting=False):  # the intent, before which nothing leaves, makes it last
            records.write(work.record, everyone, objects, (self._actor, self._why), now, indexed)
        return VaultReceipt(work.record.id, tuple(sorted(o.key for o in objects)))

    def _again(self, record: VaultRecord, filing: Filing) -> VaultReceipt:
        """An earlier try came as far as the rows: they are trusted as far as the store still agrees."""
        with writing(VaultUnavailable, lasting=False):
            objects = list(record.objects_filed.all())
            records.add_decisions(record, filing.decisions, self._keyed)
        try:
            for filed in objects:
                if self._store.stat(filed.key, filed.version).size != filed.sealed_size:
                    raise VaultUnavailable("a filed object has another size", record=record.id)
        except SealBroken as error:
            raise VaultUnavailable("a filed object is missing", record=record.id) from error
        return VaultReceipt(record.id, tuple(sorted(o.key for o in objects)))

    def _place_all(self, work: _Work, everyone: frozenset[str]) -> list[records.NewObject]:
        """Parts and mail, then for each person a bundle of their own, which names the others."""
        bundled = _plain(work.filing)
        placed = [] if bundled else [self._place(item, work) for item in _parts_and_mail(work.filing, everyone)]
        described = manifest.describe(work.filing, work.record.id, work.now, placed)
        bundle = manifest.pack(described, work.now, work.filing.message.raw if bundled else None)
        for owner in sorted(everyone) or [SERVICE]:
            item = _Item(0, ObjectKind.BUNDLE, owner, everyone & {owner}, work.filing.categories, bundle)
            placed.append(self._place(item, work))
        return [each.row for each in placed]

    def _place(self, item: _Item, work: _Work) -> manifest.Placed:
        if time.monotonic() > work.give_up:
            raise VaultUnavailable("the store is too slow", record=work.record.id)
        sealed = seal(item.content, self._recipients(item, work))
        try:
            stored = self._store.put(
                _key(item, work),
                sealed.content,
                tags=_tags(item, work),
                metadata=_metadata(item, work, sealed),
                locked_until=work.locked_until,
            )
            self._check(stored, sealed, work.locked_until)
        except SealBroken as error:
            raise VaultUnavailable("not read back as written", record=work.record.id) from error
        return manifest.Placed(_row(item, work, stored, sealed), sealed.plain_sha256)

    def _recipients(self, item: _Item, work: _Work) -> set[str]:
        """Whom it concerns; the service in place of nobody, and of each person who has no key yet."""
        return {work.public.get(person, self._keys.service) for person in item.people} or {self._keys.service}

    def _check(self, stored: Stored, sealed: Sealed, locked_until: datetime) -> None:
        """Read back by what the store has, not by what it said."""
        read = self._store.read_back(stored.key, stored.version)
        if read.sha256 != sealed.sha256:
            raise SealBroken("read back other bytes", key=stored.key)
        lock = read.stat.locked_until
        if lock is None or lock < locked_until:
            raise VaultUnavailable("the store dropped or cut the lock", key=stored.key)


def _checked_people(people: frozenset[str]) -> frozenset[str]:
    """The same; a reference that cannot be a folder of its own would mix up people's files."""
    for person in people:
        try:
            checked_key(f"v1/{person}/0.age")
        except ValueError:
            raise VaultUnavailable("a person's reference that cannot be in a key") from None
        if "/" in person or person in {SERVICE, SEVERAL}:
            raise VaultUnavailable("a person's reference that names another folder")
    return people


def _plain(filing: Filing) -> bool:
    """Small text about nobody: one file is enough, and the rate of ordinary mail depends on it."""
    return (
        not filing.people
        and not filing.categories
        and len(filing.message.raw) <= _BUNDLED_SIZE
        and not filing.message.unreadable
        and all(p.part.place is not Place.ATTACHMENT and not p.people and not p.categories for p in filing.parts)
    )


def _parts_and_mail(filing: Filing, everyone: frozenset[str]) -> Iterator[_Item]:
    """The mail is number 1, the parts follow; the whole mail concerns everyone, a part those it is about."""
    mail = filing.message.raw
    yield _Item(1, ObjectKind.MAIL, _owner(everyone), everyone, filing.categories, mail)
    for number, filed in enumerate(filing.parts, start=2):
        people = filed.people or everyone
        name = records.without_names(filed.part.path)
        yield _Item(number, ObjectKind.PART, _owner(people), people, filed.categories, filed.part.content, name)


def _owner(people: Iterable[str]) -> str:
    people = list(people)
    if len(people) > 1:
        return SEVERAL
    return people[0] if people else SERVICE


def _key(item: _Item, work: _Work) -> str:
    return f"v1/{item.owner}/{work.now:%Y/%m}/{work.record.id}/{item.number}.age"


def _tags(item: _Item, work: _Work) -> dict[str, str]:
    """For housekeeping without the database. Opaque references, classes and dates; nobody's name."""
    strongest = max((d.action for d in work.filing.decisions), default=Action.HOLD)
    return {
        "class": _cut(records.classes_of(item.categories)),
        "subject": subject_tag(item.people),
        "retain-until": day_of(work.record.retain_until).isoformat(),
        "decision": strongest.name,
    }


def subject_tag(people: Iterable[str]) -> str:
    """Whom a file is about, as far as a tag holds them."""
    subject = "+".join(sorted(people)) or SERVICE
    return subject if len(subject) <= _MAX_TAG else SEVERAL


def _cut(classes: list[str]) -> str:
    """As many classes as a tag holds."""
    while len("+".join(classes)) > _MAX_TAG:
        classes = classes[:-1]
    return "+".join(classes)


def _metadata(item: _Item, work: _Work, sealed: Sealed) -> dict[str, str]:
    return {
        "format": manifest.FORMAT,
        "record": work.record.id,
        "number": str(item.number),
        "kind": item.kind.value,
        "sealed-sha256": sealed.sha256,
    }


def _row(item: _Item, work: _Work, stored: Stored, sealed: Sealed) -> records.NewObject:
    return records.NewObject(
        record_id=work.record.id,
        number=item.number,
        kind=item.kind,
        part=item.part,
        key=stored.key,
        version=stored.version,
        people=sorted(item.people),
        sealed_size=stored.size,
        sealed_sha256=sealed.sha256,
        plain_size=sealed.plain_size,
        locked_until=work.locked_until,
    )
