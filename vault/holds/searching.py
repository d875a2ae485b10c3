"""Holds by search: what a saved search finds is added to the hold each time it is asked, and stays.

The hold names the saved search by its id; nobody's words are in a row. A search that cannot be asked (the index has
another key) covers what it found before, and keeps anything from being destroyed until it can be asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.errors import SallyportError, TryAgain
from vault import audit
from vault.holds.setting import NotAllowed
from vault.models import HoldMatch, HoldTarget, RecordState, TargetKind, VaultRecord
from vault.paging import in_pieces
from vault.search import saved
from vault.turns import taking_turns

Search = Callable[[str], Iterable[str]]
"""A saved search's id to the ids of the records that it finds."""

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """How many records came to be covered, and which holds have a search that cannot be asked."""

    covered: int
    failed: tuple[str, ...]


def ask_again(actor: str, now: datetime, search: Search = saved.records_of) -> Asked:
    """Every search of every active hold. Raises ``VaultUnavailable``."""
    covered, failed = 0, []
    for target in HoldTarget.objects.filter(kind=TargetKind.SEARCH, hold__lifted_at=None).order_by("id"):
        try:
            covered += _ask(target, search, actor, now)
        except TryAgain:
            raise
        except SallyportError:
            failed.append(target.hold_id)
    return Asked(covered, tuple(failed))


def must_ask(actor: str, now: datetime, search: Search = saved.records_of) -> None:
    """Before anything is destroyed. Raises :class:`NotAllowed` if a search cannot be asked, ``VaultUnavailable``."""
    failed = ask_again(actor, now, search).failed
    if failed:
        public = (
            f"The search of the hold {failed[0]} cannot be asked, so nothing is destroyed; see `sallyport hold show`."
        )
        raise NotAllowed("a hold's search cannot be asked", hold=failed[0], public=public)


def _ask(target: HoldTarget, search: Search, actor: str, now: datetime) -> int:
    fresh = 0
    for found in in_pieces(search(target.value), _AT_ONCE):
        with taking_turns():
            matches = HoldMatch.objects.filter(hold=target.hold_id, record__in=found)
            known = set(matches.values_list("record_id", flat=True))
            filed = VaultRecord.objects.filter(id__in=set(found) - known).exclude(state=RecordState.DISPOSED)
            new = sorted(filed.values_list("id", flat=True))
            HoldMatch.objects.bulk_create(HoldMatch(hold_id=target.hold_id, record_id=r) for r in new)
            details = {"hold": target.hold_id}
            audit.append(audit.Event(now, actor, "hold extended", r, "its search finds it", details) for r in new)
            fresh += len(new)
    return fresh
