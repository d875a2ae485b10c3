"""Reads ``retention.toml`` into a checked :data:`domain.retention.Schedule`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from domain.errors import ConfigurationError
from domain.retention import RetentionPeriod, Schedule, check


def load(path: Path) -> Schedule:
    """The schedule. Raises ``ConfigurationError``."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        periods = {
            name: RetentionPeriod(name, int(row["years"]), str(row["trigger"]), str(row["source"]))
            for name, row in table.items()
        }
    except OSError as error:
        raise ConfigurationError("retention file", public=f"The retention file {path} cannot be read.") from error
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "retention syntax",
            public=f"The retention file {path} is not well formed: each class needs years, trigger and source.",
        ) from error
    return check(periods)
