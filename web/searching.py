"""A search as people ask it: the register's names for ``about:``, council IDs in what is found.

Pages and command line share it: the search itself (``vault/search/``) knows no register.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from register.lookup import DatabaseRegister
from register.models import Person, PersonName
from vault.search.find import Found
from vault.search.terms import Terms
from vault.search.tokens import Keyed


def terms_for(keyed: Keyed, domains: Collection[str]) -> Terms:
    """``about:`` takes a reference, a council ID or a name of the register. ``domains`` are the council's own."""
    register = DatabaseRegister(tuple(domains))

    def resolve(text: str) -> Sequence[str]:
        if found := register.named([text]):
            return list(found.values())
        if Person.objects.filter(ref=text).exists():
            return [text]
        return sorted(set(PersonName.objects.filter(name__iexact=text).values_list("person__ref", flat=True)))

    return Terms(keyed, resolve)


def called(refs: Collection[str]) -> dict[str, str]:
    """How the office calls people, by reference; whom the register does not know any more is left out."""
    return dict(Person.objects.filter(ref__in=refs).values_list("ref", "council_id"))


def named(found: Found) -> Found:
    """With people's council IDs, which officers know them by, in the place of references; those left stay."""
    known = called({ref for hit in found.hits for ref in hit.people} | set(found.facets.get("person", {})))
    hits = tuple(replace(h, people=tuple(known.get(p, p) for p in h.people)) for h in found.hits)
    facets = {name: {known.get(v, v): n for v, n in counts.items()} for name, counts in found.facets.items()}
    return replace(found, hits=hits, facets=facets)
