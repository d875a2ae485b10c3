"""From the store to rows: whose is each file that lies there? What nobody's is was left by a crash, or was not ours."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import VaultUnavailable
from vault.filing import SEVERAL
from vault.ids import made_at
from vault.models import RecordState, VaultObject, VaultRecord
from vault.objects.port import NoSuchObject, ObjectStore, Version
from vault.objects.probe import PREFIX as PROBES
from vault.reconcile.filed_log import FiledLog, said_to_be_filed
from vault.reconcile.findings import Finding, Kind
from vault.reconcile.pages import Page, whole_keys
from vault.reconcile.rows import leaving

RECORDS = "v1/"
_OURS = re.compile(
    r"v1/(?P<owner>[^/]+)/(?P<month>\d{4}/\d{2})/(?P<record>[0-9A-HJKMNP-TV-Z]{26})/(?P<number>\d+)\.age"
)
_OTHERS = (f"{PROBES}/", "audit/", "certificates/")
"""Not of records: probes of the store, checkpoints of the audit trail, certificates of disposal."""
YOUNG = timedelta(days=1)
"""A mail may be on its way for that long: its sender tries again, a clock is wrong."""


@dataclass(frozen=True, slots=True)
class Orphan:
    """A file that no row names, of a record that there is not.

    ``whole``: its mail's bundle is there, so it may have been filed to the end; without one it was never said to be
    done (``vault/filing.py`` writes bundles last), nor where the audit log proves it. ``remains``: half a file, which
    the store does not call one. ``lost``: the audit trail says that the record was filed.
    """

    version: Version
    record: str
    made: datetime
    whole: bool
    remains: bool
    lost: bool = False


class Listing:
    """Goes through the store by keys."""

    def __init__(self, store: ObjectStore, now: datetime, log: FiledLog | None = None) -> None:
        self._store = store
        self._now = now
        self._log = log

    def page(self, cursor: str) -> Page:
        """The next files behind ``cursor``."""
        for piece in whole_keys(self._store.versions("", cursor)):
            return Page(piece[-1].key, len(piece), tuple(self._findings(piece)))
        return Page(None)

    def orphans(self) -> Iterator[Orphan]:
        """All below ``v1/``, however young."""
        for piece in whole_keys(self._store.versions(RECORDS)):
            ours = [(v, m) for v in piece if (m := _OURS.fullmatch(v.key)) and not v.marker]
            known = _states(m["record"] for _, m in ours)
            strays = [(v, m) for v, m in ours if m["record"] not in known]
            lost = said_to_be_filed([m["record"] for _, m in strays])
            yield from (self._orphan(v, m, lost) for v, m in strays)

    def _findings(self, piece: Sequence[Version]) -> Iterator[Finding]:
        rows = VaultObject.objects.filter(key__in={v.key for v in piece})
        named = dict(rows.values_list("key", "version"))
        matches = {v.key: _OURS.fullmatch(v.key) for v in piece}
        states = _states(m["record"] for m in matches.values() if m)
        for version in piece:
            match = matches[version.key]
            if match is None:
                if not version.key.startswith(_OTHERS):
                    yield Finding(Kind.FOREIGN, "", version.key)
            elif version.marker:
                yield Finding(Kind.HIDDEN, match["record"], version.key, f"version {version.version}")
            elif named.get(version.key) != version.version:
                yield from self._unnamed(version, match, states, named)

    def _unnamed(
        self, version: Version, match: re.Match[str], states: dict[str, str], named: dict[str, str]
    ) -> Iterator[Finding]:
        record, said = match["record"], f"version {version.version}"
        state = states.get(record)
        if state is None:
            orphan = self._orphan(version, match, said_to_be_filed([record]))
            yield Finding(
                orphan_kind(orphan, self._now), record, version.key, f"{said}, of {orphan.made:%Y-%m-%d %H:%M}"
            )
        elif state == RecordState.DISPOSED:
            yield Finding(Kind.DISPOSED, record, version.key, said)
        elif version.key in named:
            yield Finding(Kind.VERSION, record, version.key, f"{said}; the row says {named[version.key]}")
        elif record not in leaving([record]) and not _named_meanwhile(version):
            yield Finding(Kind.UNLISTED, record, version.key, said)

    def _orphan(self, version: Version, match: re.Match[str], lost: Collection[str]) -> Orphan:
        record, made = match["record"], made_at(match["record"])
        try:
            self._store.stat(version.key, version.version)
        except NoSuchObject:
            remains, whole = True, False
        else:
            remains, whole = False, match["number"] == "0" or self._has_bundle(version, match)
        if whole and record not in lost and self._now >= made + YOUNG and self._log and self._log.covers(made):
            whole = False
        return Orphan(version, record, made, whole, remains, record in lost)

    def _has_bundle(self, version: Version, match: re.Match[str]) -> bool:
        """Whether a bundle of one of its people is there. True where that cannot be known."""
        try:
            subject = self._store.tags(version.key, version.version).get("subject", SEVERAL)
        except NoSuchObject:
            return True
        if subject == SEVERAL:
            return True
        return any(self._is_there(f"v1/{o}/{match['month']}/{match['record']}/0.age") for o in subject.split("+"))

    def _is_there(self, key: str) -> bool:
        try:
            return any(v.key == key for v in self._store.versions(key))
        except ValueError as error:
            raise VaultUnavailable("a tag that names no folder") from error


def orphan_kind(orphan: Orphan, now: datetime) -> Kind:
    """What it is called."""
    if orphan.lost:
        return Kind.LOST
    if now < orphan.made + YOUNG:
        return Kind.YOUNG
    if orphan.remains:
        return Kind.REMAINS
    return Kind.WHOLE_ORPHAN if orphan.whole else Kind.ORPHAN


def _states(records: Iterable[str]) -> dict[str, str]:
    return dict(VaultRecord.objects.filter(id__in=set(records)).values_list("id", "state"))


def _named_meanwhile(version: Version) -> bool:
    return VaultObject.objects.filter(key=version.key, version=version.version).exists()
