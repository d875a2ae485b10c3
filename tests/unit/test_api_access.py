"""Who may call: tokens, scopes, TLS, how often, how much; and what is never said or logged."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import structlog
from django.db import OperationalError
from django.test import Client

from register import models as m
from tests.support.api import PERSON, Caller, all_scopes_but, one_of_each
from web import clock
from web.api import access, tokens
from web.api.access import Buckets
from web.api.application import api
from web.api.models import ApiToken
from web.api.tokens import Scope

pytestmark = pytest.mark.usefixtures("database")


def operations() -> list[tuple[str, str, str]]:
    """Every operation with the scope that its description names."""
    paths = api.get_openapi_schema()["paths"]
    return [
        (method.upper(), path, o["description"].rpartition("Scope: `")[2].partition("`")[0])
        for path, of in paths.items()
        for method, o in of.items()
    ]


def test_every_operation_needs_exactly_its_scope(database):
    """Token x operation: with all other scopes 403; with it alone anything but 401 and 403; without a token 401."""
    nobody, alone = Client(SERVER_NAME="localhost"), {s: Caller(s) for s in Scope}
    others = {s: Caller(*all_scopes_but(s)) for s in Scope}
    wrong = []
    for method, path, scope in operations():
        where = path.replace("{key}", "1").replace("{ref}", "p-1")
        body = {} if method in {"POST", "PUT", "PATCH"} else None
        seen = (
            nobody.generic(method, where).status_code,
            others[Scope(scope)](method, where, body).status_code,
            alone[Scope(scope)](method, where, body).status_code in {401, 403},
        )
        if seen != (401, 403, False):
            wrong.append((method, path, seen))
    assert wrong == []
    assert m.Change.objects.count() == 0


@pytest.mark.parametrize(
    "said", ["", "Bearer", "Bearer ", "Bearer slp_x", "Basic {token}", "{token}", "Bearer {token}x", "Bearer \udcff"]
)
def test_what_is_no_token_opens_nothing(database, said):
    """401 with a challenge, whatever is sent."""
    call = Caller()
    answer = call("GET", "/people", Authorization=said.format(token=call.token))
    assert (answer.status_code, answer["WWW-Authenticate"][:6]) == (401, "Bearer")


def test_a_token_is_kept_as_a_digest_alone(database):
    """Who reads the table cannot call."""
    call = Caller()
    row = ApiToken.objects.get(name=call.name)
    assert call.token not in json.dumps([str(v) for v in vars(row).values()])
    assert len(row.digest) == 64


def test_a_token_ends(database):
    """Revoked, it opens nothing from the next request on; nor when its time is over."""
    call, other = Caller(), Caller()
    assert call("GET", "/people").status_code == 200
    assert ApiToken.objects.get(name=call.name).last_used_at is not None
    assert tokens.revoke(call.name, clock.now())
    assert not tokens.revoke(call.name, clock.now())
    assert call("GET", "/people").status_code == 401
    assert tokens.find(other.token, clock.now() + timedelta(days=31)) is None
    assert other("GET", "/people").status_code == 200


@pytest.mark.parametrize("scopes", [[], ["register"], ["register:read", "x"]])
def test_a_token_has_scopes_that_exist(database, scopes):
    with pytest.raises(tokens.UnusableTokenError):
        tokens.add("x", scopes, clock.now(), timedelta(days=1))
    assert ApiToken.objects.count() == 0


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("192.0.2.7", {}, 403),
        ("192.0.2.7", {"X-Forwarded-Proto": "https"}, 403),
        ("10.1.2.3", {"X-Forwarded-Proto": "https"}, 200),
        ("10.1.2.3", {"X-Forwarded-Proto": "http"}, 403),
        ("10.1.2.3", {}, 403),
        ("127.0.0.1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}, 200),
        ("127.0.0.1", {"X-Forwarded-Proto": "http"}, 403),
        ("::1", {}, 200),
        ("", {}, 403),
    ],
)
def test_a_token_is_taken_over_tls_or_here_alone(database, monkeypatch, address, headers, status):
    """A proxy's word counts only where it was told of."""
    chosen = access.WebSettings(proxies=("10.0.0.0/8",))
    monkeypatch.setattr(access, "_settings", lambda: chosen)
    call = Caller()
    said = {"Authorization": f"Bearer {call.token}", **headers}
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR=address)
    assert client.get("/api/people", headers=said).status_code == status
    assert client.get("/api/people", headers=said, secure=True).status_code == 200


def test_too_many_requests_wait():
    """Half a minute's worth at once, then as many as come in; each token for itself."""
    seconds = [0.0]
    buckets = Buckets(lambda: seconds[0])
    assert [buckets.wait(1, 4) for _ in range(3)] == [0, 0, 16]
    assert buckets.wait(2, 4) == 0
    seconds[0] = 15.0
    assert [buckets.wait(1, 4) for _ in range(2)] == [0, 16]


def test_a_token_that_asks_too_often_is_told_when_to_come_back(database, monkeypatch):
    chosen = access.WebSettings(requests_a_minute=2)
    monkeypatch.setattr(access, "_settings", lambda: chosen)
    monkeypatch.setattr(access, "_BUCKETS", Buckets(lambda: 0.0))
    call = Caller()
    assert call("GET", "/people").status_code == 200
    answer = call("GET", "/people")
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)


def test_bodies_have_a_size_and_a_kind(database):
    call = Caller()
    assert call("POST", "/people", b" " * (2**20 + 1)).status_code == 413
    assert call("POST", "/people", PERSON, content_type="text/plain").status_code == 415
    assert call("POST", "/people", b"{").status_code == 400
    assert call("POST", "/people", b"[" * 100_000).status_code in {400, 422}
    assert m.Person.objects.count() == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("TRACE", "/people", 405), ("DELETE", "/people", 405), ("POST", "/docs/assets/x", 405),
     ("GET", "/docs/assets/..%2fx", 404), ("GET", "/people/0", 404), ("GET", "/people/99999999999999999999", 404)],
)  # fmt: skip
def test_django_s_own_refusals_are_problems_too(database, method, path, status):
    answer = Caller()(method, path)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")


def test_another_host_is_not_answered(database):
    answer = Client(SERVER_NAME="evil.example").get("/api/people")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_the_page_of_the_description_loads_nothing_from_elsewhere(database):
    """Its own scripts, by a policy that the browser holds it to; no CORS anywhere."""
    client = Client(SERVER_NAME="localhost")
    page = client.get("/api/docs", headers={"Origin": "https://evil.example"})
    assert page.status_code == 200
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert "http" not in page.content.decode().replace("https://evil", "")
    assert not [h for h in page.headers if h.lower().startswith("access-control")]
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-init.js"):
        assert client.get(f"/api/docs/assets/{name}").status_code == 200
    assert client.get("/api/openapi.json").json()["openapi"].startswith("3.1")


def test_a_database_that_is_away_is_said_and_tried_again(database, monkeypatch):
    """503 with Retry-After, and nothing of the database's own words."""

    def away(*_: object) -> None:
        raise OperationalError("could not connect to 10.0.0.1 user=x")

    call = Caller()
    monkeypatch.setattr(tokens, "find", away)
    answer = call("GET", "/people")
    assert (answer.status_code, answer["Retry-After"], b"10.0" in answer.content) == (503, "5", False)


def test_a_fault_of_ours_says_nothing(database, monkeypatch):
    """Nor does its log line: a place in the code, and no value."""
    call = Caller()
    person = one_of_each(call)["person"]

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Ann Lee 9990000018")

    monkeypatch.setattr("web.api.resources.resource.Resource.show", broken)
    with structlog.testing.capture_logs() as logs:
        answer = call("GET", f"/people/{person['id']}")
    assert (answer.status_code, b"Ann" in answer.content) == (500, False)
    assert [e["error"] for e in logs if e["event"] == "unexpected"] == ["RuntimeError"]
    assert "Ann" not in str(logs)


def test_logs_hold_ids_only(database):
    """Whatever is sent: no name, number, address, token, query or reason."""
    call = Caller()
    with structlog.testing.capture_logs() as logs:
        one_of_each(call)
        call("GET", "/people?council_id=SL-00001")
        call("POST", "/people", PERSON | {"nhs_number": "1111111111"}, sallyport_reason="Ann moved")
        call("GET", "/Ann-Lee/9990000018")
    said = str(logs)
    assert len(logs) == 8, logs
    for word in ("Ann", "999000", "1111111111", "SL-0", "carers.example", call.token, call.name):
        assert word not in said
