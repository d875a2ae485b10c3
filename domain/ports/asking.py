"""What steps 2 to 6 ask: the time, readers, the register, whom somebody wrote to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.acquaintance import Acquaintance, Looks
from domain.decision import Decision, Method
from domain.model import Address, Analysis, Message, Part
from domain.permission import Circle
from domain.subjects import Mention


class Clock(Protocol):
    """The only source of the present."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class Classifiers(Protocol):
    """Step 3. Reads documents in a contained process and says what they are."""

    def analyse(self, subject: str, parts: Sequence[Part]) -> Analysis:
        """Total: a document that crashes or stalls its reader comes back as unreadable.

        Raises ``ClassifierUnavailable`` when no reader can be started at all.
        """
        ...


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A recipient's certificate: a binary OpenPGP certificate, or a DER X.509 certificate.

    ``address`` is the one that it is recorded for, folded: the recipient's, or the mailbox that theirs is another name
    of; empty where it is not recorded yet.
    """

    method: Method
    fingerprint: str
    data: bytes = field(repr=False)
    address: str = ""


class Register(Protocol):
    """Steps 4 and 5. People, and who may know about them."""

    def mentions(self, analysis: Analysis, near: Collection[Address] = ()) -> tuple[Mention, ...]:
        """The service users whom texts and identifiers point at.

        ``near`` are who writes and who reads it: a first name may mean whom they look after. Raises
        ``RegisterUnavailable``.
        """
        ...

    def named(self, council_ids: Collection[str]) -> Mapping[str, str]:
        """The register references of the people with these council IDs, by the ID; unknown ones are left out.

        Raises ``RegisterUnavailable``.
        """
        ...

    def circle(self, people: Collection[str], recipients: Collection[Address], at: datetime) -> Circle:
        """What is recorded about sharing these people's information with these recipients at that time.

        ``people`` are register references. Raises ``RegisterUnavailable``.
        """
        ...

    def stopped(self, recipients: Collection[Address]) -> frozenset[Address]:
        """Those to whom nothing goes for now, as ``circle`` has them. Raises ``RegisterUnavailable``."""
        ...

    def keys(self, recipients: Collection[Address]) -> Mapping[Address, tuple[StoredKey, ...]]:
        """Every certificate recorded for each address, usable or not. Raises ``RegisterUnavailable``."""
        ...


class Papers(Protocol):
    """Where signed papers are. What the register says of them is asked here before it is stored."""

    def holds(self, record: str, person: str) -> bool:
        """Whether this is a record of the vault that may be about this person (a reference): it names nobody else."""
        ...


class Correspondents(Protocol):
    """Step 5, for the guard against misdirected mail (``domain/guard.py``): whom officers wrote to, who is known."""

    looks: Looks

    def visible(self, message: Message, most: int) -> int:
        """How many outside addresses everybody who gets it sees, where they are more than ``most``; else 0."""
        ...

    def misnamed(self, message: Message) -> Mapping[Address, tuple[str, ...]]:
        """Addresses of To and Cc beside which a name stands that they are not made of (``domain/display.py``)."""
        ...

    def strange(self, sender: Address, recipients: Collection[Address], now: datetime) -> tuple[Address, ...]:
        """Of a harmless mail by somebody of the council: recipients outside that were not looked at of late."""
        ...

    def familiar(self, sender: Address, recipients: Collection[Address], now: datetime) -> None:
        """They were looked at, and there was nothing to doubt."""
        ...

    def known(
        self, sender: Address, recipients: Collection[Address], names: Collection[tuple[str, ...]] = ()
    ) -> Acquaintance:
        """What these addresses and names are compared with. Raises ``RegisterUnavailable``, ``VaultUnavailable``."""
        ...

    def warned(self, sender: Address, recipients: Collection[Address]) -> frozenset[Address]:
        """About whom this sender was warned before. Raises ``VaultUnavailable``."""
        ...

    def delivered(
        self,
        record: str,
        sender: Address,
        people: Collection[str],
        decisions: Sequence[Decision],
        now: datetime,
        *,
        private: bool = True,
    ) -> None:
        """These copies have left: their sender is to be warned as they say; what was ``private`` makes addresses known.

        Raises ``VaultUnavailable``.
        """
        ...
