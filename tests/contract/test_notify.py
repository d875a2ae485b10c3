"""Codes by GOV.UK Notify: what is sent, and what becomes of its refusals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils.translation import override

from tests.support.notify import KEY, TEMPLATE, WELSH, serving
from tests.support.notify import Notify as Server
from vault.models import PickupContact
from web.pickup.senders import Notify

CARA = PickupContact(address="cara@carers.example", mobile="+447700900123")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def test_a_code_goes_to_the_number_that_the_office_has(server) -> None:
    assert Notify(KEY, {"en": TEMPLATE}, server.url).send(CARA, "407113")
    assert server.texts == [
        {"phone_number": "+447700900123", "template_id": TEMPLATE, "personalisation": {"code": "407113"}}
    ]


def test_who_reads_the_page_in_welsh_gets_the_welsh_text(server) -> None:
    both = Notify(KEY, {"en": TEMPLATE, "cy": WELSH}, server.url)
    with override("cy"):
        assert both.send(CARA, "407113")
        assert both.reaches(CARA) == "eich ffôn sy'n gorffen â 23"
        assert Notify(KEY, {"en": TEMPLATE}, server.url).send(CARA, "407113")
    assert [text["template_id"] for text in server.texts] == [WELSH, TEMPLATE]


def test_people_are_told_two_digits_of_it(server) -> None:
    notify = Notify(KEY, {"en": TEMPLATE}, server.url)
    assert notify.reaches(CARA) == "your phone that ends in 23"
    for nobody in (None, PickupContact(address="x")):
        assert notify.reaches(nobody) == ""
        assert not notify.send(nobody, "407113")
    assert server.texts == []


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_a_refusal_is_no_fault_of_the_pages_and_names_nobody_in_the_log(server, status, caplog, capsys) -> None:
    server.answers = [status]
    assert not Notify(KEY, {"en": TEMPLATE}, server.url).send(CARA, "407113")
    said = caplog.text + "".join(capsys.readouterr())
    assert "407113" not in said
    assert "7700900123" not in said


@pytest.mark.parametrize("key", [KEY[:-1] + "9", "x" * 80])
def test_a_wrong_key_sends_nothing(server, key) -> None:
    assert not Notify(key, {"en": TEMPLATE}, server.url).send(CARA, "407113")
    assert not Notify(KEY, {"en": "another-template"}, server.url).send(CARA, "407113")
    assert server.texts == []


def test_a_server_that_is_away_is_said_to_be(server) -> None:
    assert not Notify(KEY, {"en": TEMPLATE}, "http://127.0.0.1:9").send(CARA, "407113")
