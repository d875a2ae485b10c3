"""Other masters: each person's sealed secret is opened with one of the old and sealed anew to the new.

Documents are not touched: they are sealed to people, not to masters. For each key, in this order: the new seal goes to
escrow and is read back; the row is changed, durably; older versions in escrow are removed, unless no identity of a new
master was given: then they stay until a later run has one. A crash between any two
leaves a row and an escrow object that each open, with old or new masters; the next run goes on with what is left,
because a row says which masters it is sealed to. Secrets are in memory alone, one at a time.

A key that is destroyed meanwhile stays destroyed: the row is changed only while it lives, and what was put in escrow
for it is removed again; so is, at the end, whatever a crash left there of destroyed keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from domain.errors import SealBroken, VaultUnavailable
from domain.ports import Clock
from vault import audit
from vault.escrow import Escrow
from vault.identities import quickest_first
from vault.keys import searches as searching
from vault.keys.secrets import from_either, opens_any, shown
from vault.keys.survey import survey
from vault.masters import Masters
from vault.models import SealingKey
from vault.rows import reading, writing
from vault.sealing import seal_to, secret_text
from vault.unseal import CannotOpen

BEGAN, ENDED = "masters rotation began", "masters rotation ended"


class _Outcome(Enum):
    """What became of one key."""

    RESEALED = auto()
    LEFT = auto()
    UNOPENED = auto()


@dataclass(frozen=True, slots=True)
class Order:
    """Who has it done, and why; both go to the audit trail."""

    actor: str
    why: str


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation has done, counted.

    How many keys and saved searches are sealed anew, versions removed from escrow, objects put back there, and
    objects there that no row names; and what the identities given do not open (``person/generation``, ``search ID``),
    which stays as it was.
    """

    resealed: int
    searches: int
    tidied: int
    restored: int
    unknown: int
    unopened: tuple[str, ...]


class Rotator:
    """Seals to ``masters`` what ``identities`` open. Only what is not sealed to just these masters yet."""

    def __init__(self, masters: Masters, escrow: Escrow, identities: Sequence[Any]) -> None:
        self._masters = masters
        self._escrow = escrow
        self._identities = quickest_first(identities)
        self.shown = shown(masters, self._identities)
        """Those of the new masters whose identities were given, so that the new seals are known to open."""

    def waiting(self) -> list[int]:
        """The living keys that are sealed to other masters, or to it is not known whom."""
        with reading(VaultUnavailable):
            rows = SealingKey.objects.filter(destroyed_at=None).exclude(sealed_to=self._masters.tag)
            return list(rows.order_by("person", "generation").values_list("pk", flat=True))

    def run(self, order: Order, clock: Clock, step: Callable[[], None]) -> Rotated:
        """All that wait, one after the other; ``step`` is called after each. Safe to break off and to repeat.

        Raises ``VaultUnavailable`` when database or escrow do not answer; what was done by then stays done.
        """
        waiting, found = self.waiting(), list[tuple[_Outcome, str]]()
        told = {"masters": self._masters.tag, "shown": len(self.shown)}
        self._tell(BEGAN, order, clock, {**told, "keys": len(waiting)})
        for pk in waiting:
            found.append(self._reseal(pk))
            step()
        tidied, restored, unknown = self._tidy_all()
        resealed = sum(outcome is _Outcome.RESEALED for outcome, _ in found)
        searches = searching.reseal(self._masters, self._identities)
        unopened = (*(name for outcome, name in found if outcome is _Outcome.UNOPENED), *searches.unopened)
        done = Rotated(resealed, searches.resealed, tidied, restored, unknown, unopened)
        counts = {"resealed": resealed, "searches": searches.resealed, "unopened": len(unopened)}
        counts |= {"tidied": tidied, "restored": restored}
        self._tell(ENDED, order, clock, {**told, **counts})
        return done

    def _reseal(self, pk: int) -> tuple[_Outcome, str]:
        """What became of it, and the key's name."""
        with reading(VaultUnavailable):
            row = SealingKey.objects.filter(pk=pk, destroyed_at=None).first()
        if row is None or row.sealed_to == self._masters.tag:  # destroyed, or done by somebody else
            return _Outcome.LEFT, ""
        try:
            secret = from_either(row, self._escrow, self._identities)
        except CannotOpen:
            return _Outcome.UNOPENED, str(row)
        old = row.escrow_version
        row.sealed_secret = seal_to(secret_text(row.public, secret), self._masters.keys()).content
        row.sealed_to = self._masters.tag
        self._check(row)
        row.escrow_version = self._escrow.put(row).version
        if not self._changed(row, old):
            self._escrow.forget(row.escrow_key, row.escrow_version)
            return _Outcome.LEFT, ""
        if self.shown:
            self._tidy(row)
        return _Outcome.RESEALED, str(row)

    def _check(self, row: SealingKey) -> None:
        """Before anything is written: a new master whose identity was given opens it."""
        if self.shown and not opens_any(bytes(row.sealed_secret), row, self._identities):
            raise SealBroken("the new seal does not open", key=row.escrow_key)

    def _changed(self, row: SealingKey, old: str) -> bool:
        """Whether the row was still as it was read, and is now as given."""
        fields = ("sealed_secret", "sealed_to", "escrow_key", "escrow_version")
        with writing(VaultUnavailable):
            rows = SealingKey.objects.filter(pk=row.pk, destroyed_at=None, escrow_version=old)
            return bool(rows.update(**{name: getattr(row, name) for name in fields}))

    def _tidy(self, row: SealingKey) -> None:
        """Remove what older masters open. The row's own version was read back, and the row that names it is durable."""
        for version in self._escrow.list(row.escrow_key):
            if version.version != row.escrow_version:
                self._escrow.forget(version.key, version.version)

    def _tidy_all(self) -> tuple[int, int, int]:
        """What broken runs left: versions removed, objects put back, objects that nobody knows.

        Of a key that is not sealed to these masters no copy is removed or hidden: another may be the one that opens.
        Nor is any while nobody has shown that what is sealed to these masters opens.
        """
        found, restored = survey(self._escrow), 0
        with reading(VaultUnavailable):
            ours = set(SealingKey.objects.filter(sealed_to=self._masters.tag).values_list("escrow_key", flat=True))
        superseded = [v for v in found.superseded if v.key in ours] if self.shown else []
        for row in found.missing:
            if row.escrow_key not in ours and self._escrow.list(row.escrow_key):
                continue  # the row is older than what is there: a database that was set back, whose seal did not open
            row.refresh_from_db()
            old, row.escrow_version = row.escrow_version, self._escrow.put(row).version
            if not self._changed(row, old):
                self._escrow.forget(row.escrow_key, row.escrow_version)
            restored += 1
        for version in (*superseded, *found.resurrected):
            self._escrow.forget(version.key, version.version)
        return len(superseded) + len(found.resurrected), restored, len(found.unknown)

    def _tell(self, action: str, order: Order, clock: Clock, details: dict[str, object]) -> None:
        with writing(VaultUnavailable):
            audit.append([audit.Event(clock.now(), order.actor, action, why=order.why, details=details)])
