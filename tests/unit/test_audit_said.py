"""What `sallyport audit` says to people, apart from the trail itself."""

from __future__ import annotations

import base64

import pytest

from cli.audit.looking import _line
from cli.audit.verifying import _what_to_do
from tests.fakes import NOW
from vault.merkle.findings import Finding, Report, Tampering
from vault.models import AuditEvent


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        ([Tampering.NOT_LOGGED], "Start `sallyport worker`"),
        ([Tampering.NOT_LOGGED, Tampering.EDITED], "Change nothing"),
        ([Tampering.EDITED], "Change nothing"),
    ],
)
def test_events_that_wait_for_the_worker_are_no_crime_scene(kinds: list[Tampering], says: str) -> None:
    """If nothing else is found, the worker must run; otherwise the database must stay as it is."""
    report = Report()
    report.add(Finding(kind, "words") for kind in kinds)
    assert _what_to_do(report).startswith(says)


def test_findings_that_are_not_shown_may_be_anything() -> None:
    """Beyond the first fifty nobody knows that they only wait."""
    report = Report()
    report.add(Finding(Tampering.NOT_LOGGED, "words") for _ in range(51))
    assert _what_to_do(report).startswith("Change nothing")


def test_a_search_is_one_line_and_its_sealed_words_are_not_spelt_out() -> None:
    """Six hundred signs of base64 tell nobody anything."""
    sealed = base64.b64encode(bytes(400)).decode()
    row = AuditEvent(sequence=7, at=NOW, actor="cli:jo", action="searched", record="", why="",
                     details={"found": 4, "query": sealed, "same": "ab12"})  # fmt: skip
    said = _line(row)
    assert sealed not in said
    assert "ab12" not in said
    assert "found 4, words sealed (`sallyport vault searches asked` opens them)" in said
