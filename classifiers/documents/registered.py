"""The first layer: a filled copy of one of the council's own forms.

Purpose: what the operator has registered is surest, and is known whatever was written into it. Trust: as the document.
Failure: none; no registered form is no finding.
"""

from __future__ import annotations

from classifiers.documents.document import Document
from domain.model import Finding


def classify(document: Document) -> tuple[Finding, ...]:
    """One finding a filled form. The evidence is what was written into it, then the form's own words."""
    if not document.pages:
        return ()
    part = document.pages[0].part
    return tuple(
        Finding(part, match.form.category, match.likelihood, (*match.filled, *match.recognised))
        for match in document.forms.matches
        if match.filled
    )
