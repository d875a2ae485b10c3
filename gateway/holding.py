"""Before each delivery it is asked whether the mail is still ours (step 9, promise 3).

A mail to a hundred recipients is a hundred deliveries, and a slow next hop could make them outlast the claim, which
another relay then takes over and serves a second time. So the claim is renewed before each, one delivery is bounded
well under a lease (``SmtpNextHop``), and once the claim is lost nothing more leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.model import Envelope
from domain.outgoing import HopReply, Outgoing
from domain.ports import Clock, Journal, NextHop


@dataclass(frozen=True, slots=True)
class WhileHeld:
    """Implements ``NextHop`` for one dialogue."""

    next_hop: NextHop
    journal: Journal
    clock: Clock
    digest: str
    envelope: Envelope

    def deliver(self, outgoing: Outgoing) -> tuple[HopReply, ...]:
        """See the port. Raises ``JournalUnavailable`` before anything was sent where the claim is lost."""
        self.journal.hold_on(self.digest, self.envelope, self.clock.now())
        return self.next_hop.deliver(outgoing)
