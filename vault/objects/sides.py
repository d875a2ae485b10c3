"""What lies beside a version in a folder: tags, metadata, lock and hold, as JSON. And the system's errors as ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from domain.errors import VaultUnavailable
from vault.objects.port import NoSuchObject

SIDE = ".json"
"""How the names of side files end."""
HOLD = "legal_hold"


@contextmanager
def as_unavailable(*, writing: bool = False) -> Iterator[None]:
    """``OSError`` as ``VaultUnavailable``; what is not there as ``NoSuchObject``, unless it is written."""
    try:
        yield
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not writing:
            raise NoSuchObject("no such file") from error
        raise VaultUnavailable("the object folder", errno=error.errno) from error


def lock_of(side: Mapping[str, Any]) -> datetime | None:
    """Until when, if at all."""
    until = side["locked_until"]
    return datetime.fromisoformat(until) if until else None


def read_side(path: str) -> dict[str, Any]:
    """The side file. One that cannot be read must not read as «no lock»."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - text, see local.py
        text = file.read()
    try:
        side: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise VaultUnavailable("a damaged side file") from error
    if not {"tags", "metadata", "locked_until"} <= side.keys() or side.get(HOLD, True) is not True:
        raise VaultUnavailable("a damaged side file")
    return side
