"""The API's own description against the API: schemathesis asks what it allows, and what it does not.

Every answer must be one that is described, of the described shape, and never a fault of ours. The examples are the same
in every run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.api import Caller, one_of_each
from web.api import access
from web.wsgi import application

EXAMPLES = 12
SCHEMA = schemathesis.openapi.from_wsgi("/api/openapi.json", application, config=SchemathesisConfig(seed=1))
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
pytestmark = pytest.mark.timeout(1200)  # hundreds of requests: three minutes where others want the processor, too
CHECKS = [
    *(not_a_server_error, status_code_conformance, content_type_conformance),
    *(response_schema_conformance, response_headers_conformance, ignored_auth),
]
_steady = settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture
def call(database, monkeypatch) -> Caller:
    """May ask as often as it likes."""
    chosen = access._settings().model_copy(update={"requests_a_minute": 10**9})
    monkeypatch.setattr(access, "_settings", lambda: chosen)
    return Caller()


def _at_home(case: Any, draw: Any, ref: str) -> None:
    """Half the time about what is there, so that more than the door is tried."""
    if "key" in (case.path_parameters or {}) and draw(st.booleans()):
        case.path_parameters["key"] = draw(st.integers(1, 2))
    if case.method in {"PUT", "PATCH", "DELETE"} and draw(st.booleans()):
        case.headers = {**(case.headers or {}), "If-Match": "*"}
    if "wait" in (case.query or {}):
        case.query["wait"] = 0
    if isinstance(case.body, dict) and "person" in case.body and draw(st.booleans()):
        case.body["person"] = ref


def _sent_as_something_else(value: Any) -> bool:
    """Misshapen as a value and not in an address, which has words alone: of a list the last is read."""
    return isinstance(value, (dict, list))


def _ask(call: Caller, ref: str, label: str, mode: GenerationMode) -> Counter[int]:
    """The statuses that were answered."""
    seen: Counter[int] = Counter()
    checks = CHECKS if mode is GenerationMode.POSITIVE else [*CHECKS, negative_data_rejection]

    @_steady
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode), data=st.data())
    def ask(case: Any, data: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            _at_home(case, data.draw, ref)
        else:
            assume(not any(_sent_as_something_else(value) for value in (case.query or {}).values()))
        headers = {"Authorization": f"Bearer {call.token}"}
        answer = case.call_and_validate(base_url="https://localhost/", headers=headers, checks=checks)
        seen[answer.status_code] += 1

    ask()
    return seen


def _ask_all(call: Caller, labels: Iterable[str], mode: GenerationMode) -> tuple[Counter[int], dict[str, str]]:
    """Every status, and what was wrong where; over one register, since emptying it takes longest."""
    ref = one_of_each(call)["person"]["ref"]
    statuses: Counter[int] = Counter()
    wrong: dict[str, str] = {}
    for label in labels:
        try:
            seen = _ask(call, ref, label, mode)
        except BaseExceptionGroup as group:
            wrong[label] = str(group.exceptions[0])
        else:
            statuses += seen
            if not seen or set(seen) <= {401, 403}:
                wrong[label] = f"the door was not passed: {seen}"
    return statuses, wrong


def test_what_the_description_allows_is_answered_as_described(call):
    """No 5xx, no status, media type or shape that the description does not have, and no answer without a token."""
    statuses, wrong = _ask_all(call, OPERATIONS, GenerationMode.POSITIVE)
    assert wrong == {}
    assert {200, 201, 204, 404, 409, 422, 428} <= set(statuses)


def test_what_the_description_does_not_allow_is_refused(call):
    """Nothing misshapen is taken, and nothing of it breaks us."""
    shaped = [n for n, o in OPERATIONS.items() if o.body or o.query or o.path_parameters]
    statuses, wrong = _ask_all(call, shaped, GenerationMode.NEGATIVE)
    assert wrong == {}
    assert sum(statuses.values()) > 300


def test_the_description_is_whole():
    """OpenAPI 3.1, every operation with its scope, every error a problem."""
    schema = SCHEMA.raw_schema
    assert schema["openapi"].startswith("3.1")
    operations = [o for path in schema["paths"].values() for o in path.values()]
    assert len(operations) > 50
    assert [o["operationId"] for o in operations if "Scope: `" not in o["description"]] == []
    assert [o["operationId"] for o in operations if not o["security"]] == []
    media = {m for o in operations for s, r in o["responses"].items() if int(s) >= 400 for m in r["content"]}
    assert media == {"application/problem+json"}
    assert len({o["operationId"] for o in operations}) == len(operations)
    assert "Ann Lee" not in json.dumps(schema)
