"""Retries of a POST: once, whatever is sent again and however close together."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from register import models as m
from tests.support.api import HOME, PERSON, Caller
from web import clock
from web.api.changing import forget
from web.api.models import KeptAnswer

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def call(database) -> Caller:
    return Caller()


def test_the_same_again_gets_the_same_answer_and_changes_nothing(call):
    first = call("POST", "/people", PERSON, idempotency_key="k-1")
    again = call("POST", "/people", PERSON, idempotency_key="k-1")
    same = ("ETag", "Location", "Content-Type")
    assert (again.status_code, again.content) == (201, first.content)
    assert [again[h] for h in same] == [first[h] for h in same]
    assert (first.has_header("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (False, "true")
    assert m.Person.objects.count() == 1


def test_another_request_with_the_same_key_is_refused(call):
    """422: the caller mixed something up."""
    call("POST", "/households", HOME, idempotency_key="k-1")
    assert call("POST", "/households", HOME | {"code": "H-2"}, idempotency_key="k-1").status_code == 422
    assert call("POST", "/teams", HOME, idempotency_key="k-1").status_code == 422
    assert m.Household.objects.count() == 1


def test_a_key_is_the_caller_s_own(call):
    """Another token's request with the same key is another request."""
    call("POST", "/households", HOME, idempotency_key="k-1")
    assert Caller()("POST", "/households", HOME | {"code": "H-2"}, idempotency_key="k-1").status_code == 201


def test_what_was_refused_may_be_put_right(call):
    """Only what was done is kept."""
    assert call("POST", "/people", PERSON | {"died_on": "1970-01-01"}, idempotency_key="k").status_code == 422
    assert call("POST", "/people", PERSON, idempotency_key="k").status_code == 201


def test_two_at_once_are_done_once(call):
    """The second waits for the first, and gets its answer."""
    answers: list[bytes] = []
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        answers.append(call("POST", "/people", PERSON, idempotency_key="k-1").content)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert (len(answers), len(set(answers)), m.Person.objects.count()) == (4, 1, 1)


def test_an_answer_is_forgotten_after_a_day(call):
    """Not before, and then the key is free."""
    call("POST", "/households", HOME, idempotency_key="k-1")
    call("POST", "/teams", HOME, idempotency_key="k-2")
    KeptAnswer.objects.filter(key="k-1").update(at=clock.now() - timedelta(hours=25))
    assert call("POST", "/households", HOME, idempotency_key="k-1").status_code == 409
    assert call("POST", "/teams", HOME, idempotency_key="k-2").status_code == 201
    assert [forget(clock.now() + timedelta(hours=h)) for h in (0, 23)] == [1, 0]
    assert forget(clock.now() + timedelta(hours=25)) == 1
    assert KeptAnswer.objects.count() == 0


@pytest.mark.parametrize("key", ["x" * 256, "a\x7fb"])
def test_a_key_is_short_and_printable(call, key):
    assert call("POST", "/households", HOME, idempotency_key=key).status_code == 422
    assert m.Household.objects.count() == 0


def test_a_webhook_s_secret_is_not_kept_with_the_answer(call):
    """A retry gets the same webhook without it; the first answer alone shows it."""
    body = {"url": "https://case.example/told"}
    first = call("POST", "/webhooks", body, idempotency_key="k-1").json()
    again = call("POST", "/webhooks", body, idempotency_key="k-1")
    assert first.pop("secret").startswith("whsec_")
    assert (again.status_code, again["Idempotent-Replayed"], again.json()) == (201, "true", first)
    assert "whsec_" not in KeptAnswer.objects.get().body
