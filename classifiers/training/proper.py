"""Which words are people's names: hardly ever without a capital, and somewhere used as somebody's.

Purpose: no name of anybody's may come to mean anything, also where two people, in two sources, have the same one. By
how the labelled texts write a word, not by a list, so that surnames are known like first names, wherever they come
from. What stays: the rules' own words (medicines have capitals, too), months, places, what heads a form's field. Trust:
labelled files; linear. Failure: none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from classifiers.documents.words import HEALTH_WORDS
from classifiers.learned.terms import spelt
from classifiers.training.labelled import Labelled

_SMALL = 0.2
"""The share of small first letters up to which a word is a name: some people write no capitals at all."""
_INSIDE = re.compile(r"[a-z,;] $")
_CALLED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Miss|Dr|Dear|Hi|Hello|Thanks|with|and|told|asked|called|Name:)\.? |Regards,?\s)$"
)
_DOES = re.compile(
    r"(?:['\u2019]s\b| (?:is|was|has|had|will|would|can|says|said|told|asked|wants|wanted|likes|needs|does|went|came|"
    r"lives)\b)"
)
"""What people have and do, and how they are called."""
_BACK = 10
_KEPT = (
    "mr mrs ms miss dr prof madam sir i'm i've i'd i'll dols gps makaton ombudsman xmas christmas easter english "
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed weds thu thurs fri sat sun january "
    "february march april june july august september october november december jan feb mar apr jun jul aug sept sep "
    "oct nov dec"
)
"""With a capital in every text, and nobody's name (or, as June, a month far more often)."""
_OURS = frozenset(_KEPT.split()) | {word for phrase in HEALTH_WORDS.split("|") for word in phrase.split()}


def names(documents: Iterable[Labelled]) -> frozenset[str]:
    """The terms that are names, as ``terms`` has them, with and without a possessive."""
    capital, small, persons, ever_small = Counter[str](), Counter[str](), set[str](), set[str]()
    for one in documents:
        for term, start, end in spelt(one.text):
            bare, inside = term.removesuffix("'s"), bool(_INSIDE.search(one.text, max(0, start - 2), start))
            if one.text[start].islower():
                ever_small.add(bare)
                small[bare] += inside
            elif not one.text[start : start + len(bare)].isupper():
                capital[bare] += inside
                if term != bare or _somebodys(one.text, start, end):
                    persons.add(bare)
    mostly = {term for term in persons if small[term] <= _SMALL * (capital[term] + small[term])}
    found = {term for term in mostly if capital[term] or term not in ever_small} - _OURS
    return frozenset(found | {f"{term}'s" for term in found})


def _somebodys(text: str, start: int, end: int) -> bool:
    return bool(_DOES.match(text, end) or _CALLED.search(text, max(0, start - _BACK), start))
