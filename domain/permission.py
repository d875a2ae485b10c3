"""Step 5, the pure half: whether a sharing is permitted, and on what ground.

The policy: information is shared with others only in line with the person's 'Permission
to share' form; without capacity, a best-interests decision must be recorded (Mental
Capacity Act 2005 s.4); a review is due yearly; permission can be withdrawn at any time.
Permission is one ground among several: safeguarding, a legal duty or vital interests may
let somebody know without it, where that was decided and recorded (UK GDPR Arts 6 and 9).
What follows from a state is not decided here but in ``config/policy.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.decision import Basis
from domain.model import Address, Category


class PartyKind(StrEnum):
    """What a mailbox's owner is to the service."""

    OFFICER = "officer"
    CARER = "carer"
    PROFESSIONAL = "professional"
    ORGANISATION = "organisation"
    FAMILY = "family"
    REPRESENTATIVE = "representative"
    PERSON = "person"
    REGULATOR = "regulator"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody the register knows, as one address shows them.

    ``household`` is a carer's own, ``supports`` are those where they stand in at present; ``organisation`` is set
    for professionals and organisations, ``person`` for the service user themselves. All are register references.
    ``trained_on`` is the last data-protection training that is recorded.
    """

    ref: str
    kind: PartyKind
    approved: bool = True
    household: str = ""
    organisation: str = ""
    person: str = ""
    trained_on: date | None = None
    supports: frozenset[str] = frozenset()


class Capacity(StrEnum):
    """Mental capacity to decide about sharing information."""

    HAS = "has capacity"
    FLUCTUATES = "fluctuating"
    LACKS = "lacks capacity"


class Ground(StrEnum):
    """What kind of record permits."""

    FORM = "permission-to-share form"
    BEST_INTERESTS = "best-interests decision"


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of a form: this party or organisation (:func:`of_party`, :func:`of_organisation`) may know these.

    It counts from ``since``; without, for as long as the form itself.
    """

    party: str
    categories: frozenset[Category]
    withdrawn_at: datetime | None = None
    since: datetime | None = None

    def begun(self, at: datetime) -> bool:
        """Whether the line stood on the form by then."""
        return self.since is None or self.since <= at


@dataclass(frozen=True, slots=True)
class Permission:
    """One form, or one best-interests decision. The latest signed one of its kind counts.

    ``reviewed_on`` is the last review at which it was kept; before the first, the day of signing counts.
    ``represented``: an attorney or deputy signed the form.
    """

    ref: str
    ground: Ground
    signed_on: date
    review_due: date
    grants: tuple[Grant, ...]
    withdrawn_at: datetime | None = None
    reviewed_on: date | None = None
    represented: bool = False

    @property
    def in_their_place(self) -> bool:
        """Decided by somebody else, for a person who could not."""
        return self.represented or self.ground is Ground.BEST_INTERESTS


@dataclass(frozen=True, slots=True)
class OtherBasis:
    """A recorded decision to let somebody know on another ground than permission, for a time.

    ``recipients`` are :func:`of_party`, :func:`of_organisation`, or folded addresses.
    """

    ref: str
    basis: Basis
    recipients: frozenset[str]
    categories: frozenset[Category]
    since: datetime
    until: datetime
    ended_at: datetime | None = None

    def lets(self, names: frozenset[str], category: Category, at: datetime) -> bool:
        """Whether somebody of these names may know this now."""
        live = self.since <= at < self.until and not _withdrawn(self.ended_at, at)
        return live and category in self.categories and bool(names & self.recipients)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is recorded about one service user at one time. ``households`` are those of current placements."""

    ref: str
    capacity: Capacity
    households: frozenset[str]
    permissions: tuple[Permission, ...]
    bases: tuple[OtherBasis, ...] = ()
    died_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReviewIntervals:
    """After how long a permission must be reviewed at the latest, whatever date was written on the form."""

    usual: timedelta = timedelta(days=365)
    fluctuating: timedelta = timedelta(days=182)

    def due(self, permission: Permission, capacity: Capacity) -> date:
        """The last day on which the permission counts without another review."""
        longest = self.fluctuating if capacity is Capacity.FLUCTUATES else self.usual
        return min(permission.review_due, (permission.reviewed_on or permission.signed_on) + longest)


@dataclass(frozen=True, slots=True)
class Circle:
    """What the register says about people and recipients, true at ``at``. To the ``stopped`` nothing goes for now."""

    at: datetime
    people: Mapping[str, PersonFacts] = field(default_factory=dict)
    parties: Mapping[Address, tuple[Party, ...]] = field(default_factory=dict)
    staff: frozenset[Address] = frozenset()
    stopped: frozenset[Address] = frozenset()


class Relation(StrEnum):
    """What a recipient is to one person."""

    STAFF = "staff"
    SELF = "self"
    CURRENT_CARER = "current-carer"
    SUPPORT_CARER = "support-carer"
    UNAPPROVED_CARER = "unapproved-carer"
    OTHER_CARER = "other-carer"
    PROFESSIONAL = "professional"
    FAMILY = "family"
    REPRESENTATIVE = "representative"
    REGULATOR = "regulator"
    STRANGER = "stranger"


class PermissionState(StrEnum):
    """How the person's permission stands towards one recipient and one category."""

    GRANTED = "granted"
    BEST_INTERESTS = "best-interests"
    NOT_COVERED = "category-not-covered"
    NOT_NAMED = "not-named"
    OVERDUE = "review-overdue"
    WITHDRAWN = "withdrawn"
    MISSING = "missing"
    NO_DECISION = "no-best-interests-decision"
    DIED = "person-died"
    SAFEGUARDING = "safeguarding"
    VITAL_INTERESTS = "vital-interests"
    LEGAL_DUTY = "legal-duty"
    DIRECT_CARE = "direct-care"
    REGULATOR = "regulator"
    OWN_REQUEST = "own-request"


def relation(party: Party, person: PersonFacts) -> Relation:
    """What this party is to this person. Carers of other people are OTHER_CARER, whatever else they do."""
    if party.kind is PartyKind.CARER:
        if not cares_for(party, person):
            return Relation.OTHER_CARER
        if not party.approved:
            return Relation.UNAPPROVED_CARER
        return Relation.CURRENT_CARER if party.household in person.households else Relation.SUPPORT_CARER
    if party.kind is PartyKind.PERSON:
        return Relation.SELF if party.person == person.ref else Relation.STRANGER
    return _PLAIN_RELATIONS[party.kind]


def cares_for(carer: Party, person: PersonFacts) -> bool:
    """Whether the person lives with them at present, or in a household where they stand in."""
    return bool(person.households & (carer.supports | {carer.household}))


_PLAIN_RELATIONS = {
    PartyKind.OFFICER: Relation.STAFF,
    PartyKind.PROFESSIONAL: Relation.PROFESSIONAL,
    PartyKind.ORGANISATION: Relation.PROFESSIONAL,
    PartyKind.FAMILY: Relation.FAMILY,
    PartyKind.REPRESENTATIVE: Relation.REPRESENTATIVE,
    PartyKind.REGULATOR: Relation.REGULATOR,
}


_PERMITTED = frozenset({PermissionState.GRANTED, PermissionState.BEST_INTERESTS})
_BY_BASIS = {
    Basis.SAFEGUARDING: PermissionState.SAFEGUARDING,
    Basis.VITAL_INTERESTS: PermissionState.VITAL_INTERESTS,
    Basis.LEGAL_DUTY: PermissionState.LEGAL_DUTY,
    Basis.DIRECT_CARE: PermissionState.DIRECT_CARE,
    Basis.REGULATOR: PermissionState.REGULATOR,
    Basis.SELF: PermissionState.OWN_REQUEST,
}
OTHER_BASES = tuple(_BY_BASIS)
"""The grounds that can be recorded as a decision of their own."""


def state(
    recipient: Address,
    party: Party | None,
    person: PersonFacts,
    category: Category,
    at: datetime,
    reviews: ReviewIntervals,
) -> PermissionState:
    """How permission stands. ``party`` is None for an address that the register does not know.

    Another basis is looked for only where permission does not reach; a permission ends with the person's death.
    """
    died = person.died_on is not None and person.died_on <= at.date()
    stands = PermissionState.DIED if died else _by_permission(party, person, category, at, reviews)
    if stands in _PERMITTED:
        return stands
    names = _names(party) | {recipient.key}
    other = next((b for b in person.bases if b.lets(names, category, at)), None)
    return _BY_BASIS[other.basis] if other else stands


def _by_permission(
    party: Party | None, person: PersonFacts, category: Category, at: datetime, reviews: ReviewIntervals
) -> PermissionState:
    permission = counting(person, at)
    if permission is None:
        lacks = person.capacity is Capacity.LACKS
        return PermissionState.NO_DECISION if lacks else PermissionState.MISSING
    if _withdrawn(permission.withdrawn_at, at):
        return PermissionState.WITHDRAWN
    grants = [g for g in permission.grants if g.party in _names(party) and g.begun(at)]
    if not grants:
        return PermissionState.NOT_NAMED
    live = [g for g in grants if not _withdrawn(g.withdrawn_at, at)]
    if not live:
        return PermissionState.WITHDRAWN
    return _covered(permission, live, category, overdue=reviews.due(permission, person.capacity) < at.date())


def _covered(permission: Permission, live: list[Grant], category: Category, *, overdue: bool) -> PermissionState:
    if not any(category in g.categories for g in live):
        return PermissionState.NOT_COVERED
    if overdue:
        return PermissionState.OVERDUE
    by_form = permission.ground is Ground.FORM
    return PermissionState.GRANTED if by_form else PermissionState.BEST_INTERESTS


def counting(person: PersonFacts, at: datetime) -> Permission | None:
    """The one that decides: the latest signed by then, of the kind that the person's capacity asks for.

    With capacity that is their own form; without, a best-interests decision, or a form that an attorney or
    deputy signed in their place (Mental Capacity Act 2005 ss.9, 16).

    An older one is never fallen back to, so this one may be withdrawn or overdue.
    """
    lacks = person.capacity is Capacity.LACKS
    signed = [p for p in person.permissions if p.in_their_place is lacks and p.signed_on <= at.date()]
    return max(signed, key=lambda p: (p.signed_on, p.ref), default=None)


def _withdrawn(when: datetime | None, at: datetime) -> bool:
    return when is not None and when <= at


def of_party(code: str) -> str:
    """How a form or a ground names a party, so that an organisation or a mailbox of that name is somebody else."""
    return f"{_PARTY}{code}"


def of_organisation(code: str) -> str:
    """How a form or a ground names a whole organisation."""
    return f"{_ORGANISATION}{code}"


def code_of(name: str) -> str:
    """The register's code in the name of a party or an organisation; an address is its own."""
    return name.removeprefix(_PARTY if name.startswith(_PARTY) else _ORGANISATION)


_PARTY, _ORGANISATION = "party:", "org:"


def _names(party: Party | None) -> frozenset[str]:
    """A mailbox that is known only as an organisation's is no party: its ``ref`` is the organisation's code."""
    if party is None:
        return frozenset()
    itself = {of_party(party.ref)} if party.ref and party.ref != party.organisation else set()
    return frozenset(itself | ({of_organisation(party.organisation)} if party.organisation else set()))
