"""The care document classes by weighted phrases.

Purpose: for each category, how likely a document is one, and by which words. Trust: hostile text; linear work.
Failure: none; no evidence is no finding.

The formula: ``likelihood = 1 / (1 + exp(-(BIAS + titles + headings + fields + phrases + person + lift - general -
blank)))``, each sum capped, each phrase counted once. So a title alone stays below one half, prose that mentions a
title stays far below, and a title over filled fields, or four clinical headings over clinical phrases, come out
above. ``docs/classes.md`` has the weights.
"""

from __future__ import annotations

import math
from dataclasses import replace

from classifiers.documents.document import Document
from classifiers.documents.lexicon import Role, hits
from classifiers.documents.persons import speaks_for_itself
from classifiers.documents.tally import Tally
from domain.model import Category, Evidence, Finding, PageText

BIAS = -3.0
_PERSON, _PERSON_CAP, _PERSON_NEEDS = 0.6, 1.8, 0.8
_GENERAL, _GENERAL_MORE, _GENERAL_CAP = 1.5, 0.5, 2.5
_BLANK = 3.0
_SAME_PERSON = 2
_FILLED = 3
_SHOWN, _SHOWN_PERSON = 8, 2
_WORTH_SAYING = 0.05
FIRES, SECTION = 0.5, 0.45


def classify(document: Document) -> tuple[Finding, ...]:
    """The document's findings, likeliest first. Empty for no pages or no evidence."""
    if not document.pages:
        return ()
    said = []
    for category, seen in document.tally.seen.items():
        likelihood = min(logistic(score(document, category)), _most(document, category))
        if likelihood >= _WORTH_SAYING:
            evidence = (*seen.evidence()[:_SHOWN], *list(document.tally.person.values())[:_SHOWN_PERSON])
            said.append(Finding(document.pages[0].part, category, round(likelihood, 4), evidence))
    return tuple(sorted(_one_kind(document.tally, said), key=lambda f: (-f.likelihood, f.category)))


def _most(document: Document, category: Category) -> float:
    """What only tells of a topic, or is a form that nobody has filled in, is no record by its phrases alone.

    Where the writer says "I" it is somebody's; not on a form to agree to, where "I" stands in print. So is what has
    several fields filled in, or a name that says the same.
    """
    about = document.about_somebody or document.tally.filled >= _FILLED or bool(document.lifts.get(category))
    if category is not Category.PERMISSION_FORM:
        about = about or any(speaks_for_itself(page.text) for page in document.pages)
    return 1.0 if about else SECTION


def _one_kind(tally: Tally, said: list[Finding]) -> list[Finding]:
    """A document that says by its title what it is does not become another kind by a section about health, say.

    Several titles, as in a bundle, remain several kinds; without a title nothing is set aside.
    """
    best = max(said, key=lambda f: f.likelihood, default=None)
    if best is None or best.likelihood < FIRES or not tally.seen[best.category].titled():
        return said
    return [
        f if f is best or tally.seen[f.category].titled() else replace(f, likelihood=min(f.likelihood, SECTION))
        for f in said
    ]


def score(document: Document, category: Category) -> float:
    """The sum inside the formula, for one category that was seen."""
    tally = document.tally
    seen = tally.seen[category]
    own = seen.total()
    pointing = len(tally.person) + len({i.kind for i in document.identifiers})
    person = min(_PERSON * pointing, _PERSON_CAP) if seen.mark() >= _PERSON_NEEDS else 0.0
    blank = _BLANK if tally.blank_form and not document.identifiers else 0.0
    return BIAS + own + person + document.lifts.get(category, 0.0) - _general(tally) - blank


def named(page: PageText) -> dict[Category, Evidence]:
    """The categories that a short text, such as a file name or a subject line, calls something by its title.

    Nothing when the same text says that it is for everyone ("Risk assessment policy.pdf").
    """
    found: dict[Category, Evidence] = {}
    for hit in hits(page.text):
        for use in hit.uses:
            if use.role is Role.GENERAL:
                return {}
            if use.role is Role.TITLE and use.category is not None:
                evidence = Evidence(
                    page.part,
                    page.place,
                    f"name:{hit.phrase.replace(' ', '-')}",
                    page.text[hit.start : hit.end],
                    page.page,
                    hit.start,
                    hit.end,
                )
                found[use.category] = evidence
    return found


def logistic(score: float) -> float:
    """Between 0 and 1."""
    return 1.0 / (1.0 + math.exp(-score))


def _general(tally: Tally) -> float:
    """Against what is written for everyone; not against a document with a named person's fields filled in."""
    if len(tally.person) >= _SAME_PERSON or not tally.general:
        return 0.0
    return min(_GENERAL + _GENERAL_MORE * (len(tally.general) - 1), _GENERAL_CAP)
