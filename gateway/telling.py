"""Who may be told what became of a mail: people of the council, and nobody else.

A notice names the recipients and the subject, over plain SMTP. The envelope's sender is often not the
officer: a rule that redirects a mailbox keeps the outside sender. To such a sender it would say
who reads the mailbox and what the mail is about, so there is nobody to tell (as with the null
sender, RFC 5321 section 4.5.5): what would be refused is held, and a reviewer sees it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import VaultUnavailable
from domain.model import Address
from domain.outgoing import TextOwed, Untold
from domain.permission import PartyKind
from domain.ports import Register


class EveryTurn:
    """Implements ``NoticeBook`` where nobody counts: for a try without consequences."""

    def turn(self, digest: str, sender: Address, untold: Sequence[Untold], now: datetime) -> bool:  # noqa: ARG002 - the names are the port's
        """See the port."""
        return True


class NoTexts:
    """Implements ``Texts`` where nothing makes any: a mail that needs one does not leave."""

    def owe(self, digest: str, recipient: Address, text: TextOwed, now: datetime) -> None:  # noqa: ARG002 - the names are the port's
        """See the port."""
        raise VaultUnavailable("no place for text messages")


@dataclass(frozen=True, slots=True)
class Insiders:
    """``domains`` are the council's own mail domains, folded."""

    domains: Collection[str]
    register: Register

    def __call__(self, sender: Address, at: datetime) -> bool:
        """Of the council's domains, or an officer of the register. Raises ``RegisterUnavailable``."""
        if sender.belongs_to(self.domains):
            return True
        if not sender.key or sender.names_another:
            return False
        parties = self.register.circle((), (sender,), at).parties.get(sender, ())
        return any(party.kind is PartyKind.OFFICER for party in parties)
