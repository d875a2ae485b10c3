"""Everything twice, behind a balancer: each part taken away once under load, and what must hold holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support import many_nodes
from tests.support.ceph import unavailable
from tests.support.postfix import need_postfix


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_each_part_is_taken_away_once_under_load(tmp_path: Path) -> None:
    """The seed gives the order; ``python -m tests.support.many_nodes --minutes 10`` goes on for longer."""
    need_postfix()
    if not shutil.which("haproxy"):
        unavailable("NO HAPROXY: several nodes were not tested")
    figures = many_nodes.run(tmp_path, seed=9, seconds=0, each_once=True)
    assert int(str(figures["mails"])) > 10
    assert len(figures["taken away"]) == 15
