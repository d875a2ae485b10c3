"""Who else is in a text: suggestions of what to take out, for a person to decide.

Known people are looked up (one Aho-Corasick automaton over the register's names, as letters alone); others are seen
by their form: titles, relations, addresses, numbers. The person asked about is never suggested. Nothing here decides:
what is about an officer or a professional at work is usually given (DPA 2018 Sch. 2 Pt 3 para. 17), and says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick

from vault.export.folding import Folded, folded
from vault.export.sought import Sought

WORKER = "at work"
"""The end of why, where it is usually given."""
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Known:
    """A text that points at somebody else; ``why`` says who, without the name: "carer", "person in the register"."""

    text: str
    why: str
    capital: bool = False
    """Whether it only counts with a capital letter: first names, which may be words ("Grace", "Mark")."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text to think about, how often it stands there, and why."""

    text: str
    why: str
    times: int


_Span = tuple[int, int, str, str]
"""Start, end, why, and the name as the register has it; empty for what was seen by its form."""
_HYPHEN = re.compile("[\ufffe\x02\u00ad]")
"""What readers leave of a hyphen at the end of a line."""
_NAME = r"[A-Z][\w'\u2019-]+"
_NAMES = rf"{_NAME}(?:[ ]{_NAME}){{0,2}}"
_TITLE = r"(?:Mrs?|Ms|Miss|Mx|Dr|Prof(?:essor)?|Sir|Dame|Rev(?:erend)?|Sister|Nurse|PC|DC|Cllr|Judge)"
_TITLED = re.compile(rf"^{_TITLE}\.?[ ]")
_RELATION = (
    r"(?:mother|father|mum|dad|brother|sister|son|daughter|aunt|uncle|cousin|niece|nephew|grand\w+|wife|husband|"
    r"partner|boyfriend|girlfriend|friend|neighbour|carer|housemate|flatmate)"
)
_NO_NAMES = re.compile(rf"(?i:{_RELATION}|family|other|name|yes|no)")
_STREET = (
    r"(?:Road|Street|Lane|Close|Avenue|Drive|Way|Court|Crescent|Place|Gardens|Terrace|Grove|Hill|Square|Yard|Mews)"
)
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("e-mail address", re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")),
    ("phone number", re.compile(r"(?<![\w+])(?:\+44[ ]?(?:\(0\))?|\(?0)\d(?:[ ()-]{0,2}\d){8,9}(?!\d)")),
    ("postcode", re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}\b")),
    ("street address", re.compile(rf"\b\d{{1,4}}[A-Za-z]?,?[ ](?:{_NAME}[ ]){{1,3}}?{_STREET}\b")),
    ("NHS number", re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")),
    ("National Insurance number", re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2}[ ]?(?:\d{2}[ ]?){3}[A-D]\b")),
    ("a name with a title", re.compile(rf"\b{_TITLE}\.?[ ](?:[A-Z]\.?[ ]?){{0,2}}{_NAME}(?:[ -]{_NAME})?")),
    ("family or friend", re.compile(rf"\b(?i:{_RELATION}),?[ ](?P<name>{_NAMES})")),
)


class ThirdParties:
    """Finds them. Built once a case; ``sought`` is left alone, and so is whatever is only theirs."""

    def __init__(self, known: Iterable[Known], sought: Sought) -> None:
        self._sought = sought
        self._automaton = ahocorasick.Automaton()
        self._any = False
        for each in known:
            letters = folded(each.text)
            if len(letters) >= _SHORTEST and not sought.is_own(each.text):
                self._automaton.add_word(letters, each)
                self._any = True
        if self._any:
            self._automaton.make_automaton()

    def suggest(self, texts: Iterable[str]) -> list[Suggestion]:
        """What stands in these texts, each wording once; what lies wholly inside a longer one only by itself."""
        times: Counter[str] = Counter()
        shown: dict[str, tuple[str, str]] = {}
        for text in texts:
            for start, end, why, name in _outermost([*self._known(text), *self._by_form(text)]):
                words = name or " ".join(_HYPHEN.sub("", text[start:end]).split())
                key = folded(words)
                if key and not self._sought.is_own(words):
                    times[key] += 1
                    shown.setdefault(key, (words, f"{why}: may be the person" if self._namesake(words) else why))
        return [Suggestion(*shown[key], count) for key, count in times.items()]

    def _known(self, text: str) -> Iterator[_Span]:
        if not self._any:
            return
        read = Folded.of(text)
        found: set[str] = {folded(known.text) for _, known in self._automaton.iter(read.letters)}
        for known in (self._automaton.get(letters) for letters in found):
            for start, end in read.find(known.text):
                if not known.capital or text[start].isupper():
                    yield start, end, known.why, known.text

    @staticmethod
    def _by_form(text: str) -> Iterator[_Span]:
        for why, form in _FORMS:
            for found in form.finditer(text):
                named = "name" in form.groupindex
                if not (named and _NO_NAMES.fullmatch(found["name"])):  # "Friend Family", as forms have it
                    yield (*found.span("name" if named else 0), why, "")

    def _namesake(self, words: str) -> bool:
        """A title with the person's surname: they themselves, or a sister. That is for the reader."""
        bare = _TITLED.sub("", words)
        return bare != words and folded(bare) in self._sought.surnames


def _outermost(spans: list[_Span]) -> Iterator[_Span]:
    """Longest first; of two of one length the one that was looked up, which comes first."""
    taken: list[tuple[int, int]] = []
    for start, end, why, name in sorted(spans, key=lambda s: s[0] - s[1]):
        if not any(first <= start and end <= last for first, last in taken):
            taken.append((start, end))
            yield start, end, why, name
