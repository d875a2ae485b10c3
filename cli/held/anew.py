"""What would be decided about held mail now: a permission withdrawn or given since, or a key, counts at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from config.settings import Settings
from domain.decision import Decision
from domain.model import Address

if TYPE_CHECKING:
    from gateway.held_now import Asked
    from vault.held.waiting import Waiting


def decided_now(rows: Sequence[Waiting], settings: Settings) -> Mapping[int, Decision]:
    """By the row's number; without what is held longer than what was found is kept. ``RegisterUnavailable``."""
    with asking(settings) as asked:
        return look(asked, rows)


@contextmanager
def asking(settings: Settings) -> Iterator[Asked]:
    """What a decision needs beside the mail, until the block ends."""
    from gateway.bootstrap import build_protectors, build_rules
    from gateway.held_now import Asked
    from register.lookup import DatabaseRegister

    protectors = build_protectors(settings)
    try:
        yield Asked(
            build_rules(settings), DatabaseRegister(settings.service.domains, settings.service.subaddress), protectors
        )
    finally:
        for protector in protectors:
            protector.close()


def look(asked: Asked, rows: Sequence[Waiting]) -> Mapping[int, Decision]:
    """As :func:`decided_now`, for whoever asks often."""
    from gateway.clock import SystemClock

    held = {row.pk: (row.record, Address.of(row.recipient)) for row in rows}
    found = asked.look(tuple(held.values()), SystemClock().now())
    return {pk: found[key] for pk, key in held.items() if key in found}


def as_decided(decision: Decision | None) -> dict[str, object] | None:
    """For programs."""
    if decision is None:
        return None
    return {"action": decision.action.name, "rules": [r.rule for r in decision.decisive]}
