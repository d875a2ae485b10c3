"""What the API says to a request that asks wrongly: which address, which word, which field."""

from __future__ import annotations

import pytest

from tests.support.api import PERSON, Caller
from web.api import access
from web.api.resources.listed import ALL

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def call(database, monkeypatch) -> Caller:
    """With its own count of requests: the tokens of all tests bear the same number."""
    monkeypatch.setattr(access, "_BUCKETS", access.Buckets())
    return Caller()


def test_the_fields_at_fault_are_named_as_they_were_sent(call):
    """By their way into the body, without the words of the programs that read it."""
    twice = {"council_id": "SL-9", "names": [{"name": "A"}, {"name": 1}], "colour": "blue"}
    answer = call("POST", "/people", twice).json()["errors"]
    assert {e["field"] for e in answer} == {"names.1.name", "colour"}
    answer = call("POST", "/people", PERSON | {"names": [{"name": "A"}]}).json()["errors"]
    assert answer == [{"field": "names", "says": "exactly one of the names is the main one"}]
    assert [e["field"] for e in call("GET", "/people?limit=many").json()["errors"]] == ["limit"]


@pytest.mark.parametrize("key", ["SL-00001", "0", "9999999999999999999999", "1.5"])
def test_a_key_that_is_no_number_is_nobodys(call, key):
    """404, as for a number that nobody has."""
    call.made("/people", PERSON)
    answers = [call("GET", f"/people/{key}"), call("PATCH", f"/people/{key}", {"colour": 1}, if_match="*")]
    assert [a.status_code for a in answers] == [404, 404]


@pytest.mark.parametrize("resource", [r.path for r in ALL])
def test_a_filter_that_a_list_does_not_know_is_refused(call, resource):
    """It would be passed over, and everybody shown. The word is not said back: it may be a name."""
    answer = call("GET", f"/{resource}?Alfred=1&limit=2")
    assert (answer.status_code, "limit, cursor" in answer.json()["detail"]) == (422, True)
    assert "Alfred" not in answer.content.decode()
    assert call("GET", f"/{resource}?limit=2").status_code == 200


@pytest.mark.parametrize(
    ("address", "more"),
    [("/changes?after=1", "&wiat=9"), ("/webhooks", "?url=x"), ("/fhir/Consent?patient=p-1", "&status=x")],
)
def test_every_other_list_refuses_it_too(call, address, more):
    """As each address does that takes a query."""
    assert [call("GET", a).status_code for a in (address, address + more)] == [200, 422]


def test_a_misspelt_look_back_is_not_an_answer_of_today(call):
    """And who has no token is told that, and no more."""
    made = call.made("/people", PERSON)
    where = f"/people/{made['id']}?known_on=2020-01-01T00:00:00Z"
    assert call("GET", where).status_code == 422
    call.token = "slp_none"
    assert call("GET", where).status_code == 401
