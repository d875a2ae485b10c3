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
from config.settings import Settings, any_settings
from domain.errors import ConfigurationError, SallyportError, SealBroken, TryAgain, UnusableKey
from domain.model import Address

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


def framed(*, pages: bool = False, module: str = "config.django") -> Settings:
    """The settings, with Django ready; with ``pages`` also what people's pages need: accounts, sessions, templates.

    ``module`` is another one of Django's settings, for a process that has its own.
    Raises ``ConfigurationError``, also where there are no settings at all.
    """
    if not any_settings():
        public = "No settings: set SALLYPORT_CONFIG to your sallyport.toml, or run sallyport setup FOLDER."
        raise ConfigurationError("no settings", public=public)
    import django
    from django.conf import settings

    if not settings.configured:
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.console" if pages else module
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
        raise typer.Exit(Exit.INTERRUPTED) from None
    except BrokenPipeError:
        raise typer.Exit(Exit.OK) from None
    except Exception as error:
        if not _of_the_database(error):
            raise
        say_error("The database cannot be used; `sallyport check` says why.")
        raise typer.Exit(Exit.UNAVAILABLE) from None


def _of_the_database(error: Exception) -> bool:
    """Whether Django says that the database is away, or has no tables. Imported here: `--help` needs no Django."""
    from django.db import Error

    return isinstance(error, Error)


def mailbox(text: str) -> Address:
    """An address from the command line. Raises :class:`InputError` for what is none."""
    address = Address.of(text)
    local, at, domain = address.text.rpartition("@")
    if not (local and at and domain) or any(c.isspace() for c in address.text):
        raise InputError("address", public=f"'{text}' is not an e-mail address; write it as name@example.org.")
    return address


def say_error(sentence: str) -> None:
    """On standard error, named."""
    print(f"sallyport: {sentence}", file=sys.stderr)
