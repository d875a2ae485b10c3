"""Whether a surname, with what stands beside it, is somebody of the register: a guess, never more than a weak mention.

"Ann Jane Lee" and "Ann J. Lee" (one or two names between), "A. Lee", "A. J. Lee" and "Lee, A."
(the first initial), "Ms Lee" (a title, where one person alone has that surname). Everything but
the title wants capitals, and nothing between but blanks and the full stops of initials: "Ann and
Lee Valley" is nobody. A surname that is an everyday word wants a first name, or an initial with its full
stop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx"})
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
_COMMON = frozenset(_EVERYDAY.split("|"))


@dataclass(frozen=True, slots=True)
class Words:
    """One text: ``spans`` are its words' places, ``folded`` the same words to compare."""

    text: str
    spans: list[tuple[int, int]]
    folded: list[str]

    def capital(self, at: int) -> bool:
        """Whether the word begins with a capital letter."""
        return self.text[self.spans[at][0]].isupper()

    def initial(self, at: int) -> bool:
        """Whether the word is a single capital letter."""
        return len(self.folded[at]) == 1 and self.folded[at].isalpha() and self.capital(at)

    def joined(self, first: int, last: int) -> bool:
        """Whether only blanks, at most one line's end, and full stops after what is short for more stand between."""
        return all(self._joins(n) for n in range(first, last))

    def _joins(self, at: int) -> bool:
        gap = self._gap(at)
        short = len(self.folded[at]) == 1 or self.folded[at] in _TITLES
        return gap.count("\n") < 2 and not (gap.removeprefix(".") if short else gap).strip()  # noqa: PLR2004 - an empty line

    def stopped(self, at: int) -> bool:
        """Whether a full stop follows the word."""
        return self._gap(at).startswith(".")

    def comma(self, at: int) -> bool:
        """Whether a comma, and nothing else of note, stands behind the word."""
        return self._gap(at).strip() == ","

    def _gap(self, at: int) -> str:
        return self.text[self.spans[at][1] : self.spans[at + 1][0]]


@dataclass(slots=True)
class Bearers:
    """Who has one surname, by first name."""

    by_first: dict[str, set[str]] = field(default_factory=dict)

    def add(self, first: str, ref: str) -> None:
        """One more of them."""
        self.by_first.setdefault(first, set()).add(ref)

    def beside(self, words: Words, at: int) -> Iterator[tuple[frozenset[str], int, int]]:
        """Whom the surname at word ``at`` means with the words beside it, and from which word to which: one answer."""
        if not self._worth_reading(words.folded, at):
            return
        for people, first, last in self._readings(words, at):
            if people:
                yield frozenset(people), first, last
                return

    def _worth_reading(self, folded: list[str], at: int) -> bool:
        """Whether anything beside the word could make it a name: most surnames that are words have nothing."""
        if at and (len(folded[at - 1]) == 1 or folded[at - 1] in _TITLES):
            return True
        if at + 1 < len(folded) and len(folded[at + 1]) == 1:
            return True
        return any(folded[n] in self.by_first for n in range(max(at - 1 - _BETWEEN, 0), at - 1))

    def _readings(self, words: Words, at: int) -> Iterator[tuple[set[str], int, int]]:
        yield from self._over_the_middle(words, at)
        yield from self._by_initials(words, at)
        everyday = words.folded[at] in _COMMON
        if at and not everyday and words.folded[at - 1] in _TITLES and words.joined(at - 1, at):
            yield self._only_one(), at - 1, at

    def _over_the_middle(self, words: Words, at: int) -> Iterator[tuple[set[str], int, int]]:
        for first in range(at - 2, max(at - 2 - _BETWEEN, -1), -1):
            bearers = self.by_first.get(words.folded[first], set())
            if bearers and words.joined(first, at) and all(words.capital(n) for n in range(first, at)):
                yield bearers, first, at

    def _by_initials(self, words: Words, at: int) -> Iterator[tuple[set[str], int, int]]:
        first = at
        while first and at - first <= _BETWEEN and words.initial(first - 1) and words.joined(first - 1, first):
            first -= 1
        if first < at and words.capital(at) and (words.stopped(first) or words.folded[at] not in _COMMON):
            yield self._with_initial(words.folded[first]), first, at
        elif at + 1 < len(words.folded) and words.capital(at) and words.initial(at + 1) and words.comma(at):
            yield self._with_initial(words.folded[at + 1]), at, at + 1

    def _with_initial(self, letter: str) -> set[str]:
        return set[str]().union(*(refs for first, refs in self.by_first.items() if first.startswith(letter)))

    def _only_one(self) -> set[str]:
        everybody = set[str]().union(*self.by_first.values())
        return everybody if len(everybody) == 1 else set()
