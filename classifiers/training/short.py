"""Fits what judges mails of a line or two: see ``classifiers.learned.brief``.

Purpose: logistic regression with a ridge over words and signs, short texts counting fully, longer ones a little; then
one scale, chosen on short texts of sources that the weights had not seen. Trust: labelled files. Failure:
``LabelError`` from the vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit

from classifiers.learned import brief as judging
from classifiers.learned.model import Brief
from classifiers.learned.terms import terms
from classifiers.training.counting import Counted, vocabulary
from classifiers.training.fitting import document_of

Floats = NDArray[np.float64]
RIDGE = 5e-5
LONG = 0.2
"""The weight of a longer text: its words tell of private life, too, but it is another kind of writing."""
FALSE_ALARMS, FALSE_ALARMS_NAMED = 0.04, 0.08
"""The shares of unseen harmless short texts that may reach one half, and a quarter (which counts where somebody of the
register is named). A good half of those that teach are twins of confidential ones; of ordinary mails it is less."""
_LEAST_SOURCES, _LEAST_DOCUMENTS = 3, 2
_STEPS = 300
_ABOVE, _QUARTER = 0.001, math.log(3.0)
_LEAST_APART = 0.2
"""Where few texts lie between the two thresholds they say nothing about the slope."""


@dataclass(frozen=True, slots=True)
class Told:
    """A text, what it shows besides its words, and how much it counts."""

    counted: Counted
    shown: dict[str, float]
    weight: float

    @property
    def short(self) -> bool:
        """Whether it is what this is for."""
        return judging.is_short(self.counted.seen)


@dataclass(frozen=True, slots=True)
class Scale:
    """``slope`` times what is above ``half``: odds as the policy's thresholds want them."""

    half: float
    slope: float

    def odds(self, odds: float) -> float:
        """The same as the shipped model would have it."""
        return self.slope * (odds - self.half)

    def brief(self, fitted: Brief) -> Brief:
        """The model whose odds are these."""
        rows = {term: (idf, weight * self.slope) for term, (idf, weight) in fitted.rows.items()}
        topics = {sign: round(weight * self.slope, 3) for sign, weight in fitted.topics.items()}
        return Brief(round(self.odds(fitted.intercept), 4), rows, topics)


def told(counted: Iterable[Counted], weights: Iterable[float]) -> list[Told]:
    """The same texts as this part of the training counts them."""
    return [_told(one, weight) for one, weight in zip(counted, weights, strict=True)]


def _told(one: Counted, weight: float) -> Told:
    """Of a mail what its writer wrote, as it will be judged: of several turns the longest bears the label."""
    turn = max((turn for turn, _ in judging.turns(document_of(one))), key=lambda d: len(d.pages[0].text), default=None)
    own = Counted(one.document, terms(turn.pages)) if turn and len(turn.pages) == 1 else one
    short = judging.is_short(own.seen)
    return Told(own, judging.signs(turn or document_of(one), own.seen), 1.0 if short else LONG * weight)


def fit(texts: Sequence[Told], names: frozenset[str]) -> Brief:
    """Weights of words and signs."""
    idf = vocabulary([one.counted for one in texts], _LEAST_DOCUMENTS, names).idf
    unfitted = Brief(0.0, {term: (value, 0.0) for term, value in idf.items()})
    matrix = _matrix(texts, unfitted)
    confidential = np.array([1.0 if one.counted.document.confidential else -1.0 for one in texts])
    weights = _ridge(matrix, confidential, np.array([one.weight for one in texts]))
    rows = {term: (value, float(weights[at])) for at, (term, value) in enumerate(idf.items())}
    signs = {sign: round(float(weights[len(idf) + at]), 3) for at, sign in enumerate(judging.SIGNS)}
    return Brief(round(float(weights[-1]), 4), rows, signs)


def unseen(texts: Sequence[Told], names: frozenset[str]) -> list[tuple[Told, float]]:
    """Each short text with its odds by a model that was fitted on all other sources."""
    found = []
    for source in sorted({one.counted.document.source for one in texts if one.short}):
        fitted = fit([one for one in texts if one.counted.document.source != source], names)
        own = [one for one in texts if one.short and one.counted.document.source == source]
        found += [(one, judging.odds(one.counted.seen, one.shown, fitted)) for one in own]
    return found


def scaled(judged: Sequence[tuple[Told, float]]) -> Scale:
    """So that one half and a quarter are reached by no more unseen harmless texts than may."""
    harmless = sorted((odds for one, odds in judged if not one.counted.document.confidential), reverse=True)
    half, quarter = (harmless[int(share * len(harmless))] for share in (FALSE_ALARMS, FALSE_ALARMS_NAMED))
    return Scale(half + _ABOVE, _QUARTER / max(half - quarter, _LEAST_APART))


def enough(texts: Iterable[Told]) -> bool:
    """Whether three sources have short texts of both kinds, so that each can be judged by the others."""
    shorts = [one.counted.document for one in texts if one.short]
    both = [{one.source for one in shorts if one.confidential is said} for said in (True, False)]
    return len(both[0] & both[1]) >= _LEAST_SOURCES


def _matrix(texts: Sequence[Told], brief: Brief) -> csr_matrix:
    """One row a text: its words as ``brief.amounts`` has them, its signs, and 1."""
    columns = {term: at for at, term in enumerate((*brief.rows, *judging.SIGNS))}
    values, indices, starts = list[float](), list[int](), [0]
    for one in texts:
        found = {**judging.amounts(one.counted.seen, brief), **one.shown}
        values += [*found.values(), 1.0]
        indices += [*(columns[name] for name in found), len(columns)]
        starts.append(len(values))
    return csr_matrix((values, indices, starts), shape=(len(texts), len(columns) + 1))


def _ridge(matrix: csr_matrix, sides: Floats, weights: Floats) -> Floats:
    """The weights, the intercept last and without a ridge. ``sides`` are 1 and -1."""
    share, transposed = weights / weights.sum(), matrix.T.tocsr()
    ridge = np.full(matrix.shape[1], RIDGE)
    ridge[-1] = 0.0

    def loss(row: Floats) -> tuple[float, Floats]:
        margins = sides * (matrix @ row)
        gradient = -(transposed @ (share * sides * expit(-margins))) + ridge * row
        return float((share * np.logaddexp(0.0, -margins)).sum() + 0.5 * (ridge * row**2).sum()), gradient

    start = np.zeros(matrix.shape[1])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x)
