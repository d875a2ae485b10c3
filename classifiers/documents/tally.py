"""Counts what a document shows: which phrases, how they stand, which fields are filled.

Purpose: one pass over the pages, shared by all document classifiers. Trust: hostile text; linear work. Failure: none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from classifiers.documents.layout import Form, Standing, gaps, standing
from classifiers.documents.lexicon import Hit, Role, Use, hits
from classifiers.documents.persons import spoken_of
from classifiers.documents.turns import apart, within, without
from domain.model import Category, Evidence, PageText

_TITLE_ZONE = 900
"""Characters of the first page in which a title names the whole document."""
WEIGHTS = {
    "title": 2.6,
    "title-later": 1.3,
    "title-mentioned": 0.25,
    "heading": 0.85,
    "heading-common": 0.5,
    "field": 0.65,
    "phrase": 0.45,
    "strong": 1.6,
}
"""What one phrase is worth by how it stands."""
CAPS = {"title": 3.4, "heading": 3.6, "field": 2.6, "phrase": 3.4, "strong": 3.2}
"""The most that all phrases of a kind are worth together."""
_FIELDS = frozenset({Role.LABEL, Role.PERSON, Role.HEADING})
_ANYHOW = frozenset({Role.PHRASE, Role.STRONG, Role.HEALTH})
_PROSE = Standing(Form.PROSE)
_OF_FIELDS, _OF_TITLES = (Form.FILLED, Form.EMPTY), (Form.LINE, Form.FILLED)
"""Tuples: the hash of an enumeration's member is Python's own code."""
_BLANK_LEAST, _BLANK_SHARE, _NAMED = 3, 0.6, 3


@dataclass(slots=True)
class Seen:
    """What a category has for itself: best weight and evidence a phrase, by kind."""

    best: dict[tuple[str, str], tuple[float, Evidence]] = field(default_factory=dict)

    def add(self, kind: str, phrase: str, weight: float, evidence: Callable[[], Evidence]) -> None:
        """Keep the weightier of two sightings of one phrase; the evidence of the other is never made."""
        key = (kind, phrase)
        if key not in self.best or self.best[key][0] < weight:
            self.best[key] = (weight, evidence())

    def total(self) -> float:
        """The capped sum. A phrase that is both heading and field counts as the better of them."""
        once: dict[str, tuple[float, str]] = {}
        for (kind, phrase), (weight, _) in self.best.items():
            if phrase not in once or once[phrase][0] < weight:
                once[phrase] = (weight, kind)
        sums: dict[str, float] = {}
        for weight, kind in once.values():
            sums[kind] = sums.get(kind, 0.0) + weight
        return sum(min(amount, CAPS[kind]) for kind, amount in sums.items())

    def mark(self) -> float:
        """What is the category's own: all but fields, since many kinds of form share those."""
        return sum(weight for (kind, _), (weight, _) in self.best.items() if kind != "field")

    def titled(self) -> bool:
        """Whether a title, standing as one, names this category."""
        return any(kind == "title" and weight >= WEIGHTS["title-later"] for (kind, _), (weight, _) in self.best.items())

    def evidence(self) -> tuple[Evidence, ...]:
        """All of it, weightiest first."""
        ranked = sorted(self.best.values(), key=lambda pair: -pair[0])
        return tuple(dict.fromkeys(e for _, e in ranked))


@dataclass(slots=True)
class Tally:
    """What one document shows, over all its pages."""

    seen: dict[Category, Seen] = field(default_factory=dict)
    person: dict[str, Evidence] = field(default_factory=dict)
    general: dict[str, Evidence] = field(default_factory=dict)
    health: dict[str, Evidence] = field(default_factory=dict)
    filled: int = 0
    empty: int = 0
    spoken: bool = False
    """Whether its sentences speak of one person."""

    @property
    def blank_form(self) -> bool:
        """Most of its fields are empty, and nobody is named in it."""
        mostly = self.empty >= _BLANK_LEAST and self.empty >= _BLANK_SHARE * (self.empty + self.filled)
        return mostly and len(self.person) < _NAMED


def tally(pages: Sequence[PageText]) -> Tally:
    """Count everything the pages of one document show."""
    result = Tally()
    for page in pages:
        fields: dict[int, bool] = {}
        asides = apart(page.text).asides
        for hit in hits(page.text):
            _count(result, page, _no_news(hit) if asides and within(hit.start, asides) else hit, fields)
        result.spoken = result.spoken or spoken_of(without(page.text, asides))
        result.filled += sum(fields.values())
        result.empty += max(len(fields) - sum(fields.values()), gaps(page.text))
    return result


def _no_news(hit: Hit) -> Hit:
    """In a signature or a notice a word of private life is the writer's post, or nobody's."""
    return replace(hit, uses=tuple(use for use in hit.uses if use.role is not Role.HEALTH))


def _count(result: Tally, page: PageText, hit: Hit, fields: dict[int, bool]) -> None:
    # However a phrase of these roles stands, it counts alike; to look costs most of what counting does.
    anyhow = all(use.role in _ANYHOW for use in hit.uses)
    how = _PROSE if anyhow else standing(page.text, hit.start, hit.end)
    for use in hit.uses:
        if use.role in _FIELDS and how.marked and how.form in _OF_FIELDS:
            fields[hit.start] = fields.get(hit.start, False) or how.form is Form.FILLED
        if use.category is not None:
            if use.category not in result.seen:
                result.seen[use.category] = Seen()
            _weigh(result.seen[use.category], page, hit, use, how)
        elif use.role is Role.PERSON and how.form is Form.FILLED:
            _keep(result.person, page, hit, "field", how.value)
        elif use.role is Role.GENERAL and _stands_alone(how) and page.page == 1 and hit.start < _TITLE_ZONE:
            _keep(result.general, page, hit, "general")
        elif use.role is Role.HEALTH:
            _keep(result.health, page, hit, "health-word")


def _weigh(seen: Seen, page: PageText, hit: Hit, use: Use, how: Standing) -> None:
    """Add what this use of the phrase is worth as it stands."""
    if use.role is Role.TITLE:
        kind = "title-mentioned"
        if how.form in _OF_TITLES:
            kind = "title" if page.page == 1 and hit.start < _TITLE_ZONE else "title-later"
        seen.add("title", hit.phrase, WEIGHTS[kind], partial(_evidence, page, hit, "title"))
    elif use.role is Role.HEADING and _heads(how):
        weight = WEIGHTS["heading-common" if use.weak else "heading"]
        seen.add("heading", hit.phrase, weight, partial(_evidence, page, hit, "heading"))
    elif use.role is Role.LABEL and how.form is Form.FILLED:
        seen.add("field", hit.phrase, WEIGHTS["field"], partial(_evidence, page, hit, "field", how.value))
    elif use.role in {Role.PHRASE, Role.STRONG}:
        kind = "phrase" if use.role is Role.PHRASE else "strong"
        seen.add(kind, hit.phrase, WEIGHTS[kind], partial(_evidence, page, hit, kind))


def _stands_alone(how: Standing) -> bool:
    return how.form is Form.LINE or (how.form is Form.FILLED and not how.marked)


def _heads(how: Standing) -> bool:
    """Whether a phrase heads something: alone on its line, or before a colon with something after it."""
    return (how.form is Form.FILLED and how.marked) or (how.form is Form.LINE and how.first and how.rest <= 2)  # noqa: PLR2004 - "of the person"


def _keep(seen: dict[str, Evidence], page: PageText, hit: Hit, kind: str, value: str = "") -> None:
    """The first sighting of a phrase."""
    if hit.phrase not in seen:
        seen[hit.phrase] = _evidence(page, hit, kind, value)


def _evidence(page: PageText, hit: Hit, kind: str, value: str = "") -> Evidence:
    text = page.text[hit.start : hit.end]
    rule = f"{kind}:{hit.phrase.replace(' ', '-')}"
    return Evidence(page.part, page.place, rule, f"{text}: {value}" if value else text, page.page, hit.start, hit.end)
