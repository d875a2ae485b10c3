"""What addresses are compared with: what an officer wrote before, the register's mailboxes and domains. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.display import made_of
from domain.model import Address
from domain.slips import Slip, slip

_SHORT = 4
"""Below so many letters, another letter makes another word as easily as a slip; the key beside still tells."""
_FIRST_NAME = 3
"""So many letters make a first name, as the beginning of an address."""
_BEGINNING = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Written:
    """What one officer sent to one address (folded) about one person; ``person`` is empty where it was about nobody."""

    recipient: str
    person: str
    times: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What is known of addresses: what this officer wrote before, the register's mailboxes, organisations' domains.

    ``named``: the register's mailboxes of those who bear a name that the mail shows (``domain/display.py``).
    """

    written: tuple[Written, ...] = field(default=(), repr=False)
    registered: frozenset[str] = field(default=frozenset(), repr=False)
    domains: frozenset[str] = field(default=frozenset(), repr=False)
    named: Mapping[tuple[str, ...], frozenset[str]] = field(default_factory=dict, repr=False)


class Looks(Protocol):
    """How domains look to a person's eye (UTS #39)."""

    def skeleton(self, domain: str) -> str:
        """The same for domains that look alike. Never raises."""
        ...

    def disguised(self, domain: str) -> bool:
        """Whether a label mixes scripts so that it passes for another. Never raises."""
        ...


class Known:
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
        self._named = known.named
        self._domains = {address.rpartition("@")[2] for address in addresses} | known.domains
        self._posing: dict[str, bool] = {}
        self._resembling: dict[str, set[str]] = {}

    def look_alike(self, recipient: Address) -> str | None:
        """The dearest known address of which this may be a slip; empty for a known domain that it passes for."""
        name, _, domain = recipient.key.rpartition("@")
        others = [*self._halves.get(f"{name}@", ()), *self._halves.get(f"@{domain}", ())]
        alike = [a for a, its, house in others if a != recipient.key and self._mistaken((name, domain), (its, house))]
        if alike:
            dearest: str = min(alike, key=self._places.__getitem__)
            return dearest
        return "" if self._poses(domain) else None

    def neighbour(self, recipient: Address) -> str | None:
        """The dearest address that begins as this one does, of those often written to."""
        beginning = _beginning(recipient.key)
        if len(beginning) < _FIRST_NAME:
            return None
        others = (o for o in self._often if o != recipient.key and _beginning(o) == beginning)
        return next(others, None)

    def bearer(self, recipient: Address, name: tuple[str, ...]) -> str | None:
        """Whose address is known by the name that stands beside this one, where it is not this one's own."""
        if not name or made_of(name, recipient.key):
            return None
        registered = self._named.get(name, frozenset())
        if recipient.key in registered:
            return None
        found: str | None = next((a for a in self._places if a in registered or made_of(name, a)), None)
        return found or min(registered, default=None)

    def touching(self, recipient: Address) -> tuple[set[str], set[str]]:
        """The addresses and domains that may decide what is doubted about this one, whatever the policy's numbers."""
        name, _, domain = recipient.key.rpartition("@")
        halves = [*self._halves.get(f"{name}@", ()), *self._halves.get(f"@{domain}", ())]
        slips = {a for a, its, house in halves if self._mistaken((name, domain), (its, house))}
        beginning = _beginning(recipient.key)
        neighbours = {a for a in self._places if beginning and _beginning(a) == beginning}
        if domain not in self._resembling:
            self._resembling[domain] = {d for d in self._domains if d == domain or (d and self._alike(domain, d))}
        return slips | neighbours | {recipient.key}, self._resembling[domain]

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


def relevant(known: Acquaintance, outside: Iterable[Address], looks: Looks) -> Acquaintance:
    """As little of it as gives the same doubts about these addresses, whatever the policy's numbers; names left out.

    Of a domain that only its name matters of, the row of the last mail is kept.
    """
    everything = Known(known.written, frozenset(), known, 1, looks)
    touching = [everything.touching(r) for r in outside]
    addresses, domains = set[str]().union(*(a for a, _ in touching)), set[str]().union(*(d for _, d in touching))
    last: dict[str, Written] = {}
    for one in sorted(known.written, key=lambda w: w.last):
        last[one.recipient.rpartition("@")[2]] = one
    kept = [w for w in known.written if w.recipient in addresses]
    named = domains & (known.domains | {a.rpartition("@")[2] for a in known.registered})
    witnesses = [last[d] for d in sorted(domains & last.keys()) if last[d] not in kept]
    return Acquaintance((*kept, *witnesses), known.registered & addresses, frozenset(named))


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
