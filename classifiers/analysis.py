"""From parts to an ``Analysis``: the pure function that the worker runs.

Purpose: extract, find identifiers, classify, and let file names and the subject line support what is inside.
Trust: hostile parts; run it in the sandbox. Failure: total; what cannot be read is a finding.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from classifiers.documents import personal, registered, rules
from classifiers.documents.document import NAME_UNREADABLE, Classifier, Document
from classifiers.documents.rules import named
from classifiers.documents.tally import tally
from classifiers.extract import begin, read
from classifiers.extract.reading import Item, Looks, Reading, clean
from classifiers.forms.matching import FormBook, in_order
from classifiers.identifiers import COUNCIL_ID, Identifiers
from classifiers.knowledge import Knowledge
from classifiers.learned import brief, joining
from classifiers.learned.model import Model
from classifiers.limits import Limits
from classifiers.pictured import marked
from domain.model import (
    Analysis,
    Category,
    Evidence,
    Finding,
    Identifier,
    IdentifierKind,
    PageText,
    Part,
    Place,
    Unreadable,
    UnreadableReason,
)

SUBJECT = "subject"
_NAME = "#name"
_FIRES = 0.5
_LIFT = {Place.FILE_NAME: 1.2, Place.SUBJECT_LINE: 0.6}
_SEAM = 120
"""Characters on each side of where a page ends: an identifier and what names it."""
_NAME_ALONE, _NAME_AGREES = 0.4, 0.7


def layers(model: Model) -> tuple[Classifier, ...]:
    """The document classifiers, surest first. The likeliest finding of each category counts."""
    return registered.classify, rules.classify, personal.classify, joining.classifier(model), brief.classifier(model)


class Analyser:
    """Settings of an analysis, built once a process. ``council_id`` is a regular expression.

    ``known_pictures`` are SHA-256 (hexadecimal) of the council's own logos, which pass unread. ``knowledge`` holds the
    council's own blank forms and the model. ``pictures`` reads other pictures; without it they are unreadable.
    ``classifiers`` None are all ``layers``.
    """

    def __init__(
        self,
        council_id: str = COUNCIL_ID,
        limits: Limits | None = None,
        classifiers: Sequence[Classifier] | None = None,
        known_pictures: frozenset[str] = frozenset(),
        knowledge: Knowledge = Knowledge(),  # noqa: B008 - it is frozen
        pictures: Looks | None = None,
    ) -> None:
        if classifiers is not None and not classifiers:
            raise ValueError("no document classifier: everything would pass as harmless")
        self._identifiers = Identifiers(council_id)
        self._limits = limits or Limits()
        self._classifiers = tuple(classifiers) if classifiers else layers(knowledge.learned())
        self._forms = FormBook(knowledge.registered())
        self._known_pictures = frozenset(digest.lower() for digest in known_pictures)
        self._pictures = pictures

    def analyse(self, subject: str, parts: Sequence[Part], *, say_subject: bool = True) -> Analysis:
        """What these parts are.

        ``say_subject`` False leaves the subject line out of the answer, but not out of the judgement.
        """
        if self._pictures:
            self._pictures.begin()
        reading = begin(self._limits, self._known_pictures, self._pictures)
        line = PageText(SUBJECT, Place.SUBJECT_LINE, 1, clean(subject[:10_000]))
        if say_subject and line.text.strip():
            reading.texts.append(line)
        for part in parts:
            read(Item(part.path, part.place, part.declared_type, part.filename, part.content, part.charset), reading)
        return marked(self._judge(line, reading))

    def _judge(self, line: PageText, reading: Reading) -> Analysis:
        identifiers = self._all_identifiers(reading)
        texts = _by_part(reading.texts)
        names = {page.part: named(page) for page in [line, *reading.texts] if page.place in _LIFT}
        pointing = tuple(i.evidence for i in self._identifiers.find(line) if i.kind is IdentifierKind.COUNCIL_ID)
        found: list[Finding] = []
        for part, pages in texts.items():
            if pages[0].place in _LIFT:
                found += self._short(pages, identifiers)
            else:
                own = tuple(i for i in identifiers if i.evidence.part == part)
                along, beside = in_order(pages)
                forms = self._forms.read(along, scanned=any(page.pictured for page in along))
                said = beside if forms.blank else pages
                found += self._run(Document(said, tally(said), own, _lifts(part, names), pointing, forms))
        found += _from_names(names, found, reading.unreadable, set(texts))
        return Analysis(
            texts=tuple(reading.texts),
            findings=tuple(found),
            identifiers=identifiers,
            unreadable=tuple(reading.unreadable),
            disagreements=tuple(reading.disagreements),
            true_types=tuple(reading.true_types),
        )

    def _short(self, pages: tuple[PageText, ...], identifiers: Iterable[Identifier]) -> list[Finding]:
        """A file name or subject line: only what it gives away by itself; what it calls a document comes later."""
        own = tuple(i for i in identifiers if i.evidence.part == pages[0].part)
        return [f for f in self._run(Document(pages, tally(pages), own)) if f.category is Category.OTHER_PERSONAL]

    def _run(self, document: Document) -> list[Finding]:
        """Every classifier's findings, the best of each category; "other" only where nothing better is known."""
        best: dict[Category, Finding] = {}
        for finding in (f for classifier in self._classifiers for f in classifier(document)):
            if finding.category not in best or best[finding.category].likelihood < finding.likelihood:
                best[finding.category] = finding
        if any(f.likelihood >= _FIRES for c, f in best.items() if c is not Category.OTHER_PERSONAL):
            best.pop(Category.OTHER_PERSONAL, None)
        return sorted(best.values(), key=lambda f: (-f.likelihood, f.category))

    def _all_identifiers(self, reading: Reading) -> tuple[Identifier, ...]:
        """Those of all texts. More than the cap is a finding of its own, never a silent cut.

        Of everyday ones (telephone numbers and the like), which decide nothing, only so many are told.
        """
        found: list[Identifier] = []
        everyday: list[Identifier] = []
        for page in reading.texts:
            for identifier in self._identifiers.find(page):
                (everyday if identifier.kind.everyday else found).append(identifier)
            if len(found) > self._limits.identifiers:
                reading.cannot(page.part.removesuffix(_NAME), UnreadableReason.TOO_MANY)
                return tuple(found[: self._limits.identifiers])
        for one, other in itertools.pairwise(reading.texts):
            if one.part == other.part or one.place is other.place is Place.BODY:
                found += (i for i in self._across(one, other) if not i.kind.everyday)
        return (*found, *everyday[: self._limits.identifiers])

    def _across(self, one: PageText, other: PageText) -> list[Identifier]:
        """Those that begin at the end of one page, or of one body, and end in the next; evidence is in the first."""
        start = max(0, len(one.text) - _SEAM)
        tail = one.text[start:].rstrip()
        seam = PageText(one.part, one.place, one.page, f"{tail}\n{other.text[:_SEAM].lstrip()}")
        across = (i for i in self._identifiers.find(seam) if i.evidence.start < len(tail) < i.evidence.end - 1)
        return [replace(i, evidence=_moved(i.evidence, start, len(tail))) for i in across]


def _moved(evidence: Evidence, start: int, end: int) -> Evidence:
    """Evidence in a seam, cut to the page that it begins on."""
    return replace(
        evidence,
        text=evidence.text[: end - evidence.start],
        start=start + evidence.start,
        end=start + end,
    )


def analyse_document(
    content: bytes,
    filename: str = "",
    declared_type: str = "application/octet-stream",
    charset: str = "",
    place: Place = Place.ATTACHMENT,
) -> Analysis:
    """One document, in this process and with the default settings: for tests and fuzzing. Total."""
    return Analyser().analyse("", [Part("1", place, declared_type, filename, content, charset)])


def _by_part(texts: Iterable[PageText]) -> dict[str, tuple[PageText, ...]]:
    parts: dict[str, list[PageText]] = {}
    for page in texts:
        parts.setdefault(page.part, []).append(page)
    return {part: tuple(pages) for part, pages in parts.items()}


def _lifts(part: str, names: Mapping[str, Mapping[Category, Evidence]]) -> dict[Category, float]:
    """What the document's own name, its containers' names and the subject line call it, as weights."""
    lifts: dict[Category, float] = {}
    for name, categories in names.items():
        if name == SUBJECT or _within(part, name.removesuffix(_NAME)):
            weight = _LIFT[Place.SUBJECT_LINE if name == SUBJECT else Place.FILE_NAME]
            lifts.update({c: max(weight, lifts.get(c, 0.0)) for c in categories})
    return lifts


def _within(part: str, container: str) -> bool:
    return part == container or part.startswith(f"{container}/")


def _from_names(
    names: Mapping[str, Mapping[Category, Evidence]],
    found: Sequence[Finding],
    unreadable: Sequence[Unreadable],
    said: set[str],
) -> list[Finding]:
    """What names say. Moderate alone; more where the content says the same, or cannot be read."""
    findings = []
    for name, categories in names.items():
        inside = name.removesuffix(_NAME)
        shut = name != SUBJECT and any(_within(u.part, inside) for u in unreadable)
        for category, evidence in categories.items():
            agrees = any(
                f.category is category and f.likelihood >= _FIRES and (name == SUBJECT or _within(f.part, inside))
                for f in found
            )
            likelihood = _NAME_AGREES if agrees else NAME_UNREADABLE if shut else _NAME_ALONE
            if name in said:
                findings.append(Finding(name, category, likelihood, (evidence,)))
    return findings
