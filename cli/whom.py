"""Whom a command is about: people by the council ID that the office calls them by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.frame import InputError

if TYPE_CHECKING:
    from register.models import Person


def person_of(council_id: str) -> Person:
    """By council ID, in any case. Raises :class:`InputError`."""
    from register.models import Person

    found: Person | None = Person.objects.filter(council_id__iexact=council_id.strip()).first()
    if found is None:
        raise InputError("person", public=f"Nobody in the register has the council ID '{council_id}'.")
    return found


def council_id_of(ref: str) -> str:
    """How the office calls a person; the reference where the register does not know them any more."""
    from register.models import Person

    return Person.objects.filter(ref=ref).values_list("council_id", flat=True).first() or ref
