"""Documents as numbers: the vocabulary that sources share, and each document's tf-idf as a sparse row.

Purpose: a word is learned only if two sources use it, so that no author's, publisher's or person's own words come to
mean anything; and it must stand in three documents. Trust: labelled files. Failure: ``LabelError`` for too few.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scipy.sparse import csr_matrix

from classifiers.learned.terms import Seen, terms
from classifiers.training.labelled import LabelError, Labelled

_LEAST_SOURCES, _LEAST_DOCUMENTS = 2, 3
FLOOR = 28.0
"""The length from which a text is judged by its words alone: about eighty words, a long mail or a short form."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A labelled document with its terms, counted once for all trainings."""

    document: Labelled
    seen: Seen


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The inverse document frequency of each term."""

    idf: dict[str, float]

    def matrix(self, counted: Sequence[Counted]) -> csr_matrix:
        """One row a document, scaled as ``Model.weighed`` does it; its last column is the intercept's."""
        columns = {term: number for number, term in enumerate(self.idf)}
        values, indices, starts = [], [], [0]
        for one in counted:
            found = _lengths(one.seen, self.idf)
            length = math.sqrt(sum(v * v for v in found.values()))
            values += [*(v / length for v in found.values()), 1.0]
            indices += [columns[term] for term in found] + [len(columns)]
            starts.append(len(values))
        return csr_matrix((values, indices, starts), shape=(len(counted), len(columns) + 1))


def count(documents: Iterable[Labelled]) -> list[Counted]:
    """Read every document's terms."""
    return [Counted(document, terms(document.pages)) for document in documents]


def vocabulary(
    counted: Sequence[Counted], least: int = _LEAST_DOCUMENTS, without: frozenset[str] = frozenset()
) -> Vocabulary:
    """The terms of two sources and ``least`` documents, ``without`` those that are names."""
    documents: Counter[str] = Counter()
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for one in counted:
        for term in one.seen.counts:
            documents[term] += 1
            sources[term].add(one.document.source)
    shared = (t for t, n in documents.items() if n >= least and len(sources[t]) >= _LEAST_SOURCES)
    chosen = sorted(t for t in shared if t not in without)
    if not chosen:
        raise LabelError("no vocabulary", public="There are too few labelled documents: two sources must share words.")
    idf = {t: round(1.0 + math.log((1 + len(counted)) / (1 + documents[t])), 3) for t in chosen}
    return Vocabulary(idf)


def _lengths(seen: Seen, idf: dict[str, float]) -> dict[str, float]:
    return {t: (1.0 + math.log(n)) * idf[t] for t, n in seen.counts.items() if t in idf}
