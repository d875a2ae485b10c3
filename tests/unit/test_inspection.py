"""Who may grant an inspector access to what, and when it stands (domain/inspection.py)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.inspection import LONGEST, Refused, Wanted, is_open, refusal
from tests.fakes import NOW

GOOD = Wanted("console:i@cqc.example", "console:r@c.example", {"p-ann"}, "s.63", "yearly", NOW + timedelta(days=7))


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (GOOD, None),
        (replace(GOOD, until=NOW + LONGEST), None),
        (replace(GOOD, inspector=GOOD.by), Refused.OWN),
        (replace(GOOD, people=()), Refused.NOBODY),
        (replace(GOOD, authority=" "), Refused.NO_AUTHORITY),
        (replace(GOOD, purpose=" "), Refused.NO_PURPOSE),
        (replace(GOOD, until=NOW), Refused.PAST),
        (replace(GOOD, until=NOW + LONGEST + timedelta(seconds=1)), Refused.TOO_LONG),
    ],
)
def test_what_can_be_granted(wanted: Wanted, why: Refused | None) -> None:
    assert refusal(wanted, NOW) is why


def test_it_stands_until_its_last_moment_or_its_end() -> None:
    until = NOW + timedelta(days=1)
    assert is_open(until, None, NOW)
    assert not is_open(until, None, until)
    assert not is_open(until, NOW, NOW)
