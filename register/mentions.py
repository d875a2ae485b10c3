"""Step 4: from texts and identifiers to mentions of registered people.

An identifier counts only when the register knows it: 9 % of random ten-digit strings pass
the NHS check. A name counts as strong when a date in the same part, labelled or not, is that
person's date of birth. An attachment's labelled date of birth that is nobody's who is named is a
stranger's. Less than a name (a slip in it, a first name) counts only where something else
points at the same person. Its input is text out of documents and is not trusted; it is only compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date

from domain.model import Address, Analysis, Identifier, IdentifierKind, Place
from domain.subjects import MatchedBy, Mention
from register import context, naming
from register.known import Known, Wanted, ask, of_colleagues
from register.models import PersonName, RegisterVersion
from register.names import NEAR, NameIndex, Names
from register.naming import Named

_KEYED = {IdentifierKind.NHS_NUMBER: MatchedBy.NHS_NUMBER, IdentifierKind.COUNCIL_ID: MatchedBy.COUNCIL_ID}
_NHS = MatchedBy.NHS_NUMBER
_LABELLED = "date-of-birth"
"""The rule of a date named as one of birth; a birthday may be anybody's."""
_Births = Mapping[str, date | None]


class Mentions:
    """Finds people. Holds the index of names for one register version; thread-safe."""

    def __init__(self) -> None:
        self._index = NameIndex()

    def find(self, analysis: Analysis, near: Collection[Address] = ()) -> tuple[Mention, ...]:
        """Every mention, identifiers first. ``near`` are who writes and reads: whom they look after may be meant."""
        held, names = self._index.held()
        named = _named(analysis, names)
        known = _known(analysis.identifiers, named, near)
        if known.version != held:  # the names have changed; those loaded now are no older than this mail
            named = _named(analysis, self._load())
            known = _known(analysis.identifiers, named, near)
        known = _with_colleagues(known, named, near)
        found = (
            *_by_identifier(analysis.identifiers, known),
            *naming.mentions(named, analysis.identifiers, known),
        )
        return (*_without_excused(found, known), *_strange_births(found, analysis.identifiers, known.births))

    def _load(self) -> Names:
        version = RegisterVersion.current()
        names = Names(PersonName.objects.values_list("person__ref", "name").iterator())
        self._index.hold(version, names)
        return names


def _named(analysis: Analysis, names: Names) -> list[Named]:
    """All readings of all texts as names: whole ones, what stands near a date of birth, first names that may tell."""
    found = [Named(page, hit) for page in analysis.texts for hit in names.find(page.text)]
    found += list(_near_births(analysis, names, found))
    return found + [Named(page, hit, alone=True) for page, hit in context.alone(analysis, names.by_first)]


def _near_births(analysis: Analysis, names: Names, found: list[Named]) -> Iterator[Named]:
    """Less than a name, beside dates of birth that no name stands beside."""
    pages = {(page.part, page.page): page for page in analysis.texts}
    for i in analysis.identifiers:
        page = pages.get((i.evidence.part, i.evidence.page))
        if page and i.kind is IdentifierKind.DATE_OF_BIRTH and i.evidence.rule == _LABELLED:
            start, end = max(0, i.evidence.start - NEAR), i.evidence.end + NEAR
            beside = (n.hit for n in found if n.page is page and not n.hit.faint)
            if not any(hit.start < end and start < hit.end for hit in beside):
                yield from (Named(page, hit) for hit in names.around(page.text, start, end))


def _known(identifiers: tuple[Identifier, ...], named: list[Named], near: Collection[Address]) -> Known:
    nhs, council = ({i.value for i in identifiers if i.kind is kind} for kind in _KEYED)
    return ask(
        Wanted(
            refs={ref for n in named if not n.alone for ref in n.hit.people},
            nhs_numbers=nhs,
            council_ids=council,
            addresses={a.key for a in near if a.key} if any(n.hit.faint for n in named) else (),
            workers={n.folded for n in named if n.at_work},
        )
    )


def _with_colleagues(known: Known, named: list[Named], near: Collection[Address]) -> Known:
    """Asked only where a first name is not of anybody whom the addresses look after themselves."""
    refs = {ref for n in named if n.first_name and not n.hit.people & known.near for ref in n.hit.people}
    addresses = {a.key for a in near if a.key}
    return replace(known, colleagues=of_colleagues(refs, addresses)) if refs and addresses else known


def _by_identifier(identifiers: tuple[Identifier, ...], known: Known) -> Iterator[Mention]:
    numbers = {IdentifierKind.NHS_NUMBER: known.nhs_numbers, IdentifierKind.COUNCIL_ID: known.council_ids}
    for identifier in identifiers:
        if identifier.kind in _KEYED:
            ref = numbers[identifier.kind].get(identifier.value)
            yield Mention(frozenset({ref} if ref else ()), _KEYED[identifier.kind], identifier.evidence)


def _without_excused(mentions: tuple[Mention, ...], known: Known) -> tuple[Mention, ...]:
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
    named = frozenset[str]().union(*(m.people for m in mentions))
    known = {day.isoformat() for ref, day in births.items() if day is not None and ref in named}
    sure = {(m.evidence.part, ref) for m in mentions if m.by.strong for ref in m.people}
    excused = {part for part, ref in sure if births.get(ref) is None}
    for i in identifiers:
        birth = i.kind is IdentifierKind.DATE_OF_BIRTH and i.evidence.rule == _LABELLED
        if birth and i.evidence.place is Place.ATTACHMENT and i.value not in known and i.evidence.part not in excused:
            yield Mention(frozenset(), MatchedBy.NAME_AND_BIRTH, i.evidence)
