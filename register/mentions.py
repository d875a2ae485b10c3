"""Step 4: from texts and identifiers to mentions of registered people.

An identifier counts only when the register knows it: 9 % of random ten-digit strings pass
the NHS check. A name counts as strong when a date in the same part, labelled or not, is that
person's date of birth. An attachment's labelled date of birth that is nobody's who is named is a
stranger's. Its input is text out of documents and is not trusted; it is only compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from domain.model import Analysis, Evidence, Identifier, IdentifierKind, PageText, PartPath, Place
from domain.subjects import MatchedBy, Mention
from register.models import Person, PersonName, RegisterVersion
from register.names import NameHit, NameIndex, Names
from register.sql import ask, maybe_day, sorted_tuple

_KEYED = {IdentifierKind.NHS_NUMBER: MatchedBy.NHS_NUMBER, IdentifierKind.COUNCIL_ID: MatchedBy.COUNCIL_ID}
_NHS = MatchedBy.NHS_NUMBER
_LABELLED = "date-of-birth"
"""The rule of a date named as one of birth; a birthday may be anybody's."""
_DATE = re.compile(r"(?<![\d/.-])([0-3]?\d)\s?[/.-]\s?([01]?\d)\s?[/.-]\s?((?:19|20)\d\d)(?![\d/-])")
_Births = Mapping[str, date | None]


@dataclass(frozen=True, slots=True)
class _Named:
    page: PageText
    hit: NameHit


class Mentions:
    """Finds people. Holds the index of names for one register version; thread-safe."""

    def __init__(self) -> None:
        self._index = NameIndex()

    def find(self, analysis: Analysis) -> tuple[Mention, ...]:
        """Every mention, identifiers first."""
        names = self._names()
        named = [_Named(page, hit) for page in analysis.texts for hit in names.find(page.text)]
        numbered = tuple(_by_identifier(analysis.identifiers))
        births = _births({p for n in named for p in n.hit.people}.union(*(m.people for m in numbered)))
        found = (*numbered, *_by_name(named, analysis.identifiers, births))
        return (*_without_excused(found), *_strange_births(found, analysis.identifiers, births))

    def _names(self) -> Names:
        version = RegisterVersion.current()
        names = self._index.at(version)
        if names is None:
            rows = PersonName.objects.values_list("person__ref", "name").iterator()
            names = self._index.at(version, Names(rows))
        return names or Names(())


_BY_NUMBER = "SELECT ref, nhs_number, council_id FROM register_person WHERE nhs_number IN (%s) OR council_id IN (%s)"


def _by_identifier(identifiers: tuple[Identifier, ...]) -> Iterator[Mention]:
    wanted = [i for i in identifiers if i.kind in _KEYED]
    if not wanted:
        return
    values = sorted_tuple({i.value for i in wanted})
    rows = ask(_BY_NUMBER, values, values)
    known = {
        IdentifierKind.NHS_NUMBER: {nhs: ref for ref, nhs, _ in rows},
        IdentifierKind.COUNCIL_ID: {council: ref for ref, _, council in rows},
    }
    for identifier in wanted:
        ref = known[identifier.kind].get(identifier.value)
        yield Mention(frozenset({ref} if ref else ()), _KEYED[identifier.kind], identifier.evidence)


def _without_excused(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """An unknown NHS number is nobody else's where the part names a person whose own number was never recorded."""
    strange = {m.evidence.part for m in mentions if not m.people}
    if not strange:
        return mentions
    sure = {(m.evidence.part, ref) for m in mentions if m.by.strong for ref in m.people if m.evidence.part in strange}
    rows = Person.objects.filter(ref__in={ref for _, ref in sure}, nhs_number=None)
    numberless = set(rows.values_list("ref", flat=True))
    excused = {part for part, ref in sure if ref in numberless}
    return tuple(m for m in mentions if m.people or m.by is not _NHS or m.evidence.part not in excused)


def _strange_births(
    mentions: tuple[Mention, ...], identifiers: tuple[Identifier, ...], births: _Births
) -> Iterator[Mention]:
    """Dates of birth in attachments that are nobody's whom the mail names.

    Not where the part surely names a person whose own was never recorded: it may be hers.
    """
    known = {day.isoformat() for day in births.values() if day is not None}
    sure = {(m.evidence.part, ref) for m in mentions if m.by.strong for ref in m.people}
    excused = {part for part, ref in sure if births.get(ref) is None}
    for i in identifiers:
        birth = i.kind is IdentifierKind.DATE_OF_BIRTH and i.evidence.rule == _LABELLED
        if birth and i.evidence.place is Place.ATTACHMENT and i.value not in known and i.evidence.part not in excused:
            yield Mention(frozenset(), MatchedBy.NAME_AND_BIRTH, i.evidence)


def _by_name(named: list[_Named], identifiers: tuple[Identifier, ...], births: _Births) -> Iterator[Mention]:
    days = _days(named, identifiers)
    seen: set[tuple[str, frozenset[str]]] = set()
    for found in named:
        people, by = _narrow(found, births, days)
        if (found.page.part, people) in seen:
            continue
        seen.add((found.page.part, people))
        yield Mention(people, by, _evidence(found, by))


def _narrow(found: _Named, births: _Births, days: Mapping[PartPath, set[str]]) -> tuple[frozenset[str], MatchedBy]:
    """The bearers of the name whose date of birth stands in the same part; else all of them, weakly."""
    here = days[found.page.part]
    born = frozenset(p for p in found.hit.people if (day := births.get(p)) is not None and day.isoformat() in here)
    return (born, MatchedBy.NAME_AND_BIRTH) if born else (found.hit.people, MatchedBy.NAME)


def _days(named: Iterable[_Named], identifiers: tuple[Identifier, ...]) -> dict[PartPath, set[str]]:
    """All dates, ISO, in each part that names somebody: those found as dates of birth, and those without a label."""
    days: dict[PartPath, set[str]] = {n.page.part: set() for n in named}
    for identifier in identifiers:
        if identifier.kind is IdentifierKind.DATE_OF_BIRTH and identifier.evidence.part in days:
            days[identifier.evidence.part].add(identifier.value)
    for page in {id(n.page): n.page for n in named}.values():
        days[page.part] |= {f"{y}-{m:0>2}-{d:0>2}" for d, m, y in _DATE.findall(page.text)}
    return days


def _births(people: set[str]) -> dict[str, date | None]:
    if not people:
        return {}
    rows = ask("SELECT ref, date_of_birth FROM register_person WHERE ref IN (%s)", sorted_tuple(people))
    return {ref: maybe_day(born) for ref, born in rows}


def _evidence(found: _Named, by: MatchedBy) -> Evidence:
    return Evidence(
        part=found.page.part,
        place=found.page.place,
        rule=f"register:{by.name.lower()}",
        text=found.page.text[found.hit.start : found.hit.end],
        page=found.page.page,
        start=found.hit.start,
        end=found.hit.end,
    )
