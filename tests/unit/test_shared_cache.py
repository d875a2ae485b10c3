"""What all processes with pages share: tries at second factors are counted once for all, a code is used once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from tests.support.people import account
from web import clock
from web.accounts.models import SharedValue
from web.accounts.roles import Role
from web.accounts.shared_cache import SharedCache

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def cache() -> SharedCache:
    return SharedCache("", {})


def later(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    then = clock.now() + timedelta(seconds=seconds)
    monkeypatch.setattr(clock, "now", lambda: then)


def test_it_is_the_one_that_the_pages_use() -> None:
    assert isinstance(caches["default"], SharedCache)


def test_a_value_lasts_as_long_as_it_was_said(cache: SharedCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.set("tries", [1.5, 2.5], 60)
    assert SharedCache("", {}).get("tries") == [1.5, 2.5], "another process sees it"
    assert cache.touch("tries", 120)
    later(monkeypatch, 90)
    assert cache.get("tries") == [1.5, 2.5]
    later(monkeypatch, 40)
    assert cache.get("tries", "none") == "none"
    assert not cache.touch("tries", 60)
    cache.set("other", 1, None)
    assert list(SharedValue.objects.values_list("value", flat=True)) == ["1"], "what has run out goes"
    assert cache.delete("other")
    assert not cache.delete("other")
    cache.set("more", 1)
    cache.clear()
    assert cache.get("more") is None


def test_only_the_first_adds(cache: SharedCache, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache.add("code", "y", 30)
    assert not SharedCache("", {}).add("code", "y", 30)
    later(monkeypatch, 31)
    assert cache.add("code", "y", 30), "once it has run out"


def test_nothing_that_stands_in_the_table_is_run(cache: SharedCache) -> None:
    """Whoever may write to it gets an error, and no code of theirs."""
    SharedValue.objects.create(key=":1:code", value="cos\nsystem\n(S'true'\ntR.", until=clock.now() + timedelta(1))
    with pytest.raises(ValueError, match="Expecting value"):
        cache.get("code")


def test_wrong_codes_are_counted_for_all_processes_together() -> None:
    """A fresh process has an empty memory, and still knows."""
    who = account(Role.OFFICER)
    who.set_password("otter-lantern-gravel")
    who.save()
    answers: list[Any] = []
    for _ in range(8):
        client = Client(SERVER_NAME="localhost")
        client.post("/sign-in/", {"login": who.email, "password": "otter-lantern-gravel"})
        answers.append(client.post("/sign-in/code/", {"code": "000000"}).content.decode())
    assert SharedValue.objects.exists()
    assert any("Too many" in page for page in answers), answers[-1][-800:]
