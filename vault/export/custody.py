"""Who had a bundle's contents in their hands, when, and what they did: from the audit trail, as JSON and as words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby

from domain.errors import VaultUnavailable
from domain.here import HERE
from vault.models import AuditEvent
from vault.rows import reading

_WORDS = {
    "access-opened": "opened the case",
    "access-asked": "noted that the person was asked for something",
    "access-answered": "noted the person's answer",
    "access-extended": "noted that the person was told of two months more",
    "access-collected": "opened a record about the person",
    "access-searched": "opened a record about nobody known, to look for the person",
    "access-prepared": "prepared the tables for the review",
    "access-decided": "recorded the decisions about the documents",
    "access-shown": "looked up how the request stands",
    "access-reviewed": "looked at the tables of the review",
    "access-packed": "packed the bundle",
    "access-previewed": "looked at the answer before it was sealed",
    "access-sealed": "sealed the answer to its receiver",
    "access-finished": "closed the case",
    "export-opened": "opened a record for the bundle",
    "export-packed": "packed the bundle",
    "export-sealed": "sealed the bundle to its receiver",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done; ``times`` in a row, from ``first`` to ``last`` (ISO 8601, UTC)."""

    who: str
    what: str
    times: int
    first: str
    last: str
    events: tuple[int, ...]


def events_of(case: str, kind: str) -> list[AuditEvent]:
    """Every event of a case (``access``) or of another bundle's reference (``export``), in order.

    Whoever names a reference chooses it: an inspection that is called as a case is must not be told of to the person.
    """
    with reading(VaultUnavailable):
        events = AuditEvent.objects.filter(details__case=case, action__startswith=f"{kind}-")
        return list(events.order_by("sequence"))


def steps(events: Iterable[AuditEvent], *, counted: bool = True) -> list[Step]:
    """The same in a row is one step. Not ``counted`` where the number would give away what is not mentioned."""
    found = []
    for (who, action), group in groupby(events, key=lambda e: (e.actor, e.action)):
        run = list(group)
        first, last = (e.at.isoformat(timespec="seconds") for e in (run[0], run[-1]))
        numbers = tuple(e.sequence for e in run) if counted else ()
        found.append(Step(who, _WORDS.get(action, action), len(run) if counted else 1, first, last, numbers))
    return found


def as_json(log: Sequence[Step]) -> bytes:
    """For programs."""
    return json.dumps([asdict(s) for s in log], indent=1, ensure_ascii=False).encode() + b"\n"


def as_text(log: Sequence[Step], heading: str) -> bytes:
    """For people: a line a step, times as people here read them."""
    lines = [heading, "=" * len(heading), ""]
    for step in log:
        times = f" ({step.times} times, the last {_when(step.last)})" if step.times > 1 else ""
        lines.append(f"{_when(step.first)}  {step.who} {step.what}{times}")
    if any(step.events for step in log):
        lines += ["", "The numbers of the events in the audit trail are in custody.json."]
    return "\n".join(lines).encode() + b"\n"


def _when(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(HERE):%d %B %Y %H:%M}"
