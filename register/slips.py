"""Names with a slip in the surname: mistyped, or misread by a scanner.

Where a first name of the register stands, the word beside it is compared with the surnames of those who have that first
name, and with nobody else's: "Bernice Holowell", "Rowan App1egarth", "Hollowel, Bernice". Somebody else's real name may
be one letter away, so such a reading is faint: it counts beside the date of birth, or for somebody whom the sender or a
recipient looks after. It counts by itself only for one letter in a long surname that hardly anybody has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from register.folding import skeleton, words
from register.kin import kin
from register.surnames import COMMON, RARE_BEARERS, Bearers
from register.words import Reading, Spelling, Words

_LEAST, _LONG, _SURE = 4, 8, 7
"""Letters: of a surname in which a slip is looked for, in which two are, in which one alone counts by itself."""
_ALIKE, _AT_MOST = 82, 3
"""Of whole names in which more went wrong: how alike (0 to 100), and how many are looked at."""


class Slips:
    """An index by first name; immutable once built."""

    def __init__(self, names: Iterable[tuple[str, str, list[str]]], surnames: Mapping[str, Bearers]) -> None:
        """From references, names and their folded words, at least two. ``surnames`` are all of the register's."""
        self._surnames = surnames
        self._by_first: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._whole: dict[str, set[str]] = defaultdict(set)
        self._bearers: dict[str, set[str]] = defaultdict(set)
        self._initials: dict[str, set[str]] = defaultdict(set)
        for ref, name, (first, *_, last) in names:
            for given in (*words(name.split(maxsplit=1)[0]), *kin(first)):
                for half in {last, *words(name.rsplit(maxsplit=1)[-1])}:
                    self._by_first[skeleton(given)][skeleton(half)].add(ref)
            self._whole[skeleton(f"{first} {last}")].add(ref)
            self._bearers[skeleton(last)].add(ref)
            for letters in initials(name, [first, last]):
                self._initials[letters].add(ref)
        self._choices = {first: list(lasts) for first, lasts in self._by_first.items()}
        self._all = list(self._whole)

    def beginnings(self, folded: list[str]) -> list[int]:
        """Which words are first names of the register, perhaps misread."""
        bones = skeleton(" ".join(folded)).split()
        if self._choices.keys().isdisjoint(bones):  # as mostly, and quicker seen
            return []
        return [n for n, bone in enumerate(bones) if bone in self._choices]

    def find(self, read: Words, beginnings: Iterable[int]) -> Iterator[Reading]:
        """Every such reading of a text beside these words."""
        for at in beginnings:
            if read.named(at):
                for surname in read.surnames_beside(at):
                    yield from self._beside(read, at, surname)

    def _beside(self, read: Words, at: int, surname: int) -> Iterator[Reading]:
        first, written = skeleton(read.folded[at]), read.folded[surname]
        bone = skeleton(written)
        if len(bone) < _LEAST or written in self._surnames or written in COMMON:
            return
        allowed = 2 if len(bone) >= _LONG else 1
        by_last = self._by_first[first]
        found = process.extract(bone, self._choices[first], scorer=OSA.distance, score_cutoff=allowed, limit=_AT_MOST)
        for last, distance, _ in found:
            sure = distance <= 1 and len(bone) >= _SURE and len(self._bearers[last]) <= RARE_BEARERS
            yield Reading(by_last[last], min(at, surname), max(at, surname), Spelling.SLIP, faint=not sure)

    def garbled(self, pair: str) -> set[str]:
        """Whose whole name is most like these two folded words, whatever went wrong in both."""
        found = process.extract(skeleton(pair), self._all, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=_AT_MOST)
        return set[str]().union(*(self._whole[name] for name, _, _ in found))

    def with_initials(self, letters: str) -> set[str]:
        """Who has these two."""
        return self._initials.get(letters, set())


def initials(name: str, folded: list[str]) -> set[str]:
    """The first letters of first name and surname; of a double surname by either half."""
    return {folded[0][0] + half[0] for half in (folded[-1], *words(name.rsplit(maxsplit=1)[-1]))}
