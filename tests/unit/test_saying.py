"""The audit trail in people's words: every step of settling a held mail has its own."""

from __future__ import annotations

import pytest

from vault.models import AuditEvent, SettlementKind, SettlementState
from web.console.templatetags.saying import did


@pytest.mark.parametrize(
    ("action", "details", "said"),
    [
        ("held: release done", {"recipient": "a@x.example", "to": ""}, "released: a@x.example"),
        (
            "held: release proposed",
            {"recipient": "a@x.example", "to": "b@x.example"},
            "release proposed: a@x.example, to go to b@x.example instead",
        ),
        ("held: reject done", {"recipient": "a@x.example"}, "rejected: a@x.example"),
        ("recipient let go", {"recipient": "a@x.example"}, "mail let go again: a@x.example"),
        ("filed", {}, "sealed copy filed"),
        ("something new", {}, "something new"),
    ],
)
def test_what_was_done_is_said_as_people_say_it(action: str, details: dict[str, str], said: str) -> None:
    assert did(AuditEvent(action=action, details=details)) == said


@pytest.mark.parametrize("kind", SettlementKind.values)
def test_no_step_of_settling_is_shown_as_it_is_stored(kind: str) -> None:
    for state in (SettlementState.ORDERED, SettlementState.DONE):
        assert not did(AuditEvent(action=f"held: {kind} {state}", details={})).startswith("held:")
