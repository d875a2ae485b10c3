"""First names and initials, where the rest of the mail says whom they mean: "Rowan had a seizure".

A first name alone is somebody's nearly everywhere in a register of 5,000, so by itself it is nobody. It counts in a
subject line, in the name of a file, and in a body close to words that gave something away, and then only for one whom
the mail names in full elsewhere, whose officer writes it, or with whom a recipient lives (``register/naming.py``).
Such a mention can only make a decision stricter (``domain/subjects.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from domain.model import Analysis, Evidence, Finding, PageText, Place
from register.kin import kin
from register.names import NameHit
from register.words import TITLES, Spelling, Words

_REACH = 300
"""Characters between a first name in a body and words that gave something away."""
_SHORT = 1_500
"""A body of so few characters is read as one thought."""
_NOT_ABOUT = (
    "dear|hi|hello|hey|hiya|morning|afternoon|evening|thanks|thank|regards|wishes|cheers|sincerely|love|from|cc|dr|prof|"
    "nurse|cllr|sister|uncle|aunt|auntie|st|saint|sir|lady|lord"
)
_GREETINGS = frozenset(_NOT_ABOUT.split("|")) | TITLES
"""Behind these stands whom the mail is written to, who writes it, or a surname."""
_WORDS_TOO = (
    "will|mark|may|grace|hope|joy|rose|bill|art|rob|pat|sue|drew|frank|dawn|ray|jack|april|june|august|summer|faith|ivy|"
    "lily|daisy|holly|iris|ruby|amber|jade|olive|guy|dean|grant|miles|chance|rich|gene|basil|victor|earl|duke|norm|jean|"
    "robin|jay|penny|sandy|candy|ginger|heather|hazel|violet|poppy|pearl|gay|christian|angel|star|page|paige|dale|glen|"
    "heath|lance|woody|max|bob|don|dot|win|mo|vi|viv|al|ed|ned|con|den|peg|nick|jim|les|ness|bea|bee|bel|sal|sol|si|em"
)
_INITIALS = 2
_ALSO_WORDS = frozenset(_WORDS_TOO.split("|"))
"""First names that are words: they count with what only a person does or has behind them."""
_OF_A_PERSON = re.compile(
    r"['\u2019]s\b|\s+(?:has|had|is|was|went|said|says|told|needs?|wants?|takes?|took|came|fell|lost|got|gets|did|does|did"
    r"|can|cannot|refuse[sd]?|lives?|stays?|stole|hit|seems?|looks?|feels?|felt)\b"
)


def alone(analysis: Analysis, by_first: Mapping[str, frozenset[str]]) -> Iterator[tuple[PageText, NameHit]]:
    """Each first name, short form or pair of initials that stands where it may tell; none if nothing was found."""
    if not analysis.findings:
        return
    for page in analysis.texts:
        spots = _spots(page, analysis.findings)
        if spots is None:
            continue
        for hit in _alone(page, by_first):
            if _close(hit, spots):
                yield page, hit


def _spots(page: PageText, findings: tuple[Finding, ...]) -> list[Evidence] | None:
    """What a body gave away, and where; an empty list where the whole text counts, None where none of it does."""
    if page.place is Place.SUBJECT_LINE:
        return []
    if page.place is Place.FILE_NAME:
        owner = page.part.removesuffix("#name")
        within = any(f.part == owner or f.part.startswith((f"{owner}/", f"{owner}#")) for f in findings)
        return [] if within else None
    if page.place is not Place.BODY:
        return None
    here = [e for f in findings if f.part == page.part for e in f.evidence if e.page == page.page]
    if not here:
        return None
    return [] if len(page.text) <= _SHORT else here


def _close(hit: NameHit, spots: list[Evidence]) -> bool:
    if not spots:
        return True
    return any(e.start - hit.end < _REACH and hit.start - e.end < _REACH for e in spots)


def _alone(page: PageText, by_first: Mapping[str, frozenset[str]]) -> Iterator[NameHit]:
    read = Words.of(page.text)
    capitals = (at for at, start in enumerate(read.starts) if page.text[start].isupper())  # most words have none
    for at in capitals:
        people = _bearers(read.folded[at], read, at, by_first)
        if people and _is_name(read, at, page.place, by_first):
            yield NameHit(people, read.start(at), read.end(at), Spelling.ALONE, faint=True)


def _bearers(word: str, read: Words, at: int, by_first: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Who may be called so. Initials are two capitals; a two-letter word otherwise is a short form (Ro, Jo)."""
    if len(word) == _INITIALS and read.said(at).isupper():
        return by_first.get(word, frozenset())
    found = by_first.get(word, frozenset()) if len(word) > _INITIALS else frozenset[str]()
    others = kin(word)
    return found.union(*(by_first.get(other, frozenset()) for other in others)) if others else found


def _is_name(read: Words, at: int, place: Place, by_first: Mapping[str, frozenset[str]]) -> bool:
    if at and (read.folded[at - 1] in _GREETINGS or _of_another(read, at, by_first)):
        return False
    if at + 1 < len(read.folded) and read.joined(at, at + 1) and _goes_on(read, at + 1):
        return False
    if place is Place.BODY and _whole_line(read, at):
        return False
    return read.folded[at] not in _ALSO_WORDS or bool(_OF_A_PERSON.match(read.text, read.end(at) - _tail(read, at)))


def _tail(read: Words, at: int) -> int:
    """The length of a possessive ending that the word holds."""
    return 2 if read.said(at).casefold().replace("\u2019", "'").endswith("'s") else 0


def _of_another(read: Words, at: int, by_first: Mapping[str, frozenset[str]]) -> bool:
    """Whether the word before is a first name too, as in Mary Rowan: then this one is a surname."""
    before = read.folded[at - 1]
    beside = read.capital(at - 1) and read.joined(at - 1, at) and len(before) > _INITIALS
    return beside and (before in by_first or bool(kin(before)))


def _goes_on(read: Words, at: int) -> bool:
    """Whether a surname follows: somebody else, or found by it. In a line of capitals nothing can be told."""
    word, start = read.said(at), read.start(at)
    return word[0].isupper() and not (len(word) > 1 and word.isupper()) and read.text[start - 1 : start] != "\n"


def _whole_line(read: Words, at: int) -> bool:
    """A greeting, or whoever signs."""
    start, end = read.start(at), read.end(at)
    head, tail = read.text.rfind("\n", 0, start) + 1, read.text.find("\n", end)
    line = read.text[head : len(read.text) if tail < 0 else tail]
    return "\n" in read.text.strip() and not re.sub(r"\W", "", line.replace(read.text[start:end], "", 1))
