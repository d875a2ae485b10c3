"""Mails of a line or two: too little for thirteen kinds, enough to ask whether somebody is given away at all.

Purpose: one logistic regression, "confidential" or not, over the words of a short text and a few signs: which topics of
private life its words are of (a medicine is a medicine, known or not), and whether it speaks of one person. Trained on
short mails first. The third layer holds such texts back (``joining.SILENCE``); this one speaks for them. Trust: hostile
text; linear. Failure: none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter

from classifiers.documents import rules
from classifiers.documents.document import Classifier, Document
from classifiers.documents.persons import speaks_for_itself
from classifiers.documents.tally import tally
from classifiers.documents.turns import apart
from classifiers.documents.words import ORDINARY_WORDS, TOPICS
from classifiers.forms.matching import in_order
from classifiers.learned.model import Brief, Model
from classifiers.learned.terms import Seen, evidence, terms
from domain.model import Category, Evidence, Finding, PageText, Place, is_fields

MOST_WORDS = 80
"""A text of more words is judged by its words alone."""
_MOST_PIECES = 4 * MOST_WORDS
"""What stands between blanks in a text that may be short: the words of a long one are not counted twice."""
LEAST_LENGTH = 20.0
"""The length of the tf-idf vector below which no text is stretched: "Thanks" is one word, not the whole of a mail."""
_NO_MAILS = frozenset({Place.FILE_NAME, Place.SUBJECT_LINE})
_WORTH_SAYING = 0.1
_SHOWN = 6
_MANY, _EACH = 3, 0.15
"""More than three words of a topic say no more; each is worth so much beside a word of the vocabulary."""
_SENTENCE, _VISIT = 15, 0.2
"""Words of one sentence; what it is worth if it tells of a visit alone, below the policy's ``threshold_named``."""
_SIGN = 0.3
_ORDINARY = frozenset(ORDINARY_WORDS.split())
SIGNS = (
    *(f"of {topic}" for topic in TOPICS),
    "of any",
    "of ordinary life",
    "speaks of one",
    "speaks as I",
    "tells of one",
)
"""With a blank in each, so that none is a word of a text."""


def classifier(model: Model) -> Classifier:
    """A document classifier that asks this model about short texts."""
    brief = model.brief

    def classify(document: Document) -> tuple[Finding, ...]:
        if not brief.rows or not document.pages or document.forms.blank or not _is_text(document.pages[0]):
            return ()
        judged = ((_likelihood(turn, brief), turn, at) for turn, at in turns(document))
        likelihood, turn, at = max(judged, key=itemgetter(0), default=(0.0, document, 0))
        if likelihood < _WORTH_SAYING:
            return ()
        because = tuple(replace(e, start=e.start + at, end=e.end + at) for e in _because(turn, brief))
        return (Finding(document.pages[0].part, Category.OTHER_PERSONAL, round(likelihood, 4), because),)

    return classify


def turns(document: Document) -> Iterator[tuple[Document, int]]:
    """What each writer of a mail wrote, without what hangs below it, and where it begins in the page.

    Each is judged by itself, and the worst counts. What has several pages is no mail, and is one. A mail that was saved
    as a Word file is one page, whatever settings and properties the file has beside it.
    """
    along = in_order(document.pages)[0]
    page = along[0]
    spans = apart(page.text).turns if len(along) == 1 else [(0, len(page.text))]
    if len(along) > 1 or spans == [(0, len(page.text))]:
        yield document, 0
        return
    for start, end in spans:
        turn = (replace(page, text=page.text[start:end]),)
        yield Document(turn, tally(turn)), start


def _likelihood(turn: Document, brief: Brief) -> float:
    along = in_order(turn.pages)[0]
    if sum(len(page.text.split()) for page in along) > _MOST_PIECES:
        return 0.0
    seen = terms(along)
    likelihood = rules.logistic(odds(seen, signs(turn, seen), brief)) if is_short(seen) else 0.0
    return min(likelihood, _VISIT) if _only_a_visit(turn, seen) else likelihood


def _is_text(page: PageText) -> bool:
    """What somebody wrote to somebody: fields of a header are no sentences, however short."""
    return page.place not in _NO_MAILS and not is_fields(page.part)


def is_short(seen: Seen) -> bool:
    """Whether it has words, but so few that it is judged here too."""
    return 0 < sum(seen.counts.values()) <= MOST_WORDS


def _only_a_visit(document: Document, seen: Seen) -> bool:
    """One sentence that tells of an appointment and of nothing else: a taxi and a day centre have to be told."""
    told = set(document.tally.health)
    return bool(told) and told <= TOPICS["visit"] and sum(seen.counts.values()) <= _SENTENCE


def signs(document: Document, seen: Seen) -> dict[str, float]:
    """What a text shows that is no word of its own: topics of private and ordinary life, and whom it speaks of.

    See ``SIGNS``.
    """
    told = set(document.tally.health)
    found = {f"of {topic}": _EACH * min(len(told & words), _MANY) for topic, words in TOPICS.items()}
    found["of any"] = _EACH * min(len(told), _MANY + 1)
    found["of ordinary life"] = _EACH * min(len(_ORDINARY & seen.counts.keys()), _MANY)
    found["speaks of one"] = _SIGN * document.tally.spoken
    found["speaks as I"] = _SIGN * any(speaks_for_itself(page.text) for page in document.pages)
    found["tells of one"] = _SIGN * (document.tally.spoken and bool(told - TOPICS["everyday"] - TOPICS["visit"]))
    return {sign: amount for sign, amount in found.items() if amount}


def amounts(seen: Seen, brief: Brief) -> dict[str, float]:
    """By how much each known word counts."""
    found = {t: (1.0 + math.log(n)) * brief.rows[t][0] for t, n in seen.counts.items() if t in brief.rows}
    length = max(math.sqrt(sum(v * v for v in found.values())), LEAST_LENGTH)
    return {term: value / length for term, value in found.items()}


def odds(seen: Seen, shown: dict[str, float], brief: Brief) -> float:
    """The logarithm of the odds that it is confidential."""
    words = sum(amount * brief.rows[term][1] for term, amount in amounts(seen, brief).items())
    return brief.intercept + words + sum(amount * brief.topics.get(sign, 0.0) for sign, amount in shown.items())


def _because(document: Document, brief: Brief) -> tuple[Evidence, ...]:
    """The words that spoke most for it, and those of private life, each where it stands first."""
    seen = terms(in_order(document.pages)[0])
    worth = {term: amount * brief.rows[term][1] for term, amount in amounts(seen, brief).items()}
    best = sorted((term for term in worth if worth[term] > 0), key=lambda term: (-worth[term], term))[:_SHOWN]
    return tuple(evidence(seen, term) for term in best) + tuple(document.tally.health.values())[:2]
