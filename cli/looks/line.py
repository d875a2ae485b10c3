"""One line of ``sallyport check``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from config.settings import Settings
from domain.errors import SallyportError


class Line(NamedTuple):
    """One thing looked at."""

    what: str
    good: bool
    says: str


Look = Callable[[Settings], Iterator[Line]]


def safely(look: Look, settings: Settings, *, private: bool = True) -> Iterator[Line]:
    """A check that breaks is a failed line, not the end of the checks. ``private`` False: not what is for the log."""
    name = look.__name__.strip("_").replace("_", " ")
    try:
        yield from look(settings)
    except SallyportError as error:
        yield Line(name, False, f"{error.public} ({error.private})" if private and error.private else error.public)
    except Exception as error:  # noqa: BLE001 - whatever an outside part throws is its line here
        said = f"{type(error).__name__}: {error}" if private else "sallyport check says why"
        yield Line(name, False, f"it cannot be used ({said})")
