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


@pytest.mark.parametrize(
    "page", ["policy-map.md", "promises.md", "architecture.md", "threat-model.md", "misdirected.md"]
)
def test_every_file_that_a_map_names_exists(page: str) -> None:
    """Folders and patterns too."""
    paths = {word.partition("::")[0] for word in named(page) if word.startswith(_PLACES)}
    assert paths
    assert [p for p in paths if not list(ROOT.glob(p.rstrip("/")))] == []


@pytest.mark.parametrize("page", ["policy-map.md", "promises.md", "threat-model.md"])
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


def claims() -> list[list[str]]:
    """The lines of the threat model's tables that have a column of tests: their cells."""
    found, tested = [], False
    for line in (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            tested = False
        elif cells[-1] == "test":
            tested = True
        elif tested and set(cells[-1]) != {"-"}:
            found.append(cells)
    return found


def test_each_claim_of_the_threat_model_has_a_test_beside_it() -> None:
    """And each of the eleven boundaries has something to say of spoofing or tampering, and of disclosure."""
    assert len(claims()) > 80
    assert [cells for cells in claims() if not re.search(r"`[^`]+::test_\w+`", cells[-1])] == []
    letters = {letter for cells in claims() for letter in cells[0].split(", ") if len(letter) == 1}
    assert letters == set("STRIDE")
