"""A text as the model reads it: its words, and the shapes of its numbers.

Purpose: the same for training and for use. Numbers become shapes ("14/03/1986" is "00/00/0000"), so that no number of
anybody's can come to stand in a model. Trust: hostile text; linear. Failure: none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from classifiers.documents.lexicon import fold
from domain.model import PageText

_TERM = re.compile(r"[^\W\d_]{2,}(?:'[^\W\d_]+)?|\bi\b(?:'[a-z]+)?|\d[\d/.,:-]*\d|\d|£")
_DIGITS = str.maketrans("123456789", "0" * 9)
_LONGEST, _LONGEST_NUMBER = 30, 10

Seen = dict[str, list[tuple[int, int, int]]]
"""Each term with its places: page number in the sequence, start, end."""


def terms(pages: Iterable[PageText]) -> Seen:
    """Every term of a document with where it stands. Single letters but "I", and words longer than 30, are none."""
    seen: Seen = {}
    for number, page in enumerate(pages):
        for term, start, end in _of(fold(page.text)):
            seen.setdefault(term, []).append((number, start, end))
    return seen


def _of(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _TERM.finditer(text):
        word = match[0]
        if word[0].isdigit():
            word = word[:_LONGEST_NUMBER].translate(_DIGITS)
        if len(word) <= _LONGEST:
            yield word, match.start(), match.end()
