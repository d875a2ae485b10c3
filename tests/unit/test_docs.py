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
    "page", ["policy-map.md", "promises.md", "architecture.md", "threat-model.md", "misdirected.md", "formats.md"]
)
def test_every_file_that_a_map_names_exists(page: str) -> None:
    """Folders and patterns too."""
    paths = {word.partition("::")[0] for word in named(page) if word.startswith(_PLACES)}
    assert paths
    assert [p for p in paths if not list(ROOT.glob(p.rstrip("/")))] == []


@pytest.mark.parametrize(
    "page", ["policy-map.md", "promises.md", "threat-model.md", "standards.md", "hostile-mail.md", "formats.md"]
)
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


def test_every_standard_has_its_row_and_every_row_its_test() -> None:
    """Those of the issue by number; a row without a test says why there is nothing to test."""
    page = (ROOT / "docs" / "standards.md").read_text(encoding="utf-8")
    asked = "5321 5322 2033 1870 6152 6531 2920 3207 4954 3461 3462 3463 3464 3834 8098 2045 2046 2047 2048 2049 2231"
    asked += " 3156 4880 9580 8551 5652 5083 9216 9788 8461 7672 8460 6376 8617"
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| standard")]
    named = " ".join(row.split("|")[1] for row in rows)
    assert [number for number in asked.split() if not re.search(rf"\b{number}\b", named)] == []
    assert [row.split("|")[1] for row in rows if "::" not in row and "not read" not in row] == []
