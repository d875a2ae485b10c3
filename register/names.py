"""Finds registered names in a text: looked up, not guessed.

One Aho-Corasick automaton over every name and alias, in both orders ("Ann Lee", "Lee,
Ann"), and over every surname, on folded text in which everything but letters and digits is
one space. A surname counts only with what stands beside it (``register/surnames.py``: "Ann
Jane Lee", "A. Lee", "Ms Lee"); a first name or initials alone name nobody. The automaton is
kept for as long as the register's version stays the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

import ahocorasick

from register.surnames import Bearers, Words

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class NameHit:
    """``people`` bear the name found at ``start`` to ``end`` of the original text."""

    people: frozenset[str]
    start: int
    end: int


@dataclass(slots=True)
class _Entry:
    """What the words of one form are: somebody's whole name, a surname, or both."""

    words: int
    people: set[str] = field(default_factory=set)
    surname: Bearers = field(default_factory=Bearers)


class Names:
    """An index of names; immutable once built."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """From pairs of register reference and name. Single words are left out: they name nobody."""
        entries: dict[str, _Entry] = {}
        for ref, name in names:
            words = _words(name)
            for form in _forms(words):
                entries.setdefault(form, _Entry(form.count(" ") + 1)).people.add(ref)
            if len(words) > 1:
                entries.setdefault(words[-1], _Entry(1)).surname.add(words[0], ref)
        self._automaton = ahocorasick.Automaton()
        for form, entry in entries.items():
            self._automaton.add_word(f" {form} ", entry)
        self._empty = not entries
        if entries:
            self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[NameHit]:
        """Every registered name in the text, whole words only; the looser forms only where no whole name stands."""
        if self._empty:
            return
        folded = f" {' '.join(_words(text))} "
        words: Words | None = None
        last, counted, reach = -1, 0, -1
        for end, found in groupby(self._automaton.iter(folded), key=lambda pair: pair[0]):
            last += folded.count(" ", counted, end)
            counted = end
            words = words or Words(text, [m.span() for m in _WORD.finditer(text)], folded.split())  # rarely needed
            entries = [entry for _, entry in found]
            whole = [entry for entry in entries if entry.people]
            for entry in whole:
                yield _hit(words, frozenset(entry.people), last - entry.words + 1, last)
            reach = last if whole else reach
            for entry in entries if not whole else ():
                yield from _loosely(words, entry, last, reach)


def _loosely(words: Words, entry: _Entry, at: int, reach: int) -> Iterator[NameHit]:
    """The surname at that word with what stands beside it, unless a whole name that was found holds it."""
    for people, first, last in entry.surname.beside(words, at):
        if first > reach:
            yield _hit(words, people, first, last)


def _hit(words: Words, people: frozenset[str], first: int, last: int) -> NameHit:
    return NameHit(people, words.spans[first][0], words.spans[last][1])


def _forms(words: list[str]) -> set[str]:
    """Both orders; of a name with more than two words also without those in the middle."""
    if len(words) < 2:  # noqa: PLR2004 - a name is at least two words
        return set()
    first, last = words[0], words[-1]
    return {" ".join(words), " ".join([last, *words[:-1]]), f"{first} {last}", f"{last} {first}"}


_APART = "".join(chr(c) if chr(c).isalnum() or chr(c) == "'" else " " for c in range(128)).lower()
_OUTER = re.compile(r"'(?:(?![a-z0-9])|(?<![a-z0-9]'))")
_POSSESSIVE = re.compile(r"'s(?![a-z0-9'])")


def _words(text: str) -> list[str]:
    """Folded words; a possessive loses its ending (Ann Lee's)."""
    if text.isascii():  # most text is, and every mail waits for this: the same, by whole-text steps
        folded = text.translate(_APART)
        if "'" in folded:
            folded = _POSSESSIVE.sub("", _OUTER.sub(" ", folded))
        return folded.split()
    return [word.casefold().replace("\u2019", "'").removesuffix("'s") for word in _WORD.findall(text)]


class NameIndex:
    """The index for one register version, shared by threads."""

    def __init__(self) -> None:
        self._held = (-1, Names(()))

    def held(self) -> tuple[int, Names]:
        """The version and its index; an empty one for a version that never was."""
        return self._held

    def hold(self, version: int, names: Names) -> None:
        """Keep this one; whoever is reading by another goes on with it."""
        self._held = (version, names)  # one assignment: no reader sees a version with another one's names
