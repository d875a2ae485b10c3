"""Reads ``retention.toml`` into a checked :data:`domain.retention.Schedule`.

A table is a class with ``years``, ``trigger`` and ``source``; a table inside it (``[medical.after-death]``) is another
period of the class, with ``years``, ``source`` and, where the rule allows less than the class, ``shorter = true``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from domain.errors import ConfigurationError
from domain.retention import RetentionPeriod, Schedule, Trigger, Variant, check

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_CLASS = {"years": int, "trigger": str, "source": str}
_VARIANT = {"years": int, "source": str, "shorter": bool}


def load(path: Path) -> Schedule:
    """The schedule. Raises ``ConfigurationError`` with one sentence on the first thing that cannot be used."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError("retention file", public=f"The retention file {path} cannot be read.") from error
    except ValueError as error:  # of TOML, or of UTF-8
        public = f"The retention file {path} is not well formed: {error}."
        raise ConfigurationError("retention syntax", public=public) from error
    return check({name: _period(name, row, path) for name, row in table.items()})


def _period(name: str, row: object, path: Path) -> RetentionPeriod:
    said = _said(name, row, path)
    inner = {key: value for key, value in said.items() if isinstance(value, dict)}
    own = _typed(name, {key: value for key, value in said.items() if key not in inner}, _CLASS, path)
    if own.keys() != _CLASS.keys():
        _refuse(path, f"'{name}' needs years, trigger and source")
    if own["trigger"] not in set(Trigger):
        _refuse(path, f"the trigger of '{name}' is not known; write one of {', '.join(Trigger)}")
    variants = {key: _variant(f"{name}.{key}", key, value, path) for key, value in inner.items()}
    return RetentionPeriod(name, own["years"], Trigger(own["trigger"]), own["source"], variants)


def _variant(name: str, key: str, row: object, path: Path) -> Variant:
    own = _typed(name, _said(key, row, path), _VARIANT, path)
    if not own.keys() >= {"years", "source"}:
        _refuse(path, f"'{name}' needs years and source")
    return Variant(key, own["years"], own["source"], own.get("shorter", False))


def _said(name: str, row: object, path: Path) -> Mapping[str, object]:
    if not _NAME.fullmatch(name):
        _refuse(path, f"'{name[:40]}' is no name for a class; use small letters, digits and hyphens")
    if isinstance(row, dict):
        return row
    return _refuse(path, f"'{name}' stands alone; each class is a table with years, trigger and source")


def _typed(name: str, row: Mapping[str, object], kinds: Mapping[str, type], path: Path) -> dict[str, Any]:
    for key, value in row.items():
        if key not in kinds:
            _refuse(path, f"'{name}' has '{key}', which is not known; it may have {', '.join(kinds)}")
        if type(value) is not kinds[key]:
            what = {int: "a whole number", str: "text in quotes", bool: "true or false"}[kinds[key]]
            _refuse(path, f"the {key} of '{name}' must be {what}")
    return dict(row)


def _refuse(path: Path, sentence: str) -> NoReturn:
    raise ConfigurationError("retention syntax", public=f"In the retention file {path} {sentence}.")
