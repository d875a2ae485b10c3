"""docs/command-line.md says what the parser knows: no command, option or exit code more or less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cli.exits import Exit
from cli.main import app
from config import policy
from config.settings import HERE
from domain.tables import EVERY_CASE

_DOC = (Path(__file__).parent.parent.parent / "docs" / "command-line.md").read_text(encoding="utf-8")


def _commands(command: Any, path: str = "sallyport") -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its whole name."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in command.commands.items():
        yield from _commands(inner, f"{path} {name}")


_COMMANDS = dict(_commands(get_command(app)))


@pytest.mark.parametrize("name", _COMMANDS)
def test_the_manual_has_every_command_with_its_options(name: str) -> None:
    """docs/command-line.md: a section a command, in which each option and argument stands."""
    pieces = re.split(r"^## `(sallyport(?: [a-z][a-z-]*)+).*`\n", _DOC, flags=re.MULTILINE)
    by_name = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    assert name in by_name
    options = [p for p in _COMMANDS[name].params if p.param_type_name == "option"]
    missing = [o for p in options for o in p.opts if o.startswith("--") and o != "--help" and o not in by_name[name]]
    assert missing == []


def test_the_manual_has_no_command_that_is_not_there() -> None:
    """Nor one that has gone."""
    titles = re.findall(r"^## `(sallyport(?: [a-z][a-z-]*)+)", _DOC, re.MULTILINE)
    assert sorted(titles) == sorted(_COMMANDS)


def test_the_manual_counts_the_rows_of_the_policy() -> None:
    """In what it shows of `check` and `policy check`."""
    rules = policy.load(HERE / "policy.toml")
    assert {int(n) for n in re.findall(r"(\d+) rows answer", _DOC)} == {len(rules.sharing)}
    assert {int(n) for n in re.findall(r"all (\d+) cases", _DOC)} == {len(EVERY_CASE)}


def test_the_manual_has_every_exit_code() -> None:
    """One table, as in cli/exits.py."""
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", _DOC, re.MULTILINE)] == sorted(Exit)
