"""Whether a surname, with what stands beside it, is somebody of the register: a guess, never more than a weak mention.

"Ann Jane Lee" and "Ann J. Lee" (one or two names between), "Annie Lee" and "Lee, Annie" (a short form of the first
name), "A. Lee", "A. J. Lee" and "Lee, A." (the first initial), "Ms Lee" (a title, where one person alone has that
surname), "Bernise Hollowell" (a slip in the first name). Everything but the title wants capitals, and nothing between
but blanks and the full stops of initials: "Ann and Lee Valley" is nobody. A surname that is an everyday word wants a
first name, or an initial with its full stop; without it, it is faint (``register/words.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rapidfuzz.distance import OSA

from register.folding import skeleton
from register.kin import kin
from register.words import TITLES, Reading, Spelling, Words

_BETWEEN = 2
"""Names or initials in the middle: at most so many are passed over."""
_EVERYDAY = (
    "able|angel|april|august|baker|bank|barber|bell|berry|best|bird|bishop|black|blood|bloom|bond|book|booth|bowl|"
    "box|boy|bridge|bright|broad|brook|brown|bull|burn|bush|butcher|butler|button|care|carer|carter|case|cash|"
    "chance|chase|church|clay|close|coach|coal|cook|cool|court|cross|day|deal|dear|drew|duke|early|east|easy|"
    "english|farm|farmer|field|fields|fish|fisher|flower|flowers|ford|forest|fox|french|friend|frost|fry|gate|"
    "gates|gay|glass|gold|good|grace|grant|grave|graves|gray|green|grey|grief|guard|guest|guy|hall|hand|hard|"
    "hardy|hart|hawk|head|heath|help|hill|hills|holiday|home|hook|hope|house|hunt|hunter|ice|irish|jolly|joy|"
    "judge|june|keen|key|kind|king|knight|lake|lamb|lane|large|law|leaf|light|little|lock|long|lord|love|low|"
    "major|man|march|mark|marks|marsh|mason|may|mayor|meadows|means|miles|mill|miller|mills|money|moon|moor|more|"
    "moss|mount|new|noble|north|nurse|oak|old|orange|page|pain|paint|park|parks|peace|penny|perry|pike|pitt|place|"
    "plant|pool|poor|pope|porter|post|potter|power|price|pride|prince|quick|rain|ray|read|reed|rest|rice|rich|"
    "ring|rivers|road|rock|rose|rush|sage|salt|school|scott|sea|seal|sharp|shaw|shepherd|short|silver|singer|"
    "small|smart|smith|snow|south|spring|stone|street|strong|summer|summers|sweet|swift|tailor|taylor|teller|town|"
    "tree|turner|wall|ward|waters|way|weaver|welsh|west|wheeler|white|wild|will|win|winter|wise|wolf|wood|woods|"
    "work|worth|young"
)
COMMON = frozenset(_EVERYDAY.split("|"))
"""Surnames that are words of every day."""
_PARTICLES = frozenset(
    {"van", "von", "der", "den", "ter", "de", "da", "di", "del", "du", "la", "le", "st", "el", "al", "bin"}
)
_BIRTH = ["d", "o", "b"]
"""No initials: what stands behind a comma in "Fox-Davies, D.O.B."."""
_SLIP_LEAST, _RARE_LEAST = 4, 6
RARE_BEARERS = 2
"""A slip in a first name of four letters or more counts without a date of birth beside so long and rare a surname."""


@dataclass(slots=True)
class Bearers:
    """Who has one surname, by first name. ``firsts`` are all first names of the register: none of them is a slip."""

    firsts: set[str]
    by_first: dict[str, set[str]] = field(default_factory=dict)

    def add(self, first: str, ref: str) -> None:
        """One more of them."""
        self.by_first.setdefault(first, set()).add(ref)

    @property
    def everybody(self) -> set[str]:
        """All who have it."""
        return set[str]().union(*self.by_first.values())

    def beside(self, words: Words, at: int) -> Iterator[Reading]:
        """Whom the surname at word ``at`` means with the words beside it, and from which word to which: one answer."""
        for reading in self._readings(words, at):
            if reading.people:
                yield reading
                return

    def despite(self, words: Words, at: int) -> Iterator[Reading]:
        """What else a surname may mean that ends somebody's whole name: a longer name; faintly, a short form."""
        yield from self.over_the_middle(words, at)
        if len(self.by_first) > 1:  # or the short form is of whom the whole name says
            yield from (replace(r, faint=True) for r in self._by_short_form(words, at))

    def worth_reading(self, words: Words, at: int) -> bool:
        """Whether anything beside the word could make it a name: most surnames that are words have nothing."""
        folded = words.folded
        before = folded[at - 1] if at else ""
        if before in TITLES or before in _PARTICLES:
            return True
        if not words.capital(at):
            return False
        after = folded[at + 1] if at + 1 < len(folded) else ""
        if len(before) == 1 or len(after) == 1 or self._near(before) or self._near(after):
            return True
        return any(folded[n] in self.by_first for n in range(max(at - 1 - _BETWEEN, 0), at - 1))

    def _near(self, word: str) -> bool:
        """Whether a word could be a first name's short form, or a slip in one, of somebody with this surname."""
        if word in self.firsts or kin(word):
            return not kin(word).isdisjoint(self.by_first)
        return len(word) >= _SLIP_LEAST and word not in COMMON

    def _readings(self, words: Words, at: int) -> Iterator[Reading]:
        yield from self.over_the_middle(words, at)
        yield from self._by_short_form(words, at)
        yield from self._by_initials(words, at)
        yield from self._by_title(words, at)
        yield from self._by_a_slip(words, at)

    def over_the_middle(self, words: Words, at: int) -> Iterator[Reading]:
        """With one or two names between; also where the last two are somebody else's whole name."""
        for first in range(at - 2, max(at - 2 - _BETWEEN, -1), -1):
            bearers = self.by_first.get(words.folded[first], set())
            if bearers and words.joined(first, at) and all(words.capital(n) for n in range(first, at)):
                yield Reading(bearers, first, at, Spelling.PART)

    def _by_short_form(self, words: Words, at: int) -> Iterator[Reading]:
        for first in words.names_beside(at):
            alike = kin(words.folded[first])
            if alike:
                bearers = set[str]().union(*(refs for name, refs in self.by_first.items() if name in alike))
                yield Reading(bearers, min(first, at), max(first, at), Spelling.SHORT)

    def _by_initials(self, words: Words, at: int) -> Iterator[Reading]:
        first = at
        while first and at - first <= _BETWEEN and words.initial(first - 1) and words.joined(first - 1, first):
            first -= 1
        if first < at and words.capital(at):
            faint = words.folded[at] in COMMON and not words.stopped(first)
            yield Reading(self._with_initial(words.folded[first]), first, at, Spelling.PART, faint=faint)
        elif words.initial_behind(at) and words.folded[at + 1 : at + 4] != _BIRTH:
            yield Reading(self._with_initial(words.folded[at + 1]), at, at + 1, Spelling.PART)

    def _by_title(self, words: Words, at: int) -> Iterator[Reading]:
        start = at
        while start and words.folded[start - 1] in _PARTICLES:
            start -= 1
        everyday = words.folded[at] in COMMON
        if start and not everyday and words.folded[start - 1] in TITLES and words.joined(start - 1, at):
            yield Reading(self._only_one(), start - 1, at, Spelling.PART)

    def _by_a_slip(self, words: Words, at: int) -> Iterator[Reading]:
        """Only what is nobody's first name can be a slip; beside a common surname it wants a date of birth."""
        for first in words.names_beside(at):
            name = words.folded[first]
            if len(name) < _SLIP_LEAST or name in self.firsts or kin(name) or name in COMMON:
                continue
            bone = skeleton(name)
            slips = (r for one, r in self.by_first.items() if OSA.distance(bone, skeleton(one), score_cutoff=1) <= 1)
            people = set[str]().union(*slips)
            yield Reading(people, min(first, at), max(first, at), Spelling.SLIP, faint=not self.rare(words.folded[at]))

    def rare(self, surname: str) -> bool:
        """Whether the surname alone nearly says who it is."""
        short = len(surname) < _RARE_LEAST or surname in COMMON
        return not short and len(self.everybody) <= RARE_BEARERS

    def _with_initial(self, letter: str) -> set[str]:
        return set[str]().union(*(refs for first, refs in self.by_first.items() if first.startswith(letter)))

    def _only_one(self) -> set[str]:
        everybody = self.everybody
        return everybody if len(everybody) == 1 else set()
