"""The recovery drill: shows with a master's identity that people's secrets open, from the row and from escrow alike.

A secret that nobody tried to open for years is a hope, not a backup. What is opened is dropped at once; the outcome is
in the audit trail, from where ``sallyport check`` knows how long ago it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.errors import SealBroken, VaultUnavailable
from domain.ports import Clock
from vault import audit
from vault.escrow import Escrow
from vault.identities import quickest_first
from vault.keys.rotation import Order
from vault.keys.secrets import opened, shown
from vault.keys.survey import survey
from vault.masters import Masters, tag_of
from vault.models import AuditEvent, SealingKey
from vault.objects.port import NoSuchObject
from vault.rows import reading, writing
from vault.unseal import CannotOpen

HELD = "recovery drill"


@dataclass(frozen=True, slots=True)
class Drilled:
    """How many keys were tried of how many there are, with which masters, and what is wrong, by ``person/generation``.

    ``left_over``: objects in escrow that should have been removed; ``unknown``: objects that no row names.
    """

    tried: int
    living: int
    masters: tuple[str, ...]
    problems: Mapping[str, str]
    left_over: int
    unknown: int

    @property
    def passed(self) -> bool:
        """Something was tried, with a master of the settings, and all of it opened."""
        return bool(self.tried and self.masters) and not self.problems and not self.left_over


def chosen(sample: int | None) -> list[int]:
    """Living keys, all of them or so many by lot (of the system's own randomness: nobody knows which beforehand)."""
    with reading(VaultUnavailable):
        living = list(SealingKey.objects.filter(destroyed_at=None).values_list("pk", flat=True))
    lot = secrets.SystemRandom()
    return living if sample is None or sample >= len(living) else sorted(lot.sample(living, sample))


class Driller:
    """Tries ``identities`` on people's sealed secrets."""

    def __init__(self, masters: Masters, escrow: Escrow, identities: Sequence[Any]) -> None:
        self._escrow = escrow
        self._identities = quickest_first(identities)
        self.shown = tuple(shown(masters, self._identities))
        """Those of the settings' masters that the identities are."""

    def run(self, keys: Iterable[int], order: Order, clock: Clock, step: Callable[[], None]) -> Drilled:
        """Try each key; ``step`` is called after each. Raises ``VaultUnavailable``."""
        tried, problems = 0, dict[str, str]()
        for pk in keys:
            row = SealingKey.objects.filter(pk=pk, destroyed_at=None).first()
            if row is not None:
                tried += 1
                problems |= {str(row): problem} if (problem := self._problem(row)) else {}
            step()
        with reading(VaultUnavailable):
            living = SealingKey.objects.filter(destroyed_at=None).count()
        found = survey(self._escrow)
        problems |= {str(row): "it is not in escrow" for row in found.missing}
        left_over = len(found.superseded) + len(found.resurrected)
        done = Drilled(tried, living, self.shown, problems, left_over, len(found.unknown))
        self._tell(done, order, clock)
        return done

    def _problem(self, row: SealingKey) -> str:
        """What is wrong with a key, in a few words; empty where all is well."""
        try:
            opened(bytes(row.sealed_secret), row, self._identities)
        except CannotOpen:
            return "the database's copy does not open to it"
        try:
            escrowed = self._escrow.read(row.escrow_key)
            if escrowed != bytes(row.sealed_secret):  # the same bytes need not be opened again
                opened(escrowed, row, self._identities)
        except NoSuchObject:
            return "it is not in escrow"
        except SealBroken:
            return "the copy in escrow does not open to it"
        return ""

    def _tell(self, done: Drilled, order: Order, clock: Clock) -> None:
        details = {
            "tried": done.tried,
            "living": done.living,
            "failed": len(done.problems),
            "left-over": done.left_over,
            "masters": [tag_of(m) for m in done.masters],
            "passed": done.passed,
        }
        with writing(VaultUnavailable):
            audit.append([audit.Event(clock.now(), order.actor, HELD, why=order.why, details=details)])


def last_passed(masters: Masters) -> dict[str, datetime | None]:
    """For each master, when a drill with it was last passed. Raises ``VaultUnavailable``."""
    found: dict[str, datetime | None] = dict.fromkeys(masters.recipients)
    with reading(VaultUnavailable):
        for at, details in AuditEvent.objects.filter(action=HELD).order_by("sequence").values_list("at", "details"):
            if details.get("passed"):
                found |= {text: at for text in found if tag_of(text) in details.get("masters", ())}
    return found


def due(last: datetime | None, interval: timedelta) -> datetime | None:
    """When the next drill is due: so long after the last, or, before the first, after the oldest key was made.

    ``None`` while there is no key at all, and so nothing to try.
    """
    if last is None:
        with reading(VaultUnavailable):
            oldest = SealingKey.objects.filter(destroyed_at=None).order_by("created_at").first()
        last = oldest.created_at if oldest else None
    return last + interval if last else None
