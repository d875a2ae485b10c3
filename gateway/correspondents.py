"""Port ``Correspondents``: whom officers wrote to (the vault's rows), which addresses are known (the register's)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from domain.acquaintance import Acquaintance, Looks
from domain.decision import Decision
from domain.model import Address, Message
from domain.ports import Clock
from gateway.guarding import misnamed, visible
from gateway.lookalike import Confusables
from register import addresses
from register.lookup import reading
from vault import correspondence

_REMEMBERED = timedelta(hours=1)
"""For so long an address of harmless mail is not looked at again: that keeps plain mail fast."""
_MOST = 20_000
"""Pairs of officer and address that are remembered."""


class DatabaseCorrespondents:
    """Implements ``Correspondents``. ``domains`` are the council's own, folded."""

    def __init__(self, domains: frozenset[str], clock: Clock) -> None:
        self._domains, self._clock = domains, clock
        self._familiar: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self.looks: Looks = Confusables()

    def visible(self, message: Message, most: int) -> int:
        """See the port."""
        return visible(message, self._domains, most)

    def misnamed(self, message: Message) -> Mapping[Address, tuple[str, ...]]:
        """See the port."""
        return misnamed(message)

    def strange(self, sender: Address, recipients: Collection[Address], now: datetime) -> tuple[Address, ...]:
        """See the port. By memory of this process alone."""
        if not sender.belongs_to(self._domains):
            return ()
        since, seen = now - _REMEMBERED, self._familiar
        return tuple(
            r
            for r in recipients
            if ((at := seen.get((sender.key, r.key))) is None or at < since) and not r.belongs_to(self._domains)
        )

    def familiar(self, sender: Address, recipients: Collection[Address], now: datetime) -> None:
        """See the port."""
        for recipient in recipients:
            self._familiar[sender.key, recipient.key] = now
        while len(self._familiar) > _MOST:
            self._familiar.popitem(last=False)

    def known(
        self, sender: Address, recipients: Collection[Address], names: Collection[tuple[str, ...]] = ()
    ) -> Acquaintance:
        """See the port. One question to the vault's rows by an index, one or two to the register."""
        today = self._clock.now().date()
        with reading("addresses"):
            mailboxes, domains = addresses.near(recipients, today)
            named = addresses.named(names, today)
        return Acquaintance(correspondence.written_by(sender), mailboxes, domains | self._domains, named)

    def warned(self, sender: Address, recipients: Collection[Address]) -> frozenset[Address]:
        """See the port."""
        return correspondence.warned(sender, recipients)

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
        """See the port."""
        outside = [d for d in decisions if not d.recipient.belongs_to(self._domains)]
        correspondence.delivered(record, sender, people, outside, now, private=private)
