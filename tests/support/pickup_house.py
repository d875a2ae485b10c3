"""Fixtures for tests of pick-up: a service whose mail waits for those without a key, its next mail system, its pages.

A plug-in of pytest (``tests/conftest.py``). A module that needs another ``house`` (on PostgreSQL, say) has its own, and
gets the others around it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.house import House, free_port
from tests.support.pickups import Pages, picking_up
from tests.support.sink import Sink

PHONE = "01962 555 0100"


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    """The mail system after the relay."""
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def set_otherwise() -> dict[str, str]:
    """Settings of the service's environment that a module wants otherwise."""
    return {}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, sink: Sink, set_otherwise: dict[str, str]) -> House:
    """Set up, and not running yet."""
    house = House(tmp_path_factory.mktemp("pickup"), sink.port).set_up()
    house.extra["SALLYPORT_SERVICE__PHONE"] = PHONE
    house = picking_up(house, free_port())
    house.extra |= set_otherwise
    return house


@pytest.fixture(scope="module")
def relay(house: House) -> Iterator[None]:
    """Running for the module."""
    with house.relay():
        yield


@pytest.fixture(scope="module")
def pages(house: House) -> Iterator[Pages]:
    """The pick-up process, running for the module."""
    with Pages(house, int(house.extra["SALLYPORT_PICKUP__PORT"])).serving() as pages:
        yield pages


@pytest.fixture
def unlimited(house: House) -> None:
    """As if nobody had tried anything yet."""
    house.rows("delete from vault_pickupattempt")
