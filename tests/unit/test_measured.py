"""The list of tests that run under coverage's tracer."""

from __future__ import annotations

from tests.support.house import ROOT
from tests.support.measured import RULES


def test_every_file_of_the_list_is_there() -> None:
    """Else a test that was renamed would be measured no more, and the floor fail for no reason that one sees."""
    assert [name for name in RULES if not (ROOT / name).is_file()] == []
    assert RULES
