"""A program that calls the API through Django's own test client, with real tables behind it."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.test import Client

from web import clock
from web.api import tokens
from web.api.tokens import Scope

_number = itertools.count(1)


class Caller:
    """Calls with a token of its own, from this machine."""

    def __init__(self, *scopes: str, name: str = "") -> None:
        self.name = name or f"case-system-{next(_number)}"
        self.token = tokens.add(self.name, scopes or tuple(Scope), clock.now(), timedelta(days=30))
        self._client = Client(SERVER_NAME="localhost", raise_request_exception=False)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """``headers`` with underlines: ``if_match``. A path without /api is below it."""
        said = {"Authorization": f"Bearer {self.token}"} | {n.replace("_", "-"): v for n, v in headers.items()}
        where = path if path.startswith("/api") else f"/api{path}"
        kind = said.pop("content-type", "application/json")
        return self._client.generic(method, where, _bytes(body), content_type=kind, headers=said)

    def made(self, path: str, body: Any) -> dict[str, Any]:
        """A new record."""
        answer = self("POST", path, body)
        assert answer.status_code == 201, answer.content
        return answer.json()


def _bytes(body: Any) -> bytes:
    import json

    return body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()


PERSON = {
    "council_id": "SL-00001",
    "nhs_number": "9990000018",
    "date_of_birth": "1980-02-29",
    "names": [{"name": "Ann Lee", "main": True}, {"name": "Ann Hill", "ends": "2010-05-01"}],
}
HOME = {"code": "H-1", "name": "The Elms"}
CARER = {"code": "C-1", "kind": "carer", "name": "Cara Jones", "email": "Cara@Carers.example", "household": "H-1"}
SURGERY = {"code": "ORG-1", "name": "Surgery", "domain": "surgery.example"}


def form(person: str, **more: Any) -> dict[str, Any]:
    """A signed form that lets the surgery and the carer know medical matters."""
    lines = [{"organisation": "ORG-1", "categories": ["medical"]}, {"party": "C-1", "categories": ["medical"]}]
    plain = {"code": "F-1", "person": person, "ground": "permission-to-share form", "signed_on": "2026-06-01"}
    return plain | {"review_due": "2027-06-01", "grants": lines} | more


def one_of_each(call: Caller) -> dict[str, dict[str, Any]]:
    """A person, a household, a carer, a surgery and a form."""
    found = {"person": call.made("/people", PERSON), "household": call.made("/households", HOME)}
    found |= {"carer": call.made("/parties", CARER), "surgery": call.made("/organisations", SURGERY)}
    found["form"] = call.made("/permissions", form(found["person"]["ref"]))
    return found


def all_scopes_but(scope: str) -> Collection[str]:
    """Every scope, except this."""
    return tuple(s for s in Scope if s != scope)
