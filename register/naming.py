"""From readings of texts as names to mentions: whose date of birth stands beside, who is at work, who is meant."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from domain.model import Evidence, Identifier, IdentifierKind, PageText, PartPath, Place
from domain.subjects import MatchedBy, Mention, Role
from register.known import Known
from register.names import NameHit
from register.roles import Stated, stated
from register.words import Spelling

_DATE = re.compile(r"(?=\d)(?<![\d/.-])([0-3]?\d)\s?[/.-]\s?([01]?\d)\s?[/.-]\s?((?:19|20)\d\d)(?![\d/-])")
_HEADS = frozenset({Place.SUBJECT_LINE, Place.FILE_NAME})
_INITIALS = 2
_OFTEN, _TIMES = 3, 2
"""Whom a text names so often, and so many times as often as anybody else, is whom it is about."""


@dataclass(frozen=True, slots=True)
class Named:
    """A reading in its text. ``alone``: a first name or initials, which the rest of the mail has to explain."""

    page: PageText
    hit: NameHit
    alone: bool = False
    said: Stated = field(init=False, default=Stated(Role.MENTIONED))

    def __post_init__(self) -> None:
        if self.page.place in _HEADS:
            object.__setattr__(self, "said", Stated(Role.ABOUT))
        elif not self.alone:
            object.__setattr__(self, "said", stated(self.page.text, self.hit.start, self.hit.end))

    @property
    def at_work(self) -> bool:
        """Whether the words beside it call its bearer a carer or a professional."""
        return self.said.role.bystander

    @property
    def first_name(self) -> bool:
        """Whether it is a first name alone, and not two initials, which are too often something else."""
        return self.alone and self.hit.end - self.hit.start > _INITIALS

    @property
    def folded(self) -> str:
        """The name as the register's column of workers' names compares."""
        words = " ".join(self.page.text[self.hit.start : self.hit.end].lower().split())
        return words.removesuffix("'s").removesuffix("\u2019s")


def mentions(named: list[Named], identifiers: tuple[Identifier, ...], known: Known) -> Iterator[Mention]:
    """One a part and person, the surest first; those by less than a name only where something else points at them."""
    days = _days(named, identifiers)
    sure = _told(named, identifiers, days, known)
    roles = _Roles(named, known)
    seen: set[tuple[PartPath, frozenset[str]]] = set()
    for found, (people, by) in _apart([(n, _narrow(n, known, days, sure)) for n in named], known):
        if people and (found.page.part, people) not in seen:
            seen.add((found.page.part, people))
            yield Mention(people, by, _evidence(found, by), roles.of(found))


_Meant = tuple[frozenset[str], MatchedBy]


def _apart(meant: list[tuple[Named, _Meant]], known: Known) -> Iterator[tuple[Named, _Meant]]:
    """Without what a surer name explains.

    Names that are a piece of a longer one whose bearer is sure: the Ann Lee in Mary Ann Lee. Initials whose bearer was
    born on the day of somebody whose name stands there: "GP" may be anybody's.
    """
    sure: dict[int, list[NameHit]] = defaultdict(list)
    explained = {
        (n.page.part, known.births.get(ref))
        for n, (people, by) in meant
        if by.strong and n.hit.spelling is not Spelling.ALONE
        for ref in people
    }
    for n, (_, by) in meant:
        if by.strong:
            sure[id(n.page)].append(n.hit)
    for n, (people, by) in meant:
        alone = by.strong and n.hit.spelling is Spelling.ALONE
        left = frozenset(p for p in people if not alone or (n.page.part, known.births.get(p)) not in explained)
        inside = (h.start <= n.hit.start and n.hit.end <= h.end and h is not n.hit for h in sure[id(n.page)])
        if by.strong or not any(inside):
            yield n, (left, by)


def _narrow(found: Named, known: Known, days: Mapping[PartPath, set[str]], sure: frozenset[str]) -> _Meant:
    """The bearers of the name whose date of birth stands in the same part; else all of them, weakly.

    Of a faint one only those whom the mail names elsewhere, or else those whom its sender or a recipient looks after,
    or else the one whom the sender's colleagues look after.
    """
    bearers = found.hit.people
    born = _born(bearers, days.get(found.page.part, set()), known)
    if born and not found.alone:
        return born, MatchedBy.NAME_AND_BIRTH
    if not found.hit.faint:
        return bearers, MatchedBy.NAME
    by = MatchedBy.CONTEXT if found.alone else MatchedBy.NAME
    return bearers & sure or bearers & known.near or _of_a_colleague(found, known), by


def _of_a_colleague(found: Named, known: Known) -> frozenset[str]:
    """Whom an officer means who stands in for a colleague: the only one of that first name on their team's caseload.

    Of two nobody can say which, and to hold each mail with a first name that many bear teaches people to write "he".
    """
    theirs = found.hit.people & known.colleagues if found.first_name else frozenset[str]()
    return theirs if len(theirs) == 1 else frozenset()


def _born(people: frozenset[str], days: set[str], known: Known) -> frozenset[str]:
    return frozenset(p for p in people if (day := known.births.get(p)) is not None and day.isoformat() in days)


def _told(
    named: list[Named], identifiers: tuple[Identifier, ...], days: Mapping[PartPath, set[str]], known: Known
) -> frozenset[str]:
    """Whom the mail names by more than a faint reading."""
    numbers = known.nhs_numbers | known.council_ids
    told = {numbers[i.value] for i in identifiers if i.value in numbers}
    for n in named:
        if not n.hit.faint:
            told |= n.hit.people if len(n.hit.people) == 1 else _born(n.hit.people, days.get(n.page.part, set()), known)
    return frozenset(told)


def _days(named: Iterable[Named], identifiers: tuple[Identifier, ...]) -> dict[PartPath, set[str]]:
    """All dates, ISO, in each part that names somebody: those found as dates of birth, and those without a label."""
    days: dict[PartPath, set[str]] = {n.page.part: set() for n in named}
    for identifier in identifiers:
        if identifier.kind is IdentifierKind.DATE_OF_BIRTH and identifier.evidence.part in days:
            days[identifier.evidence.part].add(identifier.value)
    for page in {id(n.page): n.page for n in named}.values():
        days[page.part] |= {f"{y}-{m:0>2}-{d:0>2}" for d, m, y in _DATE.findall(page.text)}
    return days


class _Roles:
    """What each name is in its part, over all the places where it stands there."""

    def __init__(self, named: list[Named], known: Known) -> None:
        self._workers = known.workers
        self._said: dict[tuple[PartPath, frozenset[str]], list[Named]] = defaultdict(list)
        for n in named:
            if not n.alone:
                self._said[n.page.part, n.hit.people].append(n)
        self._often = _named_most(self._said)

    def of(self, found: Named) -> Role:
        """About, where a place says so. At work, where all do, or one does and the register knows a worker."""
        said = self._said.get((found.page.part, found.hit.people), [found])
        if any(n.said.role is Role.ABOUT for n in said):
            return Role.ABOUT
        at_work = [n for n in said if n.at_work and (n.said.sure or n.folded in self._workers)]
        if at_work and (len(at_work) == len(said) or all(n.folded in self._workers for n in at_work)):
            return at_work[0].said.role
        return Role.ABOUT if (found.page.part, found.hit.people) in self._often else Role.MENTIONED


def _named_most(said: Mapping[tuple[PartPath, frozenset[str]], list[Named]]) -> set[tuple[PartPath, frozenset[str]]]:
    """Of each part that labels nobody as whom it is about, the one who is named most often, if by far."""
    parts: dict[PartPath, Counter[frozenset[str]]] = defaultdict(Counter)
    labelled = {part for (part, _), places in said.items() if any(n.said.role is Role.ABOUT for n in places)}
    for (part, people), places in said.items():
        if part not in labelled:
            parts[part][people] = len(places)
    found: set[tuple[PartPath, frozenset[str]]] = set()
    for part, counts in parts.items():
        (people, most), *others = counts.most_common(2)
        if most >= _OFTEN and most >= _TIMES * (others[0][1] if others else 0):
            found.add((part, people))
    return found


def _evidence(found: Named, by: MatchedBy) -> Evidence:
    return Evidence(
        part=found.page.part,
        place=found.page.place,
        rule=f"register:{by.name.lower()}:{found.hit.spelling.name.lower()}",
        text=found.page.text[found.hit.start : found.hit.end],
        page=found.page.page,
        start=found.hit.start,
        end=found.hit.end,
    )
