"""Subject access requests in the weekly reminder: the office is told of each that is due within a month, or overdue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cli.whom import council_id_of
from domain.due import Due, Matter, after
from domain.here import HERE


def requests_due(now: datetime) -> Iterator[Due]:
    """Those that are not answered. While the person is awaited, nothing is due."""
    from vault.export import cases

    found, today = cases.still_open(), now.astimezone(HERE).date()
    bank = cases.bank_holidays(today) if found else frozenset()
    for case in found:
        clock = cases.standing(case, bank, today)
        if clock.due is not None:
            yield Due(Matter.ACCESS, council_id_of(case.person), case.code, after(clock.due))
