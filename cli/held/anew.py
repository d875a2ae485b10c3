"""What would be decided about held mail now: a permission withdrawn or given since, or a key, counts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from config.settings import Settings
from domain.decision import Action, Decision
from domain.model import Address

if TYPE_CHECKING:
    from vault.held.waiting import Waiting


def decided_now(rows: Sequence[Waiting], settings: Settings) -> Mapping[int, Decision]:
    """By the row's number; without what is held longer than what was found is kept. ``RegisterUnavailable``."""
    from gateway.bootstrap import build_protectors, build_rules
    from gateway.clock import SystemClock
    from gateway.held_now import Asked
    from register.lookup import DatabaseRegister

    held = {row.pk: (row.record, Address.of(row.recipient)) for row in rows}
    protectors = build_protectors(settings)
    try:
        asked = Asked(build_rules(settings), DatabaseRegister(settings.service.domains), protectors)
        found = asked.look(tuple(held.values()), SystemClock().now())
    finally:
        for protector in protectors:
            protector.close()
    return {pk: found[key] for pk, key in held.items() if key in found}


def in_words(decision: Decision | None) -> str:
    """As a sentence without its end."""
    if decision is None:
        return "what was found in it is no longer kept; a release decides it anew"
    if decision.action >= Action.HOLD:
        return f"would still be {'held' if decision.action is Action.HOLD else 'refused'}: {decision.decisive[0].why}"
    return f"could leave now, {'encrypted' if decision.action is Action.ENCRYPT else 'as it is'}"


def as_decided(decision: Decision | None) -> dict[str, object] | None:
    """For programs."""
    if decision is None:
        return None
    return {"action": decision.action.name, "rules": [r.rule for r in decision.decisive]}
