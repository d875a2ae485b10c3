"""Fits the weights, and the rule that joins them with the phrases.

Purpose: multinomial logistic regression with a ridge (L-BFGS), then the joint rule on documents of sources that the
weights had not seen: leave one source out, always. Trust: labelled files. Failure: ``LabelError`` from the vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from classifiers.documents.document import Document
from classifiers.documents.tally import tally
from classifiers.identifiers import COUNCIL_ID, Identifiers
from classifiers.learned.joining import SILENCE, phrases
from classifiers.learned.model import KINDS, Joint, Model, Weighed
from classifiers.training.counting import FLOOR, Counted, vocabulary
from domain.model import Category

Floats = NDArray[np.float64]
RIDGE = 3e-6
PUBLISHED = 0.2
"""The weight of a published document against one written as the council's are: there are many, and far away."""
_STEPS = 150
_UNTRAINED = Joint(1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Unseen:
    """What is known of a document by a model that had not seen its source."""

    counted: Counted
    words: Weighed
    phrases: dict[Category, float]
    weight: float
    about: bool = True


def fit_words(
    counted: Sequence[Counted], weights: Sequence[float], name: str, names: frozenset[str] = frozenset()
) -> Model:
    """A model of words alone, none of them one of the ``names``."""
    shared = vocabulary(counted, without=names)
    rows = _ridge(shared.matrix(counted), targets(counted), np.asarray(weights, dtype=np.float64))
    table = {term: (idf, tuple(rows[at].tolist())) for at, (term, idf) in enumerate(shared.idf.items())}
    return Model(name, FLOOR, tuple(rows[-1].tolist()), _UNTRAINED, table)


def leave_one_out(
    counted: Sequence[Counted], weights: Sequence[float], names: frozenset[str] = frozenset()
) -> list[Unseen]:
    """Every document as a model says it that was trained on all other sources."""
    said = []
    for source in sorted({one.document.source for one in counted}):
        others = [(one, w) for one, w in zip(counted, weights, strict=True) if one.document.source != source]
        model = fit_words([one for one, _ in others], [w for _, w in others], "unseen", names)
        own = [(one, w) for one, w in zip(counted, weights, strict=True) if one.document.source == source]
        said += [_unseen(one, model, w) for one, w in own]
    return said


def _unseen(one: Counted, model: Model, weight: float) -> Unseen:
    document = document_of(one)
    return Unseen(one, model.weighed(one.seen), phrases(document), weight, document.about_somebody)


def fit_joint(unseen: Sequence[Unseen], lean: float) -> Joint:
    """The factors under which the joined likelihoods are truest (least logarithmic loss); ``lean`` is a choice."""
    said = np.array([[one.words.said] for one in unseen])
    words = said * np.array([one.words.logits for one in unseen])
    counted = np.array([[one.phrases.get(kind, 0.0) if kind else 0.0 for kind in KINDS] for one in unseen])
    none = np.array([float(kind is None) for kind in KINDS])
    nobody = np.array([[float(not one.about)] for one in unseen])
    goal, weight = targets([one.counted for one in unseen]), np.array([one.weight for one in unseen])

    def loss(factors: Floats) -> float:
        logits = (
            factors[0] * words
            + factors[1] * counted
            + ((factors[2] + factors[3] * nobody) * said + SILENCE * (1.0 - said)) * none
        )
        return -float((weight[:, None] * goal * _log_softmax(logits)).sum() / weight.sum())

    best = minimize(loss, np.array([1.0, 0.5, 0.0, 0.5]), method="Nelder-Mead", options={"maxiter": 800, "xatol": 1e-3})
    model, rules, shift, alone = (round(float(factor), 4) for factor in best.x)
    return Joint(model, max(rules, 0.0), shift, lean, max(alone, 0.0))


def targets(counted: Sequence[Counted]) -> Floats:
    """One row a document: its categories in equal shares, or "not confidential"."""
    rows = np.zeros((len(counted), len(KINDS)))
    for at, one in enumerate(counted):
        for kind in one.document.kinds or {None}:
            rows[at, KINDS.index(kind)] = 1.0 / max(1, len(one.document.kinds))
    return rows


def document_of(one: Counted) -> Document:
    """As the analysis makes it, without anything around it."""
    pages = one.document.pages
    found = tuple(i for page in pages for i in Identifiers(COUNCIL_ID).find(page))
    return Document(pages, tally(pages), found)


def _ridge(matrix: csr_matrix, goal: Floats, weights: Floats) -> Floats:
    """The weights, a row a column of the matrix. The ridge lies on all but the intercepts."""
    share, transposed = weights / weights.sum(), matrix.T.tocsr()
    shape = (matrix.shape[1], goal.shape[1])
    ridge = np.full((shape[0], 1), RIDGE)
    ridge[-1] = 0.0

    def loss(flat: Floats) -> tuple[float, Floats]:
        rows = flat.reshape(shape)
        logs = _log_softmax(matrix @ rows)
        gradient = transposed @ (share[:, None] * (np.exp(logs) - goal)) + ridge * rows
        value = -(share[:, None] * goal * logs).sum() + 0.5 * (ridge * rows**2).sum()
        return float(value), gradient.ravel()

    start = np.zeros(shape).ravel()
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x).reshape(shape)


def _log_softmax(logits: Floats) -> Floats:
    top = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(top - np.log(np.exp(top).sum(axis=1, keepdims=True)))
