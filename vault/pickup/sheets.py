"""A leaver's page (``domain/leaving.py``) as it lies beside a waiting message, inside its seal."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from domain.leaving import How, Shared, Sheet, Why


def as_json(sheet: Sheet) -> dict[str, Any]:
    """For ``json``."""
    told = asdict(sheet)
    told["ended"] = sheet.ended.isoformat()
    told["shared"] = [{**asdict(s), "on": s.on.isoformat(), "kinds": list(s.kinds)} for s in sheet.shared]
    return told


def of_json(told: dict[str, Any]) -> Sheet:
    """What :func:`as_json` wrote. Raises ``KeyError``, ``TypeError``, ``ValueError`` for what it did not."""
    shared = tuple(Shared(date.fromisoformat(s["on"]), tuple(s["kinds"]), How(s["how"])) for s in told["shared"])
    more = {"why": Why(told["why"]), "ended": date.fromisoformat(told["ended"]), "shared": shared}
    return Sheet(**{**told, **more})
