"""A slow next hop, two relays, one database: the claim lasts as long as the deliveries, or nothing more leaves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from domain.errors import JournalUnavailable
from domain.model import Address, Analysis, Envelope
from domain.outgoing import Fate, HopReply, Outcome, Outgoing
from gateway.pipeline import Ports, process
from tests import build
from tests.build import ANN, CARER, GOOD_KEY, OFFICER
from tests.fakes import FakeClock, FakeRegister, Faults
from tests.property.test_promises import RAW, ports
from vault.journal import HELD_FOR_SURE, RowJournal

pytestmark = pytest.mark.usefixtures("database")

LEASE = timedelta(minutes=10)
CARERS = (CARER, *(Address.of(f"carer{n}@carers.example") for n in range(4)))


@dataclass
class SlowHop:
    """Each delivery takes so long, and meanwhile the other relay is asked to serve the same mail."""

    clock: FakeClock
    takes: timedelta
    other: Ports | None = None
    taken: list[Address] = field(default_factory=list)
    elsewhere: list[Outcome] = field(default_factory=list)

    def deliver(self, outgoing: Outgoing) -> tuple[HopReply, ...]:
        self.taken += outgoing.recipients
        self.clock.move(self.takes)
        if self.other:
            self.elsewhere += process(Envelope(OFFICER, CARERS, self.clock.now()), RAW, self.other)
        return tuple(HopReply(r, 250, "OK") for r in outgoing.recipients)


def relays(takes: timedelta) -> tuple[Ports, SlowHop, SlowHop]:
    """One relay, its next hop, and that of the other relay; both over one journal."""
    clock = FakeClock()
    theirs, ours = SlowHop(clock, timedelta(0)), SlowHop(clock, takes)
    known = build.circle(build.person(), parties=dict.fromkeys(CARERS, (build.party(),)))
    register = FakeRegister((build.mention(ANN),), known, dict.fromkeys(CARERS, (GOOD_KEY,)), {}, Faults())
    made = [
        replace(
            ports(Analysis(findings=(build.finding(),)), Faults(), {}),
            clock=clock, next_hop=hop, register=register,
            journal=RowJournal(lease=LEASE, remember=timedelta(days=14), owner=name),
        )
        for name, hop in (("relay-1", ours), ("relay-2", theirs))
    ]  # fmt: skip
    ours.other = made[1]
    return made[0], ours, theirs


def test_deliveries_that_together_outlast_the_lease_are_not_done_twice() -> None:
    """Five of them, each as long as one may be: more than three leases. The other relay finds the mail busy, always."""
    relay, ours, theirs = relays(LEASE * HELD_FOR_SURE)
    outcomes = process(Envelope(OFFICER, CARERS, relay.clock.now()), RAW, relay)
    assert {o.fate for o in outcomes} == {Fate.DELIVERED}
    assert sorted(ours.taken) == sorted(CARERS)
    assert theirs.taken == []
    assert {o.fate for o in ours.elsewhere[:-1]} <= {Fate.TRY_AGAIN}


def test_a_relay_that_lost_its_claim_sends_nothing_more() -> None:
    """Stopped for longer than a lease in its first delivery, as only a bug could: the other has served all."""
    relay, ours, theirs = relays(LEASE + timedelta(seconds=1))
    with pytest.raises(JournalUnavailable):
        process(Envelope(OFFICER, CARERS, relay.clock.now()), RAW, relay)
    assert len(ours.taken) == 1
    assert set(theirs.taken) == set(CARERS)
    again = process(Envelope(OFFICER, CARERS, relay.clock.now()), RAW, relay)
    assert {o.fate for o in again} == {Fate.DELIVERED}
    assert len(ours.taken) == 1
