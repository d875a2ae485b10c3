"""Finds registered names in a text: looked up, not guessed.

One Aho-Corasick automaton over every name and alias, in both orders ("Ann Lee", "Lee,
Ann"), and over every surname, on folded text in which everything but letters and digits is
one space. A surname counts only with what stands beside it (``register/surnames.py``: "Ann
Jane Lee", "Annie Lee", "A. Lee", "Ms Lee"); a slip in it is looked for beside first names
(``register/slips.py``). A first name or initials alone name nobody here; what stands around
them may tell (``register/context.py``). The index is kept for as long as the register's
version stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, pairwise

import ahocorasick

from register.folding import words
from register.kin import kin
from register.slips import Slips, initials
from register.surnames import Bearers
from register.words import Reading, Spelling, Words

NEAR = 160
"""Characters on each side of a date of birth in which whose it may be is looked for by less than a name."""


_ABBREVIATIONS = frozenset(
    {"gp", "ot", "uk", "it", "hr", "mp", "pc", "dc", "dr", "ni", "id", "po", "tv", "am", "pm", "cc"}
)
"""Two capitals that are nobody's initials."""


@dataclass(frozen=True, slots=True)
class NameHit:
    """``people`` bear the name found at ``start`` to ``end`` of the original text, or may be meant by it.

    A ``faint`` one wants more than the name: the person's date of birth in the same part, or that the sender or a
    recipient looks after them.
    """

    people: frozenset[str]
    start: int
    end: int
    spelling: Spelling = Spelling.WHOLE
    faint: bool = False


@dataclass(slots=True)
class _Entry:
    """What the words of one form are: somebody's whole name, a surname, or both."""

    words: int
    surname: Bearers
    people: set[str] = field(default_factory=set)


class Names:
    """An index of names; immutable once built."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """From pairs of register reference and name. Single words are left out: they name nobody."""
        listed = [(ref, name, folded) for ref, name in names if len(folded := words(name)) > 1]
        firsts = {folded[0] for _, _, folded in listed}
        entries: dict[str, _Entry] = {}
        for ref, name, folded in listed:
            for form in _forms(name, folded):
                entries.setdefault(form, _Entry(form.count(" ") + 1, Bearers(firsts))).people.add(ref)
            for surname in _surnames(name, folded):
                entries.setdefault(surname, _Entry(1, Bearers(firsts))).surname.add(folded[0], ref)
        self._automaton = _automaton(entries)
        surnames = {form: entry.surname for form, entry in entries.items() if entry.surname.by_first}
        self._slips = Slips(listed, surnames)
        self.by_first = _by_first(listed)

    def find(self, text: str) -> Iterator[NameHit]:
        """Every registered name in the text, whole words only; the looser forms only where no whole name stands."""
        if not self._automaton:
            return
        folded = words(text)
        found = list(self._found(folded))
        beginnings = self._slips.beginnings(folded)
        if not found and not beginnings:
            return
        read = Words.of(text, folded)
        whole = [r for at, e in found if e.people and not self._of_two(read, r := _whole(e, at))]
        taken = {n: reading for reading in whole for n in range(reading.first, reading.last + 1)}
        loose = chain(
            *(e.surname.beside(read, at) for at, e in found if at not in taken and e.surname.worth_reading(read, at)),
            *(e.surname.despite(read, at) for at, e in found if at in taken),
            self._slips.find(read, (at for at in beginnings if at not in taken)),
        )
        kept = [r for r in loose if r.people and _more_than(r, taken)]
        yield from (_hit(read, r) for r in sorted(chain(whole, kept), key=lambda r: r.last))

    def _of_two(self, read: Words, reading: Reading) -> bool:
        """Whether "Ford, Mark" is the end of one name and the beginning of the next: "Joan Ford, Mark Hill"."""
        first, last = reading.first, reading.last
        if not first or last + 1 >= len(read.folded) or last - first != 1 or not read.comma(first):
            return False
        around = all(
            read.capital(n) and read.joined(*sorted((n, m))) for n, m in ((first - 1, first), (last + 1, last))
        )
        return around and (read.folded[first - 1] in self.by_first or bool(kin(read.folded[first - 1])))

    def _found(self, folded: list[str]) -> Iterator[tuple[int, _Entry]]:
        """Each known form with the number of its last word; of those that end together the longest first."""
        spaced = f" {' '.join(folded)} "
        last, counted = -1, 0
        for end, entry in self._automaton.iter(spaced):
            last += spaced.count(" ", counted, end)
            counted = end
            yield last, entry

    def around(self, text: str, start: int, end: int) -> Iterator[NameHit]:
        """Whoever may be meant there, near a date of birth, by two garbled words or by initials: all of it faint."""
        if not self._automaton:
            return
        near = text[start:end]
        read = Words.of(near)
        for one, other in pairwise(range(len(read.folded))):
            people, spelling = self._garbled(read, one, other)
            if people:
                yield _hit(read, Reading(people, one, other, spelling, faint=True), start)
        for at, word in enumerate(read.folded):
            if len(word) == 2 and word not in _ABBREVIATIONS and read.said(at).isupper():  # noqa: PLR2004 - initials
                people = self._slips.with_initials(word)
                if people:
                    yield _hit(read, Reading(people, at, at, Spelling.ALONE, faint=True), start)

    def _garbled(self, read: Words, one: int, other: int) -> tuple[set[str], Spelling]:
        if not (read.named(one) and read.named(other)):
            return set(), Spelling.SLIP
        first, last = read.folded[one], read.folded[other]
        if read.initial(one) and read.initial(other):
            return self._slips.with_initials(first + last), Spelling.ALONE
        if min(len(first), len(last)) < 3:  # noqa: PLR2004 - too short to be told apart
            return set(), Spelling.SLIP
        turned = read.comma(one)
        return self._slips.garbled(f"{last} {first}" if turned else f"{first} {last}"), Spelling.SLIP


def _whole(entry: _Entry, at: int) -> Reading:
    return Reading(entry.people, at - entry.words + 1, at, Spelling.WHOLE)


def _more_than(reading: Reading, taken: Mapping[int, Reading]) -> bool:
    """Whether it shares no word with a whole name, or holds it and more; a faint one may mean others by the same."""
    for n in range(reading.first, reading.last + 1):
        other = taken.get(n)
        if other and not (reading.first <= other.first and other.last <= reading.last):
            return False
        same = other and (other.first, other.last) == (reading.first, reading.last)
        if other and same and not (reading.faint and reading.people - other.people):
            return False
    return True


def _automaton(entries: dict[str, _Entry]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for form, entry in entries.items():
        automaton.add_word(f" {form} ", entry)
    if entries:
        automaton.make_automaton()
    return automaton


def _by_first(listed: list[tuple[str, str, list[str]]]) -> dict[str, frozenset[str]]:
    """Who has which first name, and which pair of initials."""
    found: dict[str, set[str]] = {}
    for ref, name, folded in listed:
        for key in (folded[0], *initials(name, folded)):
            found.setdefault(key, set()).add(ref)
    return {first: frozenset(refs) for first, refs in found.items()}


def _hit(read: Words, reading: Reading, begin: int = 0) -> NameHit:
    start, end = read.start(reading.first), read.end(reading.last)
    return NameHit(frozenset(reading.people), begin + start, begin + end, reading.spelling, reading.faint)


def _forms(name: str, folded: list[str]) -> set[str]:
    """Both orders; of a name with more than two words also without those in the middle.

    Of names with a hyphen also one half of the surname, and both halves of the first name as one word; with an
    apostrophe also as two words.
    """
    first, last = folded[0], folded[-1]
    forms = {" ".join(folded), " ".join([last, *folded[:-1]]), f"{first} {last}", f"{last} {first}"}
    pieces = name.split()
    double = words(pieces[-1])
    if len(double) > 1:
        forms |= {f"{first} {half}" for half in double} | {f"{first} {''.join(double)}", f"{''.join(double)} {first}"}
        forms.add(f"{' '.join(double)} {first}")
    given = words(pieces[0])
    if len(given) > 1:
        forms |= {f"{''.join(given)} {last}", f"{' '.join(given)} {last}", f"{last} {' '.join(given)}"}
    if any(mark in pieces[-1] for mark in "'\u2019") and len(pieces) > 1:
        apart = " ".join(words(pieces[-1].replace("'", " ").replace("\u2019", " ")))
        forms |= {f"{first} {apart}", f"{apart} {first}"}
    return forms


def _surnames(name: str, folded: list[str]) -> set[str]:
    """The last word; of a double name each half."""
    double = words(name.rsplit(maxsplit=1)[-1])
    return {folded[-1], *(half for half in double if len(double) > 1 and len(half) > 2)}  # noqa: PLR2004 - no particle


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
