"""One line of ``sallyport check``."""

from __future__ import annotations

from typing import NamedTuple


class Line(NamedTuple):
    """One thing looked at."""

    what: str
    good: bool
    says: str
