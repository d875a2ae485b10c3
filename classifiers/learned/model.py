"""The model: a weight for each word and category, and the file that holds them.

Purpose: multinomial logistic regression over tf-idf of words (13 kinds: twelve categories, and "not confidential"), as
plain JSON that people can read and that nothing can execute. Trust: the file is ours or the operator's, checked whole,
with a digest. Failure: ``ConfigurationError``: a reader without its model would pass what it should hold.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from classifiers.learned.terms import Seen
from domain.errors import ConfigurationError
from domain.model import Category

FORMAT = "sallyport-model-3"
KINDS: tuple[Category | None, ...] = (*Category, None)
"""The columns of every row of weights; None is "not confidential"."""
SCALE = 1000.0
"""Weights are whole thousandths in the file."""
_FINITE = 1e6


@dataclass(frozen=True, slots=True)
class Joint:
    """How model and rules are weighed together: see ``joining``. All are logits or factors of logits.

    ``nobody`` is what speaks for "not confidential" where a text speaks of no one person.
    """

    model: float
    rules: float
    none: float
    lean: float
    nobody: float = 0.0


@dataclass(frozen=True, slots=True)
class Brief:
    """What a mail of a line or two is judged by: see ``brief``.

    ``rows`` map a term to its inverse document frequency and its weight, ``topics`` a sign that is no word of its own
    to its weight. All weights speak for "confidential". Without rows it says nothing.
    """

    intercept: float = 0.0
    rows: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    topics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weighed:
    """``logits`` in the order of ``KINDS``, ``amounts`` by which each known term counts.

    ``said`` is 1 for a text long enough to be judged by its words, less for a shorter one, 0 where no word is known.
    """

    logits: tuple[float, ...]
    amounts: Mapping[str, float]
    said: float


@dataclass(frozen=True, slots=True)
class Model:
    """``rows`` map a term to its inverse document frequency and its weights in the order of ``KINDS``.

    ``floor`` is the length of the tf-idf vector below which a text has said too little to be judged by its words alone.
    """

    name: str
    floor: float
    intercepts: tuple[float, ...]
    joint: Joint
    rows: Mapping[str, tuple[float, tuple[float, ...]]]
    brief: Brief = Brief()

    def weighed(self, seen: Seen) -> Weighed:
        """What the words of a text say."""
        found = {t: (1.0 + math.log(n)) * self.rows[t][0] for t, n in seen.counts.items() if t in self.rows}
        length = math.sqrt(sum(v * v for v in found.values()))
        amounts = {term: value / length for term, value in found.items()}
        sums = list(self.intercepts)
        for term, amount in amounts.items():
            for kind, weight in enumerate(self.rows[term][1]):
                sums[kind] += amount * weight
        return Weighed(tuple(sums), amounts, min(1.0, length / self.floor))

    def speaks(self, term: str, kind: Category) -> float:
        """How much more a known word weighs for this kind than for all kinds on average."""
        weights = self.rows[term][1]
        return weights[KINDS.index(kind)] - sum(weights) / len(weights)


def dump(model: Model, about: Mapping[str, Any]) -> bytes:
    """The file: one term a line, so that a change can be read. ``about`` says how it was trained."""
    head = {
        "format": FORMAT,
        "name": model.name,
        "about": dict(about),
        "kinds": [kind.value if kind else "not-confidential" for kind in KINDS],
        "floor": model.floor,
        "intercepts": list(model.intercepts),
        "joint": {
            "model": model.joint.model,
            "rules": model.joint.rules,
            "none": model.joint.none,
            "lean": model.joint.lean,
            "nobody": model.joint.nobody,
        },
    }
    brief = {"intercept": model.brief.intercept, "topics": dict(sorted(model.brief.topics.items()))}
    terms = _lines({term: (idf, *weights) for term, (idf, weights) in model.rows.items()})
    text = json.dumps(head, indent=1)[:-2] + f',\n "brief": {json.dumps(brief)},\n "terms": {terms}'
    text += f',\n "brief-terms": {_lines(model.brief.rows)}'
    return f'{text},\n "sha256": "{hashlib.sha256(text.encode()).hexdigest()}"\n}}\n'.encode()


def _lines(rows: Mapping[str, tuple[float, ...]]) -> str:
    """An object with a term a line, its numbers as thousandths."""
    lines = [f"{json.dumps(t, ensure_ascii=False)}: {json.dumps([*map(_thousandths, rows[t])])}" for t in sorted(rows)]
    return "{\n" + ",\n".join(lines) + "\n}"


def _thousandths(value: float) -> int:
    return round(value * SCALE)


def parse(content: bytes) -> Model:
    """The model in such a file. Raises ``ConfigurationError``."""
    try:
        return _checked(content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        public = "The classifier's model is damaged; put back the file, or train it again."
        raise ConfigurationError("model file", public=public) from error


def _checked(content: bytes) -> Model:
    said: dict[str, Any] = json.loads(content)
    if said["sha256"] != hashlib.sha256(content.rpartition(b',\n "sha256": ')[0]).hexdigest():
        raise ValueError("digest")
    if said["format"] != FORMAT or said["kinds"] != [kind.value if kind else "not-confidential" for kind in KINDS]:
        raise ValueError("format")
    model = Model(
        str(said["name"]),
        float(said["floor"]),
        _numbers(said["intercepts"], len(KINDS)),
        Joint(**{name: _number(value) for name, value in said["joint"].items()}),
        {term: _row(row) for term, row in said["terms"].items()},
        _brief(said["brief"], said["brief-terms"]),
    )
    if not model.rows or not 0 < model.floor < _FINITE:
        raise ValueError("nothing in it")
    return model


def _brief(said: Mapping[str, Any], rows: Mapping[str, Sequence[int]]) -> Brief:
    pairs = {term: _numbers(row, 2) for term, row in rows.items()}
    return Brief(
        _number(said["intercept"]),
        {term: (idf / SCALE, weight / SCALE) for term, (idf, weight) in pairs.items()},
        {topic: _number(weight) for topic, weight in said["topics"].items()},
    )


def _row(row: Sequence[int]) -> tuple[float, tuple[float, ...]]:
    idf, *weights = _numbers(row, len(KINDS) + 1)
    return idf / SCALE, tuple(weight / SCALE for weight in weights)


def _numbers(values: Sequence[float], count: int) -> tuple[float, ...]:
    if len(values) != count:
        raise ValueError("columns")
    return tuple(_number(value) for value in values)


def _number(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_FINITE < value < _FINITE:
        raise ValueError("number")
    return float(value)


def shipped() -> bytes:
    """The model that comes with Sallyport. Raises ``ConfigurationError`` where it has gone."""
    try:
        return files("classifiers.learned").joinpath("model.json").read_bytes()
    except OSError as error:
        public = "The classifier's model that comes with Sallyport is missing; install Sallyport again."
        raise ConfigurationError("model missing", public=public) from error
