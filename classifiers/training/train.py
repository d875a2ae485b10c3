"""From labelled documents to a model with its own measurement.

Purpose: the order of the steps: count, leave one source out, fit the joint rule on that, choose the lean, fit on all;
and the same for mails of a line or two.
Trust: labelled files. Failure: ``LabelError``.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from classifiers.documents import rules
from classifiers.learned.joining import joined, likelihoods
from classifiers.learned.model import Brief, Joint, Model
from classifiers.training import measure, short
from classifiers.training.counting import count
from classifiers.training.fitting import PUBLISHED, Unseen, fit_joint, fit_words, leave_one_out
from classifiers.training.labelled import LabelError, Labelled
from classifiers.training.proper import names
from domain.model import Category

MOST_PUBLISHED = 40
"""Documents of one publisher; more teach the publisher."""
FALSE_ALARMS = 0.03
"""The share of unseen harmless documents that may be taken for confidential."""
MISSES = (1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
"""How many false alarms a miss may be counted for: the most that keeps ``FALSE_ALARMS`` is taken, else the least.

More than one in any case: a miss is a breach, a false alarm a reviewer's minute."""
_LEAST_SOURCES = 3


@dataclass(frozen=True, slots=True)
class Trained:
    """``unseen`` is how each document was judged by models that did not know its source.

    ``written`` are the sources of full weight; the others were published, or are of another kind. ``brief`` taught only
    what judges mails of a line or two; ``short`` is how each text as short as that was judged, unseen, by that alone.
    """

    model: Model
    unseen: tuple[measure.Judged, ...]
    documents: tuple[Labelled, ...]
    written: frozenset[str]
    misses: float
    brief: tuple[Labelled, ...] = ()
    short: tuple[measure.Judged, ...] = ()

    @property
    def own(self) -> tuple[measure.Judged, ...]:
        """How the documents of full weight were judged."""
        return tuple(one for one in self.unseen if one.source in self.written)


def train(
    written: Sequence[Labelled], others: Iterable[Labelled], name: str, brief: Sequence[Labelled] = ()
) -> Trained:
    """A model of all these documents; ``others`` weigh less, ``brief`` are short mails.

    Raises ``LabelError`` where there are too few sources.
    """
    documents = (*written, *others)
    sources = frozenset(one.source for one in written)
    if len(sources) < _LEAST_SOURCES:
        public = f"Documents of {_LEAST_SOURCES} sources are needed: each is judged by what the others taught."
        raise LabelError("too few sources", public=public)
    left_out = names((*documents, *brief))
    counted = count(documents)
    weights = [1.0 if one.source in sources else PUBLISHED for one in documents]
    unseen = leave_one_out(counted, weights, left_out)
    joint, misses = _leaning(unseen, fit_joint(unseen, 0.0), sources)
    texts = short.told([*counted, *count(brief)], [*weights, *(1.0 for _ in brief)])
    of_short, judged_short = _of_short(texts, left_out)
    model = replace(fit_words(counted, weights, name, left_out), joint=joint, brief=of_short)
    said = _with_short(judged(unseen, joint), judged_short)
    return Trained(model, tuple(said), documents, sources, misses, tuple(brief), tuple(judged_short))


def _of_short(texts: Sequence[short.Told], left_out: frozenset[str]) -> tuple[Brief, list[measure.Judged]]:
    """What judges short mails, and how it judged each of a source that it had not seen."""
    if not short.enough(texts):
        return Brief(), []
    found = short.unseen(texts, left_out)
    scale = short.scaled(found)
    return scale.brief(short.fit(texts, left_out)), [
        measure.Judged(d.source, d.name, d.kinds, {Category.OTHER_PERSONAL: rules.logistic(scale.odds(odds))})
        for d, odds in ((one.counted.document, odds) for one, odds in found)
    ]


def _with_short(judged: Iterable[measure.Judged], judged_short: Iterable[measure.Judged]) -> Iterator[measure.Judged]:
    """As the analysis has it: the likelier of the two layers counts."""
    also = {(one.source, one.name): one.said for one in judged_short}
    for one in judged:
        said = also.get((one.source, one.name), {})
        most = {kind: max(one.said.get(kind, 0.0), said.get(kind, 0.0)) for kind in {*one.said, *said}}
        yield replace(one, said=_settled(most))


def at_most(documents: Iterable[Labelled], most: int) -> list[Labelled]:
    """So many of each source, the same ones each time."""
    found: Counter[str] = Counter()
    chosen = []
    for one in sorted(documents, key=lambda d: hashlib.sha256(f"{d.source}/{d.name}".encode()).digest()):
        found[one.source] += 1
        if found[one.source] <= most:
            chosen.append(one)
    return chosen


def judged(unseen: Iterable[Unseen], joint: Joint, *, phrases: bool = True) -> list[measure.Judged]:
    """What is said of documents whose source was unseen; without ``phrases`` by the model's words alone."""
    model = Model("joint", 1.0, (), joint, {})
    return [
        measure.Judged(
            one.counted.document.source,
            one.counted.document.name,
            one.counted.document.kinds,
            _settled(likelihoods(joined(one.words, one.phrases if phrases else {}, model, about=one.about))),
        )
        for one in unseen
    ]


def _settled(said: dict[Category, float]) -> dict[Category, float]:
    """As the analysis has it: "other" only where nothing better is known."""
    if any(v >= measure.FIRES for kind, v in said.items() if kind is not Category.OTHER_PERSONAL):
        return {kind: v for kind, v in said.items() if kind is not Category.OTHER_PERSONAL}
    return said


def _leaning(unseen: Sequence[Unseen], joint: Joint, sources: frozenset[str]) -> tuple[Joint, float]:
    """The joint rule that leans to confidential as far as the false alarms allow, and how many a miss counts for."""
    own = [one for one in unseen if one.counted.document.source in sources]
    taken = MISSES[0]
    for misses in MISSES:
        if measure.false_alarms(judged(own, _leant(joint, misses))).value <= FALSE_ALARMS:
            taken = misses
    return _leant(joint, taken), taken


def _leant(joint: Joint, misses: float) -> Joint:
    return replace(joint, lean=round(math.log(misses), 4))
