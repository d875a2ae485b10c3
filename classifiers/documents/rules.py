"""The care document classes by weighted phrases.

Purpose: for each category, how likely a document is one, and by which words. Trust: hostile text; linear work.
Failure: none; no evidence is no finding.

The formula: ``likelihood = 1 / (1 + exp(-(BIAS + titles + headings + fields + phrases + person - general - blank)))``, each sum
capped, each phrase counted once. So a title alone stays below one half, prose that mentions a title stays far below, and a title
over filled fields, or four clinical headings over clinical phrases, come out above.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from classifiers.documents.layout import Form, Standing, standing
from classifiers.documents.lexicon import Hit, Role, Use, hits
from domain.model import Category, Evidence, Finding, PageText

BIAS = -3.2
_TITLE_ZONE = 900
_WEIGHTS = {
    "title": 2.6,
    "title-later": 1.3,
    "title-mentioned": 0.25,
    "heading": 0.85,
    "heading-common": 0.35,
    "field": 0.65,
    "phrase": 0.4,
    "strong": 1.6,
}
_CAPS = {"title": 3.4, "heading": 3.6, "field": 2.6, "phrase": 2.4, "strong": 3.2}
_PERSON, _PERSON_CAP, _PERSON_NEEDS = 0.6, 1.8, 1.2
_GENERAL, _GENERAL_CAP = 1.5, 2.5
_BLANK_LEAST, _BLANK_SHARE, _BLANK = 3, 0.6, 3.0
_SAME_PERSON = 2
_SHOWN = 8
_WORTH_SAYING = 0.05


@dataclass(slots=True)
class _Seen:
    """What a category has for itself: best weight and evidence a phrase, by kind."""

    best: dict[tuple[str, str], tuple[float, Evidence]] = field(default_factory=dict)

    def add(self, kind: str, phrase: str, weight: float, evidence: Evidence) -> None:
        key = (kind, phrase)
        if key not in self.best or self.best[key][0] < weight:
            self.best[key] = (weight, evidence)

    def total(self) -> float:
        """The capped sum. A phrase that is both heading and field counts as the better of them."""
        once: dict[str, tuple[float, str]] = {}
        for (kind, phrase), (weight, _) in self.best.items():
            if phrase not in once or once[phrase][0] < weight:
                once[phrase] = (weight, kind)
        sums: dict[str, float] = {}
        for weight, kind in once.values():
            sums[kind] = sums.get(kind, 0.0) + weight
        return sum(min(amount, _CAPS[kind]) for kind, amount in sums.items())

    def evidence(self) -> tuple[Evidence, ...]:
        ranked = sorted(self.best.values(), key=lambda pair: -pair[0])
        return tuple(dict.fromkeys(e for _, e in ranked))[:_SHOWN]


@dataclass(slots=True)
class Tally:
    """What one document shows, over all its pages."""

    seen: dict[Category, _Seen] = field(default_factory=dict)
    person: dict[str, Evidence] = field(default_factory=dict)
    general: dict[str, Evidence] = field(default_factory=dict)
    health: dict[str, Evidence] = field(default_factory=dict)
    filled: int = 0
    empty: int = 0

    @property
    def blank_form(self) -> bool:
        """Most of its fields are empty."""
        return self.empty >= _BLANK_LEAST and self.empty >= _BLANK_SHARE * (self.empty + self.filled)


def tally(pages: Sequence[PageText]) -> Tally:
    """Count everything the pages of one document show."""
    result = Tally()
    for page in pages:
        fields: dict[int, bool] = {}
        for hit in hits(page.text):
            _count(result, page, hit, standing(page.text, hit.start, hit.end), fields)
        result.filled += sum(fields.values())
        result.empty += len(fields) - sum(fields.values())
    return result


def likelihoods(result: Tally, lifts: dict[Category, float] | None = None) -> dict[Category, float]:
    """Each category's likelihood. ``lifts`` are weights from elsewhere, such as a file name that says the same."""
    found = {}
    for category in {*result.seen, *(lifts or {})}:
        own = result.seen[category].total() if category in result.seen else 0.0
        lifted = own + (lifts or {}).get(category, 0.0)
        person = min(_PERSON * len(result.person), _PERSON_CAP) if own >= _PERSON_NEEDS else 0.0
        found[category] = logistic(BIAS + lifted + person - _general(result) - (_BLANK if result.blank_form else 0.0))
    return found


def classify(pages: Sequence[PageText], lifts: dict[Category, float] | None = None) -> tuple[Finding, ...]:
    """The findings of one document, likeliest first. Empty for no pages or no evidence."""
    if not pages:
        return ()
    return findings(pages[0].part, tally(pages), lifts)


def findings(part: str, result: Tally, lifts: dict[Category, float] | None = None) -> tuple[Finding, ...]:
    """Findings out of a tally; what has no evidence in this part, or next to no likelihood, is not said."""
    scores = likelihoods(result, lifts)
    said = [
        Finding(part, category, round(score, 4), (*result.seen[category].evidence(), *_persons(result))[: _SHOWN + 2])
        for category, score in scores.items()
        if score >= _WORTH_SAYING and category in result.seen
    ]
    return tuple(sorted(said, key=lambda f: (-f.likelihood, f.category)))


def logistic(score: float) -> float:
    """Between 0 and 1."""
    return 1.0 / (1.0 + math.exp(-score))


def _count(result: Tally, page: PageText, hit: Hit, how: Standing, fields: dict[int, bool]) -> None:
    for use in hit.uses:
        if use.role in {Role.LABEL, Role.PERSON, Role.HEADING} and how.form in {Form.FILLED, Form.EMPTY}:
            fields[hit.start] = fields.get(hit.start, False) or how.form is Form.FILLED
        if use.category is not None:
            _weigh(result.seen.setdefault(use.category, _Seen()), page, hit, use, how)
        elif use.role is Role.PERSON and how.form is Form.FILLED:
            result.person.setdefault(hit.phrase, _evidence(page, hit, "field", how.value))
        elif use.role is Role.GENERAL and how.form is Form.LINE and page.page == 1 and hit.start < _TITLE_ZONE:
            result.general.setdefault(hit.phrase, _evidence(page, hit, "general"))
        elif use.role is Role.HEALTH:
            result.health.setdefault(hit.phrase, _evidence(page, hit, "health-word"))


def _weigh(seen: _Seen, page: PageText, hit: Hit, use: Use, how: Standing) -> None:
    """Add what this use of the phrase is worth as it stands."""
    if use.role is Role.TITLE:
        kind = "title-mentioned"
        if how.form in {Form.LINE, Form.FILLED}:
            kind = "title" if page.page == 1 and hit.start < _TITLE_ZONE else "title-later"
        seen.add("title", hit.phrase, _WEIGHTS[kind], _evidence(page, hit, "title"))
    elif use.role is Role.HEADING and _heads(how):
        seen.add("heading", hit.phrase, _WEIGHTS["heading-common" if use.weak else "heading"], _evidence(page, hit, "heading"))
    elif use.role is Role.LABEL and how.form is Form.FILLED:
        seen.add("field", hit.phrase, _WEIGHTS["field"], _evidence(page, hit, "field", how.value))
    elif use.role in {Role.PHRASE, Role.STRONG}:
        kind = "phrase" if use.role is Role.PHRASE else "strong"
        seen.add(kind, hit.phrase, _WEIGHTS[kind], _evidence(page, hit, kind))


def _heads(how: Standing) -> bool:
    """Whether a phrase heads something: alone on its line, or before a colon with something after it."""
    return how.form is Form.FILLED or (how.form is Form.LINE and how.first and how.rest <= 2)  # noqa: PLR2004 - "of the person"


def _general(result: Tally) -> float:
    """Against what is written for everyone; not against a document with a named person's fields filled in."""
    if len(result.person) >= _SAME_PERSON or not result.general:
        return 0.0
    return min(_GENERAL + 0.5 * (len(result.general) - 1), _GENERAL_CAP)


def _persons(result: Tally) -> Iterable[Evidence]:
    return list(result.person.values())[:2]


def _evidence(page: PageText, hit: Hit, kind: str, value: str = "") -> Evidence:
    text = page.text[hit.start : hit.end]
    rule = f"{kind}:{hit.phrase.replace(' ', '-')}"
    return Evidence(page.part, page.place, rule, f"{text}: {value}" if value else text, page.page, hit.start, hit.end)
