"""Personal information outside any known kind of document.

Purpose: a free mail that gives somebody away: a valid identifier, or a reference beside words of health.
Trust: hostile text. Failure: none. A council ID alone says nothing: officers put it into subject lines.
"""

from __future__ import annotations

from classifiers.documents.document import Document
from domain.model import Category, Evidence, Finding, Identifier, IdentifierKind

_BY_KIND = {
    IdentifierKind.NHS_NUMBER: 0.9,
    IdentifierKind.NATIONAL_INSURANCE: 0.9,
    IdentifierKind.BANK_ACCOUNT: 0.7,
    IdentifierKind.DATE_OF_BIRTH: 0.6,
}
_BIRTHDAY = 0.35
_WITH_HEALTH, _EACH_WORD, _MOST = 0.5, 0.05, 0.8
_HEALTH_WORDS = 2
_WORDS_ALONE, _MOST_ALONE = 0.25, 0.45
"""Words of health that stand beside nothing that we know to be somebody's: the register may know a name there."""
_SHOWN = 8


def classify(document: Document) -> tuple[Finding, ...]:
    """At most one finding, OTHER_PERSONAL, as likely as the most telling identifier."""
    if not document.pages:
        return ()
    found = [(_alone(i), i.evidence) for i in document.identifiers if i.kind is not IdentifierKind.COUNCIL_ID]
    found += _reference_with_health(document) or _health_alone(document)
    if not found:
        return ()
    found.sort(key=lambda pair: -pair[0])
    evidence = tuple(dict.fromkeys(e for _, e in found))[:_SHOWN]
    return (Finding(document.pages[0].part, Category.OTHER_PERSONAL, round(found[0][0], 4), evidence),)


def _alone(identifier: Identifier) -> float:
    return _BIRTHDAY if identifier.evidence.rule == "birthday" else _BY_KIND[identifier.kind]


def _reference_with_health(document: Document) -> list[tuple[float, Evidence]]:
    """A council ID here or in the subject line, together with at least two words of health or care here."""
    references = [i.evidence for i in document.identifiers if i.kind is IdentifierKind.COUNCIL_ID] or list(
        document.council_ids
    )
    words = list(document.tally.health.values())
    if not references or len(words) < _HEALTH_WORDS:
        return []
    likelihood = min(_WITH_HEALTH + _EACH_WORD * len(words), _MOST)
    return [(likelihood, e) for e in (*references[:2], *words[:4])]


def _health_alone(document: Document) -> list[tuple[float, Evidence]]:
    """Words of health or care beside no identifier: never enough by itself, enough where a known person is named."""
    words = list(document.tally.health.values())
    likelihood = min(_WORDS_ALONE + _EACH_WORD * (len(words) - 1), _MOST_ALONE)
    return [(likelihood, e) for e in words[:4]]
