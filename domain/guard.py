"""The misdirected-mail guard: whether a recipient may be another one than the officer meant. Pure.

It looks at outside recipients alone, and only doubts: what it finds can hold a mail or have its officer told, as the
policy says, and never lets anything go that would not go without it. Four doubts: nothing was sent to this address by
this officer about these people before; the address is one slip (``domain/slips.py``) or a look-alike letter away from a
known one; it begins as an address that the officer often writes to, as a mail program's list of suggestions would
offer them together; everybody would see the addresses of many.

An address that stands in the register itself, and whose owner may know what is in the mail, is no slip and no wrong
suggestion: somebody else wrote it down, too. Then only the first doubt is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.model import Address
from domain.slips import Slip, slip

_SHORT = 4
"""Below so many letters, another letter makes another word as easily as a slip; the key beside still tells."""
_FIRST_NAME = 3
"""So many letters make a first name, as the beginning of an address."""
_BEGINNING = re.compile(r"[a-z]+")


class Kind(StrEnum):
    """What may be wrong. The values are the policy's conditions."""

    NEW = "recipient-new"
    LOOK_ALIKE = "recipient-look-alike"
    NEIGHBOUR = "recipient-neighbour"
    TOO_MANY_VISIBLE = "too-many-visible"


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
class Written:
    """What one officer sent to one address (folded) about one person; ``person`` is empty where it was about nobody."""

    recipient: str
    person: str
    times: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What is known of addresses: what this officer wrote before, the register's mailboxes, organisations' domains."""

    written: tuple[Written, ...] = field(default=(), repr=False)
    registered: frozenset[str] = field(default=frozenset(), repr=False)
    domains: frozenset[str] = field(default=frozenset(), repr=False)


class Looks(Protocol):
    """How domains look to a person's eye (UTS #39)."""

    def skeleton(self, domain: str) -> str:
        """The same for domains that look alike. Never raises."""
        ...

    def disguised(self, domain: str) -> bool:
        """Whether a label mixes scripts so that it passes for another. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Guard:
    """One mail. ``outside`` are its recipients outside; ``people`` whom it is about; ``visible`` is how many outside
    addresses To and Cc hold; ``vouched`` are mailboxes of the register whose owners may know what is in the mail.

    ``private``: something in it is to be protected; of any other mail only To and Cc are looked at.
    """  # noqa: D205 - one thought

    outside: tuple[Address, ...]
    people: frozenset[str]
    visible: int
    vouched: frozenset[Address]
    known: Acquaintance
    rules: GuardRules
    looks: Looks
    private: bool = True

    def suspicions(self, now: datetime) -> Mapping[Address, tuple[Suspicion, ...]]:
        """By recipient, where there are any. Total, and quick however many recipients and known addresses there are."""
        lately = tuple(w for w in self.known.written if now - w.last <= self.rules.remember)
        known = _Known(lately, self.people, self.known, self.rules.often, self.looks)
        found = {r: tuple(self._of(r, known)) for r in self.outside}
        return {r: doubts for r, doubts in found.items() if doubts}

    def _of(self, recipient: Address, known: _Known) -> Iterator[Suspicion]:
        if self.visible > self.rules.visible:
            yield Suspicion(Kind.TOO_MANY_VISIBLE)
        about = known.about.get(recipient.key, frozenset())
        if not self.private or (about and about >= self.people):
            return
        yield Suspicion(Kind.NEW)
        if recipient in self.vouched:
            return
        alike = None if about else known.look_alike(recipient)  # who was written to before is no slip
        closest = alike or known.neighbour(recipient)
        if closest is not None:
            yield closest


class _Known:
    """What addresses are compared with: made once a mail, by halves of addresses, so that each is compared with few."""

    def __init__(
        self, lately: Iterable[Written], people: frozenset[str], known: Acquaintance, often: int, looks: Looks
    ) -> None:
        dearest = _dearest(lately, people)
        self.about = _about(dearest)
        self._looks = looks
        self._often = list(_often(dearest, often))
        addresses = dict.fromkeys([*(w.recipient for w in dearest), *sorted(known.registered)])
        self._places = {address: place for place, address in enumerate(addresses)}
        self._halves: dict[str, list[tuple[str, str, str]]] = {}
        for address in addresses:
            name, _, domain = address.rpartition("@")
            for half in (f"{name}@", f"@{domain}"):
                self._halves.setdefault(half, []).append((address, name, domain))
        self._domains = {address.rpartition("@")[2] for address in addresses} | known.domains
        self._posing: dict[str, bool] = {}

    def look_alike(self, recipient: Address) -> Suspicion | None:
        """The dearest known address of which this may be a slip; else a known domain that it passes for."""
        name, _, domain = recipient.key.rpartition("@")
        others = [*self._halves.get(f"{name}@", ()), *self._halves.get(f"@{domain}", ())]
        alike = [a for a, its, house in others if a != recipient.key and self._mistaken((name, domain), (its, house))]
        if alike:
            return Suspicion(Kind.LOOK_ALIKE, min(alike, key=self._places.__getitem__))
        return Suspicion(Kind.LOOK_ALIKE) if self._poses(domain) else None

    def neighbour(self, recipient: Address) -> Suspicion | None:
        """The dearest address that begins as this one does, of those often written to."""
        beginning = _beginning(recipient.key)
        if len(beginning) < _FIRST_NAME:
            return None
        others = (o for o in self._often if o != recipient.key and _beginning(o) == beginning)
        return next((Suspicion(Kind.NEIGHBOUR, other) for other in others), None)

    def _mistaken(self, typed: tuple[str, str], right: tuple[str, str]) -> bool:
        """One slip in either half of the address, or the same to the eye."""
        if typed[1] == right[1]:
            return _likely(slip(typed[0], right[0]), right[0])
        return self._alike(typed[1], right[1])

    def _alike(self, typed: str, right: str) -> bool:
        name = right.partition(".")[0]
        return _likely(slip(typed, right), name) or self._looks.skeleton(typed) == self._looks.skeleton(right)

    def _poses(self, domain: str) -> bool:
        """Whether the domain passes for a known one, or hides letters of another script. Looked at once a domain."""
        if domain not in self._posing:
            self._posing[domain] = domain not in self._domains and (
                self._looks.disguised(domain) or any(self._alike(domain, known) for known in self._domains if known)
            )
        return self._posing[domain]


def _about(written: Iterable[Written]) -> Mapping[str, frozenset[str]]:
    about: dict[str, frozenset[str]] = {}
    for one in written:
        about[one.recipient] = about.get(one.recipient, frozenset()) | {one.person}
    return about


def _likely(found: Slip | None, right: str) -> bool:
    return found is not None and (found is not Slip.OTHER or len(right) >= _SHORT)


def _beginning(address: str) -> str:
    """A first name, as addresses begin with one: the letters before the first dot, hyphen or number."""
    found = _BEGINNING.match(address)
    return found[0] if found else ""


def _dearest(lately: Iterable[Written], people: frozenset[str]) -> list[Written]:
    """First those about the same people, then the ones written to most often; in a steady order."""
    return sorted(lately, key=lambda w: (w.person not in people, -w.times, w.recipient))


def _often(written: Iterable[Written], often: int) -> Iterator[str]:
    times: dict[str, int] = {}
    for one in written:
        times[one.recipient] = times.get(one.recipient, 0) + one.times
    yield from (recipient for recipient, count in times.items() if count >= often)
