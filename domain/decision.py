"""Decisions as values: what is to be done for one recipient, and why (promise 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from domain.model import Address, Category, Evidence


class Action(IntEnum):
    """What is done for one recipient. Ordered: where reasons disagree, the larger wins."""

    RELAY = 0
    ENCRYPT = 1
    HOLD = 2
    REJECT = 3
    DEFER = 4


class Method(StrEnum):
    """How a message is protected."""

    OPENPGP = "OpenPGP"
    SMIME = "S/MIME"
    PDF = "protected PDF"
    PICK_UP = "pick-up"

    @property
    def by_key(self) -> bool:
        """Whether the recipient opens it with a key or passphrase of their own. What is picked up takes none."""
        return self is not Method.PICK_UP


class Basis(StrEnum):
    """The ground on which something is shared (the policy; UK GDPR Arts 6 and 9; Caldicott)."""

    PERMISSION = "permission"
    BEST_INTERESTS = "best interests decision"
    DIRECT_CARE = "direct care"
    SAFEGUARDING = "safeguarding"
    VITAL_INTERESTS = "vital interests"
    LEGAL_DUTY = "legal duty"
    REGULATOR = "regulator"
    SELF = "the person themselves"
    INTERNAL = "council staff"


class Obligation(StrEnum):
    """What else must be done with the decision."""

    TELL_SENDER = "tell the sender"
    REVIEW_PERMISSION = "review the permission"
    NAME_PERSON = "name the person"
    GET_KEY = "get a key for the recipient"
    TELL_MANAGEMENT = "tell the management team"
    REVIEW_RELEASE = "review the urgent release"
    TRAIN = "training is due"
    WARN_SENDER = "warn the sender"


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that fired. ``why`` and ``fix`` are plain sentences without personal data.

    ``person`` is the register's opaque reference, or empty where no person is concerned. ``instead`` is the address
    that may be meant, where the recipient's may be a slip; for the sender and reviewers alone.
    """

    rule: str
    action: Action
    why: str
    fix: str = ""
    person: str = ""
    category: Category | None = None
    basis: Basis | None = None
    evidence: tuple[Evidence, ...] = field(default=(), repr=False)
    obligations: frozenset[Obligation] = frozenset()
    instead: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """For one recipient. ``method`` is set exactly when ``action`` is ENCRYPT; there is always a reason."""

    recipient: Address
    action: Action
    reasons: tuple[Reason, ...]
    method: Method | None = None
    obligations: frozenset[Obligation] = frozenset()

    def __post_init__(self) -> None:
        if not self.reasons:
            raise ValueError("a decision without a reason")
        if (self.action is Action.ENCRYPT) != (self.method is not None):
            raise ValueError("a method belongs to ENCRYPT, and to nothing else")

    @property
    def decisive(self) -> tuple[Reason, ...]:
        """The reasons that made the action what it is."""
        return tuple(r for r in self.reasons if r.action is self.action)
