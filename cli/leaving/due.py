"""Partings that are not done, for the weekly reminder and the start page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.due import Due, Matter, after
from domain.here import HERE
from domain.leaving import SIGNED_WITHIN


def leavings_due(now: datetime) -> Iterator[Due]:
    """By council ID and the carer's id; no name."""
    from register.leaving import parties
    from vault.leaving import cases

    for case in cases.still_open():
        who = parties(case.carer, case.person, now.astimezone(HERE).date())
        if who is not None:
            officers = (who.officer,) if who.officer else ()
            note = f"carer {case.carer}: {cases.stage(case)}"
            yield Due(
                Matter.LEAVING, who.council_id, str(case.pk), after(case.ended_on + SIGNED_WITHIN), officers, note
            )
