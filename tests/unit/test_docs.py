"""The maps are true: every file and every test that they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
_CODE = re.compile(r"`([^`\n]+)`")
_FOLDERS = "domain gateway register vault classifiers config cli web tests scripts"
_PLACES = tuple(f"{folder}/" for folder in _FOLDERS.split())
TESTS = list((ROOT / "tests").rglob("test_*.py"))


def named(page: str) -> list[str]:
    return _CODE.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", ["policy-map.md", "promises.md", "architecture.md"])
def test_every_file_that_a_map_names_exists(page: str) -> None:
    """Folders and patterns too."""
    paths = {word.partition("::")[0] for word in named(page) if word.startswith(_PLACES)}
    assert paths
    assert [p for p in paths if not list(ROOT.glob(p.rstrip("/")))] == []


@pytest.mark.parametrize("page", ["policy-map.md", "promises.md"])
def test_every_test_that_a_map_names_exists(page: str) -> None:
    """By file and function."""
    pairs = [word.split("::") for word in named(page) if "::" in word]
    missing = [
        f"{file}::{function}"
        for file, function in pairs
        if not any(f"def {function}(" in path.read_text(encoding="utf-8") for path in TESTS if path.match(file))
    ]
    assert pairs
    assert missing == []
