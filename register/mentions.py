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
from register.models import PersonName, RegisterVersion
from register.names import NameHit, NameIndex, Names
from register.sql import Question, gather, maybe_day, sorted_tuple

_KEYED = {IdentifierKind.NHS_NUMBER: MatchedBy.NHS_NUMBER, IdentifierKind.COUNCIL_ID: MatchedBy.COUNCIL_ID}
_NHS = MatchedBy.NHS_NUMBER
_LABELLED = "date-of-birth"
"""The rule of a date named as one of birth; a birthday may be anybody's."""
_DATE = re.compile(r"(?=\d)(?<![\d/.-])([0-3]?\d)\s?[/.-]\s?([01]?\d)\s?[/.-]\s?((?:19|20)\d\d)(?![\d/-])")
_Births = Mapping[str, date | None]


@dataclass(frozen=True, slots=True)
class _Named:
    page: PageText
    hit: NameHit


@dataclass(frozen=True, slots=True)
class _Known:
    """What the register knows of those whom a mail names or numbers: by reference, by each of their numbers."""

    version: int
    births: dict[str, date | None]
    nhs_numbers: dict[str, str]
    council_ids: dict[str, str]


class Mentions:
    """Finds people. Holds the index of names for one register version; thread-safe."""

    def __init__(self) -> None:
        self._index = NameIndex()

    def find(self, analysis: Analysis) -> tuple[Mention, ...]:
        """Every mention, identifiers first."""
        held, names = self._index.held()
        named = _named(analysis, names)
        known = _known(analysis.identifiers, named)
        if known.version != held:  # the names have changed; those loaded now are no older than this mail
            named = _named(analysis, self._load())
            known = _known(analysis.identifiers, named)
        found = (*_by_identifier(analysis.identifiers, known), *_by_name(named, analysis.identifiers, known.births))
        return (*_without_excused(found, known), *_strange_births(found, analysis.identifiers, known.births))

    def _load(self) -> Names:
        version = RegisterVersion.current()
        names = Names(PersonName.objects.values_list("person__ref", "name").iterator())
        self._index.hold(version, names)
        return names


def _named(analysis: Analysis, names: Names) -> list[_Named]:
    return [_Named(page, hit) for page in analysis.texts for hit in names.find(page.text)]


_VERSION = "SELECT number FROM register_registerversion"
_PEOPLE = """
SELECT ref, date_of_birth, nhs_number, council_id
  FROM register_person WHERE ref IN (%s) OR nhs_number IN (%s) OR council_id IN (%s)
"""


def _known(identifiers: tuple[Identifier, ...], named: list[_Named]) -> _Known:
    refs = sorted_tuple({ref for n in named for ref in n.hit.people})
    nhs, council = (sorted_tuple({i.value for i in identifiers if i.kind is kind}) for kind in _KEYED)
    version, rows = gather(Question(_VERSION), Question(_PEOPLE, (refs, nhs, council)))
    return _Known(
        version=int(version[0][0]) if version else 0,
        births={ref: maybe_day(born) for ref, born, _, _ in rows},
        nhs_numbers={nhs: ref for ref, _, nhs, _ in rows if nhs is not None},
        council_ids={council: ref for ref, _, _, council in rows},
    )


def _by_identifier(identifiers: tuple[Identifier, ...], known: _Known) -> Iterator[Mention]:
    numbers = {IdentifierKind.NHS_NUMBER: known.nhs_numbers, IdentifierKind.COUNCIL_ID: known.council_ids}
    for identifier in identifiers:
        if identifier.kind in _KEYED:
            ref = numbers[identifier.kind].get(identifier.value)
            yield Mention(frozenset({ref} if ref else ()), _KEYED[identifier.kind], identifier.evidence)


def _without_excused(mentions: tuple[Mention, ...], known: _Known) -> tuple[Mention, ...]:
    """An unknown NHS number is nobody else's where the part names a person whose own number was never recorded."""
    strange = {m.evidence.part for m in mentions if not m.people}
    if not strange:
        return mentions
    numbered = frozenset(known.nhs_numbers.values())
    sure = {(m.evidence.part, ref) for m in mentions if m.by.strong for ref in m.people}
    excused = {part for part, ref in sure if ref not in numbered}
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
