"""Bodies, as they are sent and as they come back. What comes back has ``id`` and ``etag`` besides."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from domain.decision import Basis
from domain.model import Category
from domain.permission import Capacity, Ground, PartyKind
from domain.tags import Concern
from web.api.values import Code, Day, Flag, Line, Mailbox, Moment, Name, NhsNumber, Shape, SomeText, Text

_OTHER_BASES = Literal[
    Basis.SAFEGUARDING, Basis.VITAL_INTERESTS, Basis.LEGAL_DUTY, Basis.DIRECT_CARE, Basis.REGULATOR, Basis.SELF
]


class PersonName(Shape):
    """A name, from and to. Former names still say whom a document is about."""

    name: Name
    main: Flag = False
    starts: Day | None = None
    ends: Day | None = None


class Person(Shape):
    """A service user. Exactly one of the names is the main one. ``officer`` is the code of whom reminders go to."""

    council_id: Code = Field(max_length=32)
    nhs_number: NhsNumber | None = None
    date_of_birth: Day | None = None
    left_on: Day | None = None
    died_on: Day | None = None
    officer: Code | None = None
    officer_from: Day | None = None
    names: list[PersonName] = Field(min_length=1, max_length=50)

    @field_validator("names")
    @classmethod
    def _one_is_main(cls, names: list[PersonName]) -> list[PersonName]:
        if sum(n.main for n in names) != 1:
            raise ValueError("exactly one of the names is the main one")
        return names


class Coded(Shape):
    """A household or a team. ``code`` is the council's own name for it, and never changes."""

    code: Code
    name: Line = ""


class Organisation(Shape):
    """A surgery, a trust, a firm, a regulator. ``domain`` is its mail domain."""

    code: Code
    name: Name
    domain: str = Field("", max_length=255, pattern=r"^[a-z0-9.-]*$")
    regulator: Flag = False


class Party(Shape):
    """Somebody with a mailbox. ``household``, ``team`` and ``organisation`` are codes, ``person`` is a ``ref``.

    ``email_from`` and ``household_from``: since when; what held before is kept as earlier by itself.
    """

    code: Code
    kind: PartyKind
    name: Name
    email: Mailbox
    email_from: Day | None = None
    approved: Flag = True
    approved_from: Day | None = None
    approved_to: Day | None = None
    role: Line = Field("", max_length=100)
    language: Literal["", "en", "cy"] = ""
    household: Code | None = None
    household_from: Day | None = None
    team: Code | None = None
    organisation: Code | None = None
    person: Code | None = None
    starts: Day | None = None
    ends: Day | None = None


class Support(Shape):
    """A support carer: stands in at a household that is not their own; both days are included."""

    party: Code
    household: Code
    starts: Day
    ends: Day | None = None


class Training(Shape):
    """A carer's data-protection training or yearly appraisal."""

    party: Code
    kind: Literal["data-protection", "appraisal"]
    done_on: Day


class Placement(Shape):
    """A person lives with a household; both days are included."""

    person: Code
    household: Code
    starts: Day
    ends: Day | None = None


class Assessment(Shape):
    """Whether the person can decide about sharing, from that day on."""

    person: Code
    capacity: Capacity
    starts: Day | None = None
    assessor: Line = ""
    notes: Text = ""


class Grant(Shape):
    """One line of a form: a party, or a whole organisation, and what it may know.

    ``since`` is for a line that came onto the form later; without it a line counts from the form's own day.
    ``changed_at``: since when it lets know what it does, if it was changed.
    """

    party: Code | None = None
    organisation: Code | None = None
    categories: list[Category] = Field(min_length=1)
    purposes: list[Line] = Field(default_factory=list, max_length=50)
    since: Moment | None = None
    changed_at: Moment | None = None
    withdrawn_at: Moment | None = None


class EarlierMailbox(Shape):
    """A party's mailbox before the present one; both days are included."""

    party: Code
    email: Mailbox
    starts: Day | None = None
    ends: Day


class EarlierHousehold(Shape):
    """A carer's own household before the present one; both days are included."""

    party: Code
    household: Code
    starts: Day | None = None
    ends: Day


class EarlierOfficer(Shape):
    """Whose person somebody was before; both days are included."""

    person: Code
    officer: Code
    starts: Day | None = None
    ends: Day


class Permission(Shape):
    """A 'Permission to share' form, or a best-interests decision with what the Mental Capacity Act asks."""

    code: Code
    person: Code
    ground: Ground
    given_by: Literal["person", "attorney", "deputy", "decision-maker"] = "person"
    how: Literal["paper", "digital", "spoken"] = "paper"
    document: Line = Field("", max_length=64)
    signed_on: Day
    review_due: Day
    reviewed_on: Day | None = None
    review_outcome: Text = ""
    withdrawn_at: Moment | None = None
    withdrawn_by: Line = ""
    decision: Text = ""
    circumstances: Text = ""
    regaining: Text = ""
    participation: Text = ""
    wishes: Text = ""
    consulted: Text = ""
    representative: Text = ""
    decision_maker: Line = ""
    grants: list[Grant] = Field(default_factory=list, max_length=500)


class SharingBasis(Shape):
    """Another ground than permission. ``recipients`` are codes of parties or organisations, or addresses."""

    code: Code
    person: Code
    basis: _OTHER_BASES
    concern: Concern | Literal[""] = ""
    reason: SomeText
    recipients: list[Line] = Field(min_length=1, max_length=500)
    categories: list[Category] = Field(min_length=1)
    decided_by: Name
    since: Moment
    until: Moment
    ended_at: Moment | None = None
    review_due: Day
    reviewed_on: Day | None = None
    review_outcome: Text = ""


class Key(Shape):
    """A recipient's public certificate; ``data`` is Base64. Read only: keys pass a gate, ``sallyport keys add``."""

    address: str
    method: str
    fingerprint: str
    data: str
    added_at: Moment


class UrgentRelease(Shape):
    """An officer's urgent release to one recipient of one mail."""

    digest: str
    officer: str
    recipient: str
    concern: str
    people: list[str]
    categories: list[str]
    released_at: Moment
    told_at: Moment | None
    review_due: Moment
    reviewed_at: Moment | None
    reviewed_by: str
    review_outcome: str


class ReviewRequest(Shape):
    """A person is to be asked about somebody new, or a permission is missing, withdrawn or overdue."""

    person: str
    recipient: str
    officer: str
    rule: str
    opened_at: Moment
    closed_at: Moment | None
    closed_by: str
    outcome: str


class Outcome(Shape):
    """How a review ended: who held it, and what came of it."""

    by: Name
    outcome: SomeText
