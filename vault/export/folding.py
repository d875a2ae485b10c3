"""How texts are compared when something is to be taken out of them: letters and digits alone, without case or accents.

So "07700 900142" is found as "07700-900142", and "Penhaligon" across the end of a line. One way of comparing serves
the suggestions, the black boxes and the proof that nothing is left.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_LONG = 10
"""Letters and digits. So many in a row are no accident inside another word."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A text and its letters; ``at`` is where in the text each letter came from."""

    text: str
    letters: str
    at: Sequence[int] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Folded:
        """Any text."""
        pairs = [(letter, i) for i, char in enumerate(text) for letter in _letters(char)]
        return cls(text, "".join(letter for letter, _ in pairs), [i for _, i in pairs])

    def find(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Start and end, in the text, of each whole-word occurrence; inside words too where ``wanted`` is long."""
        needle = folded(wanted)
        start = self.letters.find(needle) if needle else -1
        while start >= 0:
            first, last = self.at[start], self.at[start + len(needle) - 1]
            if len(needle) >= _LONG or (self._begins(first) and self._ends(last)):
                yield first, last + 1
            start = self.letters.find(needle, start + 1)

    def has(self, wanted: str) -> bool:
        """Whether it is there at all."""
        return next(self.find(wanted), None) is not None

    def _begins(self, first: int) -> bool:
        """A word, or a capital in the middle of one: missing blanks ("MrMartin") must not hide a name."""
        before = self.text[first - 1 : first]
        return not before.isalnum() or (before.islower() and self.text[first].isupper())

    def _ends(self, last: int) -> bool:
        after = self.text[last + 1 : last + 2]
        return not after.isalnum() or (after.isupper() and self.text[last].islower())


def folded(text: str) -> str:
    """The letters and digits alone. Two texts that fold alike are the same to the eye, more or less."""
    return "".join(letter for char in text for letter in _letters(char))


def _letters(char: str) -> str:
    if char.isascii():
        return char.lower() if char.isalnum() else ""
    return "".join(c for c in unicodedata.normalize("NFKD", char).casefold() if c.isalnum())
