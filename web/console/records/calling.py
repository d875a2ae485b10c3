"""How people are called, for those who may see everybody: their name and council ID. Raises ``RegisterUnavailable``."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from register import persons
from register.lookup import reading


def called(refs: Collection[str]) -> Mapping[str, str]:
    """By reference; whom the register does not know any more by the reference itself."""
    with reading("people"):
        known = persons.by_ref(refs)
    return {ref: str(known.get(ref, ref)) for ref in refs}


def by_council_id(typed: str) -> str | None:
    """The reference of whoever the office calls so, in any case."""
    with reading("people"):
        found = persons.by_council_id([typed]).get(typed)
    return found.ref if found else None
