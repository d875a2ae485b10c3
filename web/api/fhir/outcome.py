"""``OperationOutcome``: what of a resource was not kept. It names elements, never their values."""

from __future__ import annotations

from collections.abc import Iterable

from web.api.fhir.taking import Note
from web.api.fhir.words import Json


def outcome(notes: Iterable[Note]) -> Json:
    """Each once. An extension is a warning: what it says is known to its author alone."""
    issues = [_issue(note) for note in dict.fromkeys(notes)]
    whole = {"severity": "information", "code": "informational", "details": {"text": "Everything was kept."}}
    return {"resourceType": "OperationOutcome", "issue": issues or [whole]}


def _issue(note: Note) -> Json:
    said = "the register has no place for it; it was not kept, and the rest was"
    return {
        "severity": "warning" if note.foreign else "information",
        "code": "not-supported",
        "details": {"text": f"{note.where}: {said}."},
        "expression": [note.where],
    }
