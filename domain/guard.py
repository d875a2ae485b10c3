"""The misdirected-mail guard: whether a recipient may be another one than the officer meant. Pure.

It looks at outside recipients alone, and only doubts: what it finds can hold a mail or have its officer told, as the
policy says, and never lets anything go that would not go without it. Five doubts: nothing was sent to this address by
this officer about these people before; the address is one slip (``domain/slips.py``) or a look-alike letter away from a
known one; it begins as an address that the officer often writes to, as a mail program's list of suggestions would
offer them together; the name beside it is of somebody whose address is known, and is another (``domain/display.py``);
everybody would see the addresses of many. Of harmless mail, a slip and a wrong name are one doubt by a rule of its own.

An address that stands in the register itself, and whose owner may know what is in the mail, is no slip and no wrong
suggestion: somebody else wrote it down, too. Then only the first doubt is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.acquaintance import Acquaintance, Known, Looks, relevant
from domain.model import Address


class Kind(StrEnum):
    """What may be wrong. The values are the policy's conditions."""

    NEW = "recipient-new"
    LOOK_ALIKE = "recipient-look-alike"
    NEIGHBOUR = "recipient-neighbour"
    TOO_MANY_VISIBLE = "too-many-visible"
    MISNAMED = "recipient-misnamed"
    HARMLESS = "harmless-misdirected"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """``instead`` is the address that may be meant, folded; empty where none is known."""

    kind: Kind
    instead: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class GuardRules:
    """The policy's section ``[guard]``.

    ``remember``: what was sent longer ago counts no more. ``often``: from so many mails on an officer writes to an
    address often. ``visible``: so many outside addresses may stand in To and Cc. ``sender_settles``: the doubts that
    the sender may settle alone. ``digest``: how long warnings are gathered before the sender is told of them.
    """

    remember: timedelta = timedelta(days=730)
    often: int = 3
    visible: int = 20
    sender_settles: frozenset[str] = frozenset()
    digest: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the guard went by with one mail, kept so that other numbers of the policy can be tried on it.

    ``visible`` as the guard's; ``known`` is what may decide, whatever the numbers are, and has no names.
    """

    visible: int
    known: Acquaintance


@dataclass(frozen=True, slots=True)
class Guard:
    """One mail. ``outside`` are its recipients outside; ``people`` whom it is about; ``visible`` is how many outside
    addresses To and Cc hold; ``vouched`` are mailboxes of the register whose owners may know what is in the mail.

    ``names`` are those that the mail shows beside addresses that are not made of them. ``private``: something in it is
    to be protected; of any other mail To, Cc, slips and names are looked at.
    """  # noqa: D205 - one thought

    outside: tuple[Address, ...]
    people: frozenset[str]
    visible: int
    vouched: frozenset[Address]
    known: Acquaintance
    rules: GuardRules
    looks: Looks
    private: bool = True
    names: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)

    def suspicions(self, now: datetime) -> Mapping[Address, tuple[Suspicion, ...]]:
        """By recipient, where there are any. Total, and quick however many recipients and known addresses there are."""
        lately = tuple(w for w in self.known.written if now - w.last <= self.rules.remember)
        known = Known(lately, self.people, self.known, self.rules.often, self.looks)
        found = {r: tuple(self._of(r, known)) for r in self.outside}
        return {r: doubts for r, doubts in found.items() if doubts}

    def looked(self) -> Looked:
        """What it went by."""
        return Looked(self.visible, relevant(self.known, self.outside, self.looks))

    def _of(self, recipient: Address, known: Known) -> Iterator[Suspicion]:
        if self.visible > self.rules.visible:
            yield Suspicion(Kind.TOO_MANY_VISIBLE)
        bearer = known.bearer(recipient, self.names.get(recipient, ()))
        if self.private:
            yield from self._of_private(recipient, known, bearer)
            return
        stranger = recipient.key not in self.known.registered and recipient.key not in known.about
        instead = bearer or (known.look_alike(recipient) if stranger else None)
        if instead is not None:
            yield Suspicion(Kind.HARMLESS, instead)

    def _of_private(self, recipient: Address, known: Known, bearer: str | None) -> Iterator[Suspicion]:
        if bearer is not None:
            yield Suspicion(Kind.MISNAMED, bearer)
        about = known.about.get(recipient.key, frozenset())
        if about and about >= self.people:
            return
        yield Suspicion(Kind.NEW)
        if recipient in self.vouched:
            return
        alike = None if about else known.look_alike(recipient)  # who was written to before is no slip
        neighbour = known.neighbour(recipient) if alike is None else None
        if alike is not None:
            yield Suspicion(Kind.LOOK_ALIKE, alike)
        elif neighbour is not None:
            yield Suspicion(Kind.NEIGHBOUR, neighbour)
