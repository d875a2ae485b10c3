"""Holds by search: what a search finds is added to the hold each time it is asked, and stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from vault import audit
from vault.models import HoldMatch, HoldTarget, RecordState, TargetKind, VaultRecord
from vault.paging import in_pieces
from vault.turns import taking_turns

Search = Callable[[str], Iterable[str]]
"""A search's text to the ids of the records that it finds."""

_AT_ONCE = 1000


def ask_again(search: Search, actor: str, now: datetime) -> int:
    """Every search of every active hold; how many records came to be covered. Raises what the search raises."""
    return sum(_ask(target, search, actor, now) for target in _searches())


def _searches() -> list[HoldTarget]:
    return list(HoldTarget.objects.filter(kind=TargetKind.SEARCH, hold__lifted_at=None).order_by("id"))


def _ask(target: HoldTarget, search: Search, actor: str, now: datetime) -> int:
    fresh = 0
    for found in in_pieces(search(target.value), _AT_ONCE):
        with taking_turns():
            known = set(
                HoldMatch.objects.filter(hold=target.hold_id, record__in=found).values_list("record_id", flat=True)
            )
            filed = VaultRecord.objects.filter(id__in=set(found) - known).exclude(state=RecordState.DISPOSED)
            new = sorted(filed.values_list("id", flat=True))
            HoldMatch.objects.bulk_create(HoldMatch(hold_id=target.hold_id, record_id=r) for r in new)
            details = {"hold": target.hold_id}
            audit.append(audit.Event(now, actor, "hold extended", r, "its search finds it", details) for r in new)
            fresh += len(new)
    return fresh
