"""Finds registered names in a text: looked up, not guessed.

One Aho-Corasick automaton over every name and alias, in both orders ("Ann Lee", "Lee,
Ann"), on folded text in which everything but letters and digits is one space. The
automaton is kept for as long as the register's version stays the same.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class NameHit:
    """``people`` bear the name found at ``start`` to ``end`` of the original text."""

    people: frozenset[str]
    start: int
    end: int


class Names:
    """An index of names; immutable once built."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """From pairs of register reference and name. Single words are left out: they name nobody."""
        bearers: dict[str, set[str]] = {}
        for ref, name in names:
            for form in _forms(name):
                bearers.setdefault(form, set()).add(ref)
        self._automaton = ahocorasick.Automaton()
        for form, refs in bearers.items():
            self._automaton.add_word(f" {form} ", (len(form), frozenset(refs)))
        self._empty = not bearers
        if bearers:
            self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[NameHit]:
        """Every registered name in the text, whole words only."""
        if self._empty:
            return
        folded = f" {' '.join(_words(text))} "
        spans: list[tuple[int, int]] = []
        for end, (length, people) in self._automaton.iter(folded):
            spans = spans or [m.span() for m in _WORD.finditer(text)]  # only where there is a hit: they are rare
            first = folded.count(" ", 0, end - length) - 1
            last = folded.count(" ", 0, end) - 1
            yield NameHit(people, spans[first][0], spans[last][1])


def _forms(name: str) -> set[str]:
    words = _words(name)
    if len(words) < 2:  # noqa: PLR2004 - a name is at least two words
        return set()
    return {" ".join(words), " ".join([words[-1], *words[:-1]])}


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
        self._lock = threading.Lock()
        self._version = -1
        self._names = Names(())

    def at(self, version: int, load: Names | None = None) -> Names | None:
        """The index for that version, or None if it must be loaded and given as ``load``."""
        with self._lock:
            if load is not None:
                self._version, self._names = version, load
            return self._names if self._version == version else None
