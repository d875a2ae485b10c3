"""The sample register's records; ``demo.register_file`` writes them as the CSV that the register imports.

Everybody here is invented. NHS numbers come from the range that the NHS keeps for tests (999), phone numbers
from Ofcom's list for drama, domains from RFC 2606. Dates hang on the ``today`` that ``demo.cast`` is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.model import Category
from domain.permission import Capacity


class KeyKind(StrEnum):
    """Which key or certificate the demo makes for a mailbox before it starts."""

    NONE = "none"
    OPENPGP = "openpgp"
    SMIME = "smime"
    OPENPGP_EXPIRED = "openpgp-expired"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Person:
    """A service user."""

    id: str
    name: str
    born: date
    nhs_number: str
    capacity: Capacity = Capacity.HAS
    aliases: tuple[str, ...] = ()
    email: str = ""


@dataclass(frozen=True, slots=True)
class Household:
    """A carer's home. The address is for the documents; the register does not need it."""

    id: str
    name: str
    address: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """One person in one household; ``end`` is None while it lasts. Short breaks are placements, too."""

    person: str
    household: str
    start: date
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Carer:
    """A Shared Lives carer."""

    id: str
    name: str
    email: str
    household: str
    approved_on: date
    phone: str
    key: KeyKind = KeyKind.NONE
    status: str = "approved"
    trained_on: date | None = None


@dataclass(frozen=True, slots=True)
class Support:
    """A carer who stands in at a household that is not their own."""

    carer: str
    household: str
    start: date


@dataclass(frozen=True, slots=True)
class Officer:
    """Council staff."""

    id: str
    name: str
    email: str
    title: str
    phone: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body outside the council; ``role`` is ``regulator`` for the one that may see records by protocol."""

    id: str
    name: str
    domain: str
    role: str
    address: tuple[str, ...]
    phone: str


@dataclass(frozen=True, slots=True)
class Professional:
    """Somebody (or a shared mailbox) at an organisation."""

    id: str
    name: str
    email: str
    organisation: str
    role: str
    key: KeyKind = KeyKind.NONE


@dataclass(frozen=True, slots=True)
class Relative:
    """Family, or somebody who acts for the person by law (``type`` is ``family`` or ``representative``)."""

    id: str
    type: str
    name: str
    email: str
    person: str
    role: str
    key: KeyKind = KeyKind.NONE


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of a form: this carer, professional, organisation or relative may know these categories."""

    party: str
    categories: frozenset[Category]
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """A 'Permission to share' form, or (``type`` ``best-interests``) a best-interests decision."""

    id: str
    type: str
    person: str
    signed_on: date
    review_due: date
    grants: tuple[Grant, ...] = ()
    withdrawn_on: date | None = None


Correspondent = Carer | Professional | Relative
"""Whoever outside the council gets mail, other than the people themselves."""


@dataclass(frozen=True, slots=True)
class People:
    """The whole sample register."""

    persons: tuple[Person, ...]
    households: tuple[Household, ...]
    placements: tuple[Placement, ...]
    carers: tuple[Carer, ...]
    supports: tuple[Support, ...]
    officers: tuple[Officer, ...]
    organisations: tuple[Organisation, ...]
    professionals: tuple[Professional, ...]
    relatives: tuple[Relative, ...]
    permissions: tuple[Permission, ...]
    staff_domains: tuple[str, ...] = field(default=("hants.example", "sharedlives.hants.example"))

    def person(self, ref: str) -> Person:
        """By council ID. Raises ``StopIteration`` for an unknown one, as the others do."""
        return next(p for p in self.persons if p.id == ref)

    def household(self, ref: str) -> Household:
        """By reference."""
        return next(h for h in self.households if h.id == ref)

    def organisation(self, ref: str) -> Organisation:
        """By reference."""
        return next(o for o in self.organisations if o.id == ref)

    def homes(self, person: str, today: date) -> tuple[Household, ...]:
        """Where the person lives or stays on that day; the longest-standing placement first."""
        live = [
            p for p in self.placements if p.person == person and p.start <= today and (p.end is None or p.end >= today)
        ]
        return tuple(self.household(p.household) for p in sorted(live, key=lambda p: p.start))

    def carers_of(self, household: str) -> tuple[Carer, ...]:
        """The approved carers of one household."""
        return tuple(c for c in self.carers if c.household == household and c.status == "approved")

    @property
    def correspondents(self) -> tuple[Correspondent, ...]:
        """Everybody outside who gets mail."""
        return (*self.carers, *self.professionals, *self.relatives)

    @property
    def keys(self) -> dict[str, KeyKind]:
        """Mailbox to the kind of key it needs; mailboxes without one are left out."""
        return {c.email: c.key for c in self.correspondents if c.key is not KeyKind.NONE}
