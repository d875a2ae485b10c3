"""Port ``Correspondents``: whom officers wrote to (the vault's rows), which addresses are known (the register's)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from domain.decision import Decision
from domain.guard import Acquaintance, Looks
from domain.model import Address, Message
from domain.ports import Clock
from gateway.guarding import visible
from gateway.lookalike import Confusables
from register import addresses
from register.lookup import reading
from vault import correspondence


class DatabaseCorrespondents:
    """Implements ``Correspondents``. ``domains`` are the council's own, folded."""

    def __init__(self, domains: frozenset[str], clock: Clock) -> None:
        self._domains, self._clock = domains, clock
        self.looks: Looks = Confusables()

    def visible(self, message: Message, most: int) -> int:
        """See the port."""
        return visible(message, self._domains, most)

    def known(self, sender: Address, recipients: Collection[Address]) -> Acquaintance:
        """See the port. One question to the vault's rows by an index, one to the register."""
        with reading("addresses"):
            mailboxes, domains = addresses.near(recipients, self._clock.now().date())
        return Acquaintance(correspondence.written_by(sender), mailboxes, domains | self._domains)

    def delivered(
        self, record: str, sender: Address, people: Collection[str], decisions: Sequence[Decision], now: datetime
    ) -> None:
        """See the port."""
        correspondence.delivered(record, sender, people, decisions, now)
