"""A short run of the chaos: the long ones are for a person with time (``python -m tests.support.vault_chaos``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.vault_chaos import run


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_and_nothing_left_is_unexplained(tmp_path: Path) -> None:
    """Store down, slow, hung, busy, full, its answers lost, its lines cut; the relay killed by -9 meanwhile."""
    told = run(seed=20261123, seconds=25, folder=tmp_path)
    assert isinstance(told["acknowledged"], int)
    assert told["acknowledged"] >= 3
    assert isinstance(told["kills"], int)
    assert told["kills"] >= 2
