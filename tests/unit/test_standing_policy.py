"""A policy that is changed counts from the next question on; one that cannot be used closes doors and opens none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config import standing_policy
from config.settings import HERE
from domain.errors import TryAgain

POLICY = (HERE / "policy.toml").read_text(encoding="utf-8")


def test_another_file_is_another_policy_at_once(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY, encoding="utf-8")
    before = standing_policy.rules_of(file)
    assert standing_policy.rules_of(file) is before, "not read again while it is the same"
    changed = POLICY.replace("threshold = 0.5", "threshold = 0.4", 1)
    file.write_text(changed, encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert standing_policy.rules_of(file) != before


@pytest.mark.parametrize("broken", ["version = ", None])
def test_a_policy_that_cannot_be_used_lets_nothing_happen(tmp_path: Path, broken: str | None) -> None:
    file = tmp_path / "policy.toml"
    if broken is not None:
        file.write_text(broken, encoding="utf-8")
    with pytest.raises(TryAgain):
        standing_policy.rules_of(file)
    file.write_text(POLICY, encoding="utf-8")
    os.utime(file, ns=(2, 2))
    assert standing_policy.rules_of(file).version, "mended, it counts again"
