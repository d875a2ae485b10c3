"""Which evidence was read from a picture.

Purpose: whoever decides about a finding is told that its words came by OCR, which may err. Failure: never raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.model import Analysis, Evidence, PageText


def marked(analysis: Analysis) -> Analysis:
    """The analysis with ``pictured`` set on the evidence that stands in a picture and nowhere else on its page."""
    if not any(page.pictured for page in analysis.texts):
        return analysis
    pages: dict[tuple[str, int], list[PageText]] = {}
    for page in analysis.texts:
        pages.setdefault((page.part, page.page), []).append(page)

    def mark(evidence: Evidence) -> Evidence:
        return replace(evidence, pictured=_is_pictured(evidence, pages.get((evidence.part, evidence.page), ())))

    return replace(
        analysis,
        findings=tuple(replace(f, evidence=tuple(mark(e) for e in f.evidence)) for f in analysis.findings),
        identifiers=tuple(replace(i, evidence=mark(i.evidence)) for i in analysis.identifiers),
    )


def _is_pictured(evidence: Evidence, pages: Sequence[PageText]) -> bool:
    says = [page.pictured for page in pages if _says(page, evidence)]
    return bool(says) and all(says)


def _says(page: PageText, evidence: Evidence) -> bool:
    """Whether it is this text that the span counts in: one page may have a printed and a pictured one."""
    there, words = page.text[evidence.start : evidence.end].casefold(), evidence.text.casefold()
    return bool(there) and (there in words or words in there)
