"""People by name and number, for whoever shows or types them: pages and commands. One question, however many."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from register.models import Person, PersonName


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the register, as people call them."""

    ref: str
    council_id: str
    name: str = field(repr=False)
    born: date | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.name} ({self.council_id})"


def by_ref(refs: Collection[str]) -> dict[str, Someone]:
    """Those of the references that are somebody's; by reference."""
    return {s.ref: s for s in _read(ref__in=refs)} if refs else {}


def by_council_id(council_ids: Collection[str]) -> dict[str, Someone]:
    """Those of the council IDs that are somebody's; by the ID as it was typed. Case does not matter."""
    if not council_ids:
        return {}
    folded = {c.strip().casefold(): c for c in council_ids}
    found = {s.council_id.casefold(): s for s in _read(council_id__in=_spellings(folded))}
    return {typed: found[key] for key, typed in folded.items() if key in found}


def _spellings(ids: Collection[str]) -> set[str]:
    """As typed in small and in large letters: council IDs are stored in either."""
    return {spelt for i in ids for spelt in (i, i.upper(), i.lower())}


def _read(**which: object) -> list[Someone]:
    rows = list(Person.objects.filter(**which).values_list("pk", "ref", "council_id", "date_of_birth"))
    names = dict(PersonName.objects.filter(person__in=[r[0] for r in rows], main=True).values_list("person_id", "name"))
    return [Someone(ref, number, names.get(pk, number), born) for pk, ref, number, born in rows]
