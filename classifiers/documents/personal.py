"""Personal information outside any known kind of document.

Purpose: a free mail that gives somebody away: a valid identifier, or a reference beside words of private life.
Trust: hostile text. Failure: none. A council ID alone says nothing: officers put it into subject lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from classifiers.documents.document import Document
from classifiers.documents.persons import spoken_of
from classifiers.documents.words import TELLING_WORDS, VISIT_WORDS
from domain.model import Category, Evidence, Finding, Identifier, IdentifierKind, PageText

_BY_KIND = {
    IdentifierKind.NHS_NUMBER: 0.9,
    IdentifierKind.NATIONAL_INSURANCE: 0.9,
    IdentifierKind.BANK_ACCOUNT: 0.7,
    IdentifierKind.PAYMENT_CARD: 0.7,
    IdentifierKind.DATE_OF_BIRTH: 0.6,
}
_BIRTHDAY = 0.35
_PAYEE = 0.35
"""A bank account that the reader is asked to pay into: the writer's, as on every invoice."""
_PAY = re.compile(r"\b(?:pay(?:able|ment|ments)?|remit|remittance|transfer|bacs)\b", re.IGNORECASE)
_TRADE = re.compile(r"\b(?:invoices?|vat|quotation|purchase order|remittance|statement of account)\b", re.IGNORECASE)
_ASKED = 160
_TOPIC = 3.0
_LONG = 600
"""Characters from which a text is long enough to say whom it is about: some hundred words."""
_WITH_HEALTH, _EACH_WORD, _MOST = 0.5, 0.05, 0.8
_HEALTH_WORDS = 2
_TELLING, _EVERYDAY, _ENOUGH, _MOST_ALONE = 0.3, 0.15, 0.25, 0.45
"""What one word is worth beside nothing that we know to be somebody's: the register may know a name there."""
_SHOWN = 8
_TELLS = frozenset(TELLING_WORDS.split("|"))
_VISITS = frozenset(VISIT_WORDS.split("|"))

_OLD_DATE = re.compile(
    r"\d(?<![\d/.-]\d)(?:(?:(?<=[0-3])\d)?\s?[/.-]\s?[01]?\d\s?[/.-]\s?(?:19[2-9]\d|200\d)"
    r"|(?:(?<=1)9[2-9]\d|(?<=2)00\d)-[01]\d-[0-3]\d)(?![\d/-])"
)
"""A whole date of long ago. It consumes a digit first, and looks back from there: then it is tried at digits alone.
Letters are about this year: beside a name such a date is likely that of a birth."""
_OLD = 0.3

_SAMPLE_NUMBER = "9434765919"
"""The NHS's own sample, in its guidance and on its forms; nobody's where the text says that it is an example."""
_EXAMPLE = re.compile(r"(?<![\w.@/-])(?:example|sample|such as|e\.?g\.?)(?=[\s,:])", re.IGNORECASE)
_NEAR = 40


def classify(document: Document) -> tuple[Finding, ...]:
    """At most one finding, OTHER_PERSONAL, as likely as the most telling identifier."""
    if not document.pages:
        return ()
    found = [(_alone(i, document.pages), i.evidence) for i in _pointing(document)]
    found += _reference_with_health(document) or _health_alone(document)
    found += [(_OLD, e) for e in _old_dates(document.pages)]
    if not found:
        return ()
    found.sort(key=lambda pair: -pair[0])
    evidence = tuple(dict.fromkeys(e for _, e in found))[:_SHOWN]
    return (Finding(document.pages[0].part, Category.OTHER_PERSONAL, round(found[0][0], 4), evidence),)


def _alone(identifier: Identifier, pages: tuple[PageText, ...]) -> float:
    if identifier.kind is IdentifierKind.BANK_ACCOUNT and _to_be_paid(identifier, pages):
        return _PAYEE
    return _BIRTHDAY if identifier.evidence.rule == "birthday" else _BY_KIND[identifier.kind]


def _to_be_paid(identifier: Identifier, pages: tuple[PageText, ...]) -> bool:
    """Whether it is a trader's: an invoice or the like asks for a payment there, and not into somebody's account."""
    said = "".join(_before(identifier, pages, _ASKED))
    asked = _PAY.search(said) and not spoken_of(said) and "'s" not in said
    return bool(asked) and any(_TRADE.search(page.text) for page in pages)


def _before(identifier: Identifier, pages: tuple[PageText, ...], size: int) -> Iterator[str]:
    start = identifier.evidence.start
    for page in pages:
        if page.page == identifier.evidence.page:
            yield page.text[max(0, start - size) : start]


def _pointing(document: Document) -> Iterator[Identifier]:
    for identifier in document.identifiers:
        if identifier.kind in _BY_KIND and not _is_sample(identifier, document.pages):
            yield identifier


def _is_sample(identifier: Identifier, pages: tuple[PageText, ...]) -> bool:
    """Whether it is the NHS's sample number, and the words before it say so."""
    if identifier.value != _SAMPLE_NUMBER:
        return False
    return any(_EXAMPLE.search(said) for said in _before(identifier, pages, _NEAR))


def _reference_with_health(document: Document) -> list[tuple[float, Evidence]]:
    """A council ID here or in the subject line, together with words here that tell enough, and are at least two."""
    references = [i.evidence for i in document.identifiers if i.kind is IdentifierKind.COUNCIL_ID] or list(
        document.council_ids
    )
    words = list(document.tally.health.values())
    if not references or len(words) < _HEALTH_WORDS or _weight(document) < _ENOUGH:
        return []
    likelihood = min(_WITH_HEALTH + _EACH_WORD * len(words), _MOST)
    return [(likelihood, e) for e in (*references[:2], *words[:4])]


def _health_alone(document: Document) -> list[tuple[float, Evidence]]:
    """Words beside no identifier: never enough by themselves, enough where a known person is named.

    In a longer text that speaks of nobody they are its topic, and say a third.
    """
    likelihood = min(_weight(document), _MOST_ALONE)
    if not document.about_somebody and sum(len(page.text) for page in document.pages) >= _LONG:
        likelihood /= _TOPIC
    words = sorted(document.tally.health.items(), key=lambda pair: pair[0] not in _TELLS)
    return [(likelihood, e) for _, e in words[:4]]


def _weight(document: Document) -> float:
    """What the words tell: each telling one twice what an everyday one does; all about one visit count as one."""
    words = set(document.tally.health)  # of a view, Python would take away each of hundreds
    everyday = len(words - _TELLS - _VISITS) + bool(words & _VISITS)
    return _TELLING * len(words & _TELLS) + _EVERYDAY * everyday


def _old_dates(pages: tuple[PageText, ...]) -> Iterator[Evidence]:
    for page in pages:
        if "19" not in page.text and "200" not in page.text:
            continue
        for match in _OLD_DATE.finditer(page.text):
            yield Evidence(page.part, page.place, "old-date", match[0], page.page, *match.span())
