"""What every command needs first: settings, Django, and errors turned into a sentence and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import typer

from cli.exits import Exit
from config.settings import Settings
from domain.errors import ConfigurationError, SallyportError, SealBroken, TryAgain, UnusableKey

_P = ParamSpec("_P")
_R = TypeVar("_R")


class InputError(SallyportError):
    """A file given on the command line cannot be used; ``public`` says why."""


_CODES: tuple[tuple[type[SallyportError], Exit], ...] = (
    (ConfigurationError, Exit.CONFIGURATION),
    (InputError, Exit.INPUT),
    (UnusableKey, Exit.KEY),
    (SealBroken, Exit.KEY),
    (TryAgain, Exit.UNAVAILABLE),
    (SallyportError, Exit.UNEXPECTED),
)


def framed() -> Settings:
    """The settings, with Django ready. Raises ``ConfigurationError``."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.django")
    import django

    django.setup()
    from config.django import SETTINGS

    return SETTINGS


def command(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """A command whose errors are one sentence on standard error and a distinct exit code."""

    @wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with _sentences():
            return function(*args, **kwargs)

    return run


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except SallyportError as error:
        code = next(code for kind, code in _CODES if isinstance(error, kind))
        say_error(error.public)
        raise typer.Exit(code) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except BrokenPipeError:
        raise typer.Exit(Exit.OK) from None


def say_error(sentence: str) -> None:
    """On standard error, named."""
    print(f"sallyport: {sentence}", file=sys.stderr)
