"""Shared set-up: a database of the tests' own, and hypothesis kept repeatable in CI."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.measured import Tracer

pytest_plugins = ["tests.support.pickup_house"]

_HOME = tempfile.TemporaryDirectory(prefix="sallyport-tests-")
# Before anything imports Django's settings: no file of the developer's is read, no database of theirs touched, and
# each of several pytest processes has its own.
os.environ.pop("SALLYPORT_CONFIG", None)
# What tests.support.postgres started for a pytest within a test is the one exception.
if not os.environ.get("SALLYPORT_DATABASE_URL", "").startswith("postgres://tests@127.0.0.1:"):
    os.environ["SALLYPORT_DATABASE_URL"] = f"sqlite:///{Path(_HOME.name) / 'tests.sqlite3'}"
os.environ["SALLYPORT_HOME"] = _HOME.name
os.environ["DJANGO_SETTINGS_MODULE"] = "config.console"
if "PYTEST_XDIST_WORKER" in os.environ:  # the tests' own processes are measured; relays that they start would be slower
    os.environ.pop("COVERAGE_PROCESS_START", None)

_TRACER = Tracer()
settings.register_profile("ci", derandomize=True, print_blob=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_configure(config: pytest.Config) -> None:
    """Django is ready before test modules import models."""
    import django

    django.setup()
    _TRACER.loaded()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Only the rules' tests run under the tracer."""
    _TRACER.turn(item.nodeid.partition("::")[0])


@pytest.fixture(scope="session")
def tables() -> None:
    """The present schema."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


@pytest.fixture
def database(tables: None) -> Iterator[None]:
    """Empty tables, with real commits (threads and processes see them); emptied again afterwards."""
    yield
    from tests.support import emptying

    emptying.empty()
