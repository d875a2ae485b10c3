"""Which registered forms a document holds, and whether anything has been written into them.

Purpose: a filled form is known by its own words whatever was put between them; a blank one by there being nothing
else. Trust: hostile text; linear in the text and in the number of forms that share words with it. Failure: none.

A form is there when the document holds at least 0.3 of its word triples (0.2 of them in text out of OCR). It is filled
when, from the first of its words to the last, some word stands more often than in the blank: one name in a box is
enough. A document is blank when that is so of none of its words at all. In between, a blank inside other words, this
layer says nothing and the others judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from classifiers.forms.form import Form
from classifiers.forms.shingles import SIZE, Token, shingles, tokens
from domain.model import Evidence, PageText

CONTAINMENT, CONTAINMENT_OCR = 0.3, 0.2
"""The share of a form's triples that tells it (Broder 1997 calls it containment)."""
_SURE = 0.6
_LEAST_LIKELY, _LIKELIEST = 0.75, 0.97
_SHORT, _SPECK = 5, 2
_MISREAD = 1
_MOST_STRANGE = 500
_SHOWN, _LONG = 6, 160


@dataclass(frozen=True, slots=True)
class Match:
    """A form in a document. ``filled`` is what was written into it, ``recognised`` its longest runs of words."""

    form: Form
    containment: float
    recognised: tuple[Evidence, ...]
    filled: tuple[Evidence, ...]

    @property
    def likelihood(self) -> float:
        """Of being a filled copy: from 0.75 at the least share that counts to 0.97 at six tenths."""
        sure = min(1.0, max(0.0, (self.containment - CONTAINMENT) / (_SURE - CONTAINMENT)))
        return round(_LEAST_LIKELY + (_LIKELIEST - _LEAST_LIKELY) * sure, 4)


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms in one document, best first. ``blank``: there are some, and not a word besides theirs."""

    matches: tuple[Match, ...] = ()
    blank: bool = False


@dataclass(frozen=True, slots=True)
class _Text:
    """A document's words, and which of them each form explains."""

    pages: Sequence[PageText]
    tokens: Sequence[Token]
    hashes: Sequence[int]
    scanned: bool


def in_order(pages: Sequence[PageText]) -> tuple[tuple[PageText, ...], tuple[PageText, ...]]:
    """A document's pages, and what its file says beside them: properties, settings, colour profiles.

    Readers say the pages in order, and after them, under an earlier number, whatever belongs to none. What was read
    from a picture belongs to its page.
    """
    last, along, beside = 0, list[PageText](), list[PageText]()
    for page in pages:
        (along if page.page > last or page.pictured else beside).append(page)
        last = max(last, page.page)
    return tuple(along), tuple(beside)


class FormBook:
    """All registered forms, indexed. An empty one knows none."""

    def __init__(self, forms: Sequence[Form] = ()) -> None:
        self.forms = tuple(forms)
        self._holders: dict[int, list[int]] = {}
        for number, form in enumerate(self.forms):
            for shingle in form.shingles:
                self._holders.setdefault(shingle, []).append(number)

    def read(self, pages: Sequence[PageText], *, scanned: bool = False) -> Forms:
        """The forms in these pages of one document. What one explains does not count for another."""
        if not self.forms:
            return Forms()
        listed = tokens(pages)
        text = _Text(pages, listed, shingles(token.word for token in listed), scanned)
        chosen = list(self._chosen(text))
        if not chosen:
            return Forms()
        allowed: Counter[str] = Counter()
        for form, _ in chosen:
            allowed.update(_printed(form, text))
        blank = not _added(listed, allowed, scanned=scanned)
        return Forms(tuple(_match(form, share, text, allowed) for form, share in chosen), blank)

    def _chosen(self, text: _Text) -> Iterator[tuple[Form, float]]:
        shared: dict[int, set[int]] = {}
        for shingle in set(text.hashes) & self._holders.keys():
            for number in self._holders[shingle]:
                shared.setdefault(number, set()).add(shingle)
        least = CONTAINMENT_OCR if text.scanned else CONTAINMENT
        explained: set[int] = set()
        for number in sorted(shared, key=lambda n: -len(shared[n]) / len(self.forms[n].shingles)):
            form = self.forms[number]
            if len(shared[number] - explained) / len(form.shingles) >= least:
                explained |= shared[number]
                yield form, len(shared[number]) / len(form.shingles)


def _printed(form: Form, text: _Text) -> Counter[str]:
    """How often each word may stand in it unfilled; a document may hold the blank several times."""
    matched = sum(shingle in form.shingles for shingle in text.hashes)
    copies = max(1, round(matched / len(form.shingles)))
    return Counter({word: count * copies for word, count in form.words.items()})


def _match(form: Form, share: float, text: _Text, allowed: Counter[str]) -> Match:
    own = [False] * len(text.tokens)
    for at, shingle in enumerate(text.hashes):
        if shingle in form.shingles:
            own[at : at + SIZE] = [True] * SIZE
    first, last = own.index(True), len(own) - own[::-1].index(True)
    added = _added(text.tokens[first:last], allowed, scanned=text.scanned)
    longest = sorted(_runs(own, first, last), key=lambda run: run[0] - run[1])
    return Match(
        form,
        share,
        tuple(_evidence(text, f"form:{form.name}", run) for run in longest[:2]),
        tuple(_evidence(text, f"filled:{form.name}", run) for run in _written(text, own, added, first, last))[:_SHOWN],
    )


def _written(text: _Text, own: Sequence[bool], added: set[str], first: int, last: int) -> list[tuple[int, int]]:
    """What stands between the form's words and holds a word that is not its; at least those words themselves."""
    between = _runs([not mine for mine in own], first, last)
    boxes = [run for run in between if any(token.word in added for token in text.tokens[run[0] : run[1]])]
    return boxes or _runs([token.word in added for token in text.tokens], first, last)


def _added(region: Sequence[Token], allowed: Counter[str], *, scanned: bool) -> set[str]:
    """The words that stand more often than in the blanks."""
    counted = Counter(token.word for token in region)
    added = {word for word, count in counted.items() if count > allowed[word]}
    if not scanned or len(added) > _MOST_STRANGE:
        return added
    strange = {word for word in added if not _misread(word, allowed)}
    return strange if len(strange) > _MISREAD or any(c.isdigit() for word in strange for c in word) else set()


def _misread(word: str, allowed: Counter[str]) -> bool:
    """Whether OCR may have made it of a form's word: one letter off, two in longer words, or a speck."""
    if any(c.isdigit() for c in word):
        return False
    reach = 1 if len(word) <= _SHORT else 2
    return len(word) <= _SPECK or any(
        Levenshtein.distance(word, own, score_cutoff=reach) <= reach for own in allowed if own != word
    )


def _runs(marked: Sequence[bool], first: int, last: int) -> list[tuple[int, int]]:
    """Stretches of marked tokens between these two, as token numbers."""
    runs: list[tuple[int, int]] = []
    for at in range(first, last):
        if marked[at]:
            runs[-1:] = [(runs[-1][0], at + 1)] if runs and runs[-1][1] == at else [*runs[-1:], (at, at + 1)]
    return runs


def _evidence(text: _Text, rule: str, run: tuple[int, int]) -> Evidence:
    """The words from one token to another, cut at the end of the page and after 160 characters."""
    begin = text.tokens[run[0]]
    page, end = text.pages[begin.page], begin.end
    for token in text.tokens[run[0] : run[1]]:
        if token.page == begin.page and token.end <= begin.start + _LONG:
            end = token.end
    return Evidence(page.part, page.place, rule, page.text[begin.start : end], page.page, begin.start, end)
