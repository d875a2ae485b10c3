"""One text as words with their places, and how words stand to one another; what was read of them as a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from register.folding import end, starts, words

TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx"})


class Spelling(StrEnum):
    """In what way a name is written, for those who read why."""

    WHOLE = "whole name"
    SHORT = "short form of the first name"
    PART = "initials, a title, or names between"
    SLIP = "slip of the pen or the scanner"
    ALONE = "first name or initials alone"


@dataclass(frozen=True, slots=True)
class Reading:
    """``people`` may be meant by the words ``first`` to ``last``. A ``faint`` one wants more than the name."""

    people: set[str]
    first: int
    last: int
    spelling: Spelling
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """One text: ``starts`` are where its words begin, ``folded`` the same words to compare."""

    text: str
    starts: list[int]
    folded: list[str]

    @classmethod
    def of(cls, text: str, folded: list[str] | None = None) -> Words:
        """The words of a text, which may have been folded already."""
        return cls(text, starts(text), words(text) if folded is None else folded)

    def start(self, at: int) -> int:
        """Where a word begins."""
        return self.starts[at]

    def end(self, at: int) -> int:
        """Where it ends, possessive included."""
        return end(self.text, self.starts[at])

    def said(self, at: int) -> str:
        """A word as it is written."""
        return self.text[self.starts[at] : self.end(at)]

    def capital(self, at: int) -> bool:
        """Whether the word begins with a capital letter."""
        return self.text[self.starts[at]].isupper()

    def initial(self, at: int) -> bool:
        """Whether the word is a single capital letter."""
        return len(self.folded[at]) == 1 and self.folded[at].isalpha() and self.capital(at)

    def joined(self, first: int, last: int) -> bool:
        """Whether only blanks, one line's end at most, a hyphen, or full stops after what is short stand between."""
        return all(self._joins(n) for n in range(first, last))

    def _joins(self, at: int) -> bool:
        gap = self._gap(at)
        short = len(self.folded[at]) == 1 or self.folded[at] in TITLES
        if gap == "-":
            return True
        return gap.count("\n") < 2 and not (gap.removeprefix(".") if short else gap).strip()  # noqa: PLR2004 - an empty line

    def stopped(self, at: int) -> bool:
        """Whether a full stop follows the word."""
        return self._gap(at).startswith(".")

    def comma(self, at: int) -> bool:
        """Whether a comma, and nothing else of note, stands behind the word."""
        return self._gap(at).strip() == ","

    def initial_behind(self, at: int) -> bool:
        """Whether a comma and an initial follow the surname at ``at``: "Lee, A."."""
        return at + 1 < len(self.folded) and self.capital(at) and self.initial(at + 1) and self.comma(at)

    def names_beside(self, at: int) -> Iterator[int]:
        """The words beside the surname at ``at`` that could be its first name: before it, or behind a comma."""
        if not self.capital(at):
            return
        if at and len(self.folded[at - 1]) > 1 and self.capital(at - 1) and self.joined(at - 1, at):
            yield at - 1
        if at + 1 < len(self.folded) and len(self.folded[at + 1]) > 1 and self.capital(at + 1) and self.comma(at):
            yield at + 1

    def named(self, at: int) -> bool:
        """Whether the word may be a name: it begins with a capital, or with a digit that a scanner made of one."""
        first = self.text[self.starts[at]]
        return first.isupper() or (first.isdigit() and len(self.folded[at]) > 2 and not self.folded[at].isdigit())  # noqa: PLR2004 - two signs are no name

    def surnames_beside(self, at: int) -> Iterator[int]:
        """The words beside the first name at ``at`` that could be its surname: behind it, or before a comma."""
        after = at + 1
        while after + 1 < len(self.folded) and after - at <= 2 and self.initial(after):  # noqa: PLR2004 - initials
            after += 1
        if after < len(self.folded) and self.named(after) and self.joined(at, after):
            yield after
        if at and self.named(at - 1) and self.comma(at - 1):
            yield at - 1

    def _gap(self, at: int) -> str:
        return self.text[self.end(at) : self.start(at + 1)]
