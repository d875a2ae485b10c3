"""Rules and model, joined by one calibrated rule.

Purpose: for each kind ``z = said * model * words + rules * phrases``, and for "not confidential"
``z = said * (model * words + none + nobody) - lean + 6 * (1 - said)``; the softmax of these is how likely each kind is.
``nobody`` counts where the text speaks of no one person: illness without somebody who is ill is a topic. ``model``,
``rules``, ``none`` and ``nobody`` were fitted on documents of sources that the words' weights had not seen, so that the
likelihoods are true shares; ``lean`` is the logarithm of how many false alarms one miss is counted for; ``said``, below
1 for short texts, holds back where too little was said: one sentence about "her" is nobody's record. Trust: hostile
text; linear. Failure: none.

A document is one kind nearly always, so the likeliest kind bears the likelihood of being confidential at all, and
another that times the square of how likely it is beside the likeliest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from classifiers.documents import personal, rules
from classifiers.documents.document import Classifier, Document
from classifiers.forms.matching import in_order
from classifiers.learned.model import KINDS, Model, Weighed
from classifiers.learned.terms import Seen, evidence, terms
from domain.model import Category, Evidence, Finding, Place

_SHORT_TEXTS = frozenset({Place.FILE_NAME, Place.SUBJECT_LINE})
_WORTH_SAYING = 0.1
SILENCE = 6.0
_SHOWN = 6
_LEAST, _MOST = -3.0, 9.0


def classifier(model: Model) -> Classifier:
    """A document classifier that asks this model."""

    def classify(document: Document) -> tuple[Finding, ...]:
        if not document.pages or document.forms.blank or document.pages[0].place in _SHORT_TEXTS:
            return ()
        pages = in_order(document.pages)[0]
        seen = terms(pages)
        weighed = model.weighed(seen)
        said = _as_titled(
            document, likelihoods(joined(weighed, phrases(document), model, about=document.about_somebody))
        )
        return tuple(
            Finding(
                document.pages[0].part,
                kind,
                round(likelihood, 4),
                _because(model, kind, seen, weighed.amounts),
            )
            for kind, likelihood in sorted(said.items(), key=lambda pair: -pair[1])
            if likelihood >= _WORTH_SAYING
        )

    return classify


def _as_titled(document: Document, said: dict[Category, float]) -> dict[Category, float]:
    """What a document says by its titles that it is, it is: no section makes it another kind, however it is worded."""
    titled = {kind for kind, seen in document.tally.seen.items() if seen.titled()}
    if not any(rules.logistic(rules.score(document, kind)) >= rules.FIRES for kind in titled):
        return said
    return {kind: value if kind in titled else min(value, rules.SECTION) for kind, value in said.items()}


def phrases(document: Document) -> dict[Category, float]:
    """What the rules have counted for each category that they saw: 0 is nothing, 3 is one half by themselves."""
    found = {c: min(max(rules.score(document, c) - rules.BIAS, _LEAST), _MOST) for c in document.tally.seen}
    for finding in personal.classify(document):
        odds = math.log(finding.likelihood / (1.0 - finding.likelihood))
        found[finding.category] = min(max(odds - rules.BIAS, 0.0), _MOST)
    return found


def joined(weighed: Weighed, counted: Mapping[Category, float], model: Model, *, about: bool = True) -> list[float]:
    """The probabilities in the order of ``KINDS``; ``about`` is whether the text speaks of somebody."""
    how, said = model.joint, weighed.said
    none = (how.none + (0.0 if about else how.nobody)) * said - how.lean + SILENCE * (1.0 - said)
    logits = [
        how.model * said * word + (how.rules * counted.get(kind, 0.0) if kind else none)
        for kind, word in zip(KINDS, weighed.logits, strict=True)
    ]
    top = max(logits)
    powers = [math.exp(logit - top) for logit in logits]
    return [power / sum(powers) for power in powers]


def likelihoods(probabilities: Sequence[float]) -> dict[Category, float]:
    """For each category: of being confidential, times the square of its share of the likeliest category's."""
    most = max(probabilities[:-1])
    confidential = 1.0 - probabilities[-1]
    pairs = zip(KINDS, probabilities, strict=True)
    return {kind: confidential * (p / most) ** 2 for kind, p in pairs if kind is not None and most > 0}


def _because(model: Model, kind: Category, seen: Seen, amounts: Mapping[str, float]) -> tuple[Evidence, ...]:
    """The words that spoke most for this kind rather than for the others, each where it stands first."""
    worth = {term: amount * model.speaks(term, kind) for term, amount in amounts.items()}
    best = sorted((term for term in worth if worth[term] > 0), key=lambda term: (-worth[term], term))[:_SHOWN]
    return tuple(evidence(seen, term) for term in best)
