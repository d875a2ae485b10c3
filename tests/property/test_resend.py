"""Promises 2, 3 and 5 where a mail is sent again and again while the world changes: over the real journal.

The register and the keys change, ports fail, the next hop has moods, hours pass. Whoever is served is served once, and
nobody is served whose copy a reviewer could still let leave.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import SallyportError
from domain.model import Address, Analysis, Envelope
from domain.outgoing import Fate, Outcome
from domain.ports import Filing, VaultReceipt
from gateway.pipeline import Ports, process
from tests import build
from tests.build import CARER, GOOD_KEY, OFFICER
from tests.fakes import ERRORS, FakeClock, FakeNextHop, FakeRegister, FakeVault, Faults
from tests.property.test_promises import COLLEAGUE, EXPIRED, NO_KEY, OTHER_CARER, STRANGER, ports
from vault.journal import RowJournal
from vault.models import HeldMail, HeldState, VaultRecord

pytestmark = pytest.mark.usefixtures("database")

EVERYBODY = (CARER, NO_KEY, EXPIRED, STRANGER, OTHER_CARER, COLLEAGUE)
MENDABLE = (NO_KEY, EXPIRED, OTHER_CARER)
OPEN = (HeldState.HELD, HeldState.REFUSED)
_numbers = count(1)


@dataclass(frozen=True)
class Send:
    """The same mail once more, with one port that fails, and a hop that answers some so."""

    where: str
    codes: dict[str, int]


@dataclass(frozen=True)
class Wait:
    minutes: int


@dataclass(frozen=True)
class Mend:
    """The recipient's key is there now, or the carer moved in; or is not any more."""

    who: Address
    good: bool


@dataclass
class RowVault(FakeVault):
    """Files nothing, but has the rows; a mail that is understood otherwise (``plan``) is filed anew."""

    plan: str = ""

    def file(self, filing: Filing, now: datetime) -> VaultReceipt:
        super().file(filing, now)
        record, _ = VaultRecord.objects.get_or_create(
            digest=filing.digest, sender=filing.envelope.sender.key, plan=self.plan,
            defaults={"id": f"R{next(_numbers):025}", "received_at": now, "filed_at": now, "retain_until": now},
        )  # fmt: skip
        return VaultReceipt(record.id, ())


sends = st.builds(
    Send,
    st.sampled_from(["", "", "", "", "", "", *ERRORS]),
    st.dictionaries(
        st.sampled_from([r.key for r in (*EVERYBODY, OFFICER)]), st.sampled_from([0, 250, 451, 550]), max_size=2
    ),
)
rounds = st.tuples(
    st.lists(st.builds(Mend, st.sampled_from(MENDABLE), st.sampled_from([True, True, False])), max_size=2),
    st.builds(Wait, st.sampled_from([1, 16, 16, 40])),
    sends,
)
recipients = st.lists(st.sampled_from((*MENDABLE, *EVERYBODY)), min_size=1, max_size=3, unique=True).map(tuple)


@given(to=recipients, happens=st.lists(rounds, min_size=2, max_size=5))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_mail_that_is_sent_again_is_served_once_and_waits_for_nobody_then(to, happens) -> None:
    """Whatever happens between; and what was answered with 250 is served, or waits, or was told."""
    raw = b"Subject: Plan\r\nMessage-ID: <%d@resend.test>\r\n\r\nSecret\r\n" % next(_numbers)
    house = _House()
    told: set[Address] = set()
    for mends, wait, sent in happens:
        for mend in mends:
            house.mended = house.mended | {mend.who} if mend.good else house.mended - {mend.who}
        house.clock.move(timedelta(minutes=wait.minutes))
        outcomes = house.send(raw, to, sent)
        told |= {o.recipient for o in outcomes if o.fate is Fate.TOLD}
        house.check(raw, to, outcomes, told)


class _House:
    """One relay over the tests' database; the rest is as in the other promises."""

    def __init__(self) -> None:
        self.clock, self.hop, self.mended = FakeClock(), FakeNextHop(), frozenset[Address]()
        self.journal = RowJournal(lease=timedelta(minutes=10), remember=timedelta(days=14), owner="relay")

    def send(self, raw: bytes, to: tuple[Address, ...], step: Send) -> tuple[Outcome, ...]:
        fault = Faults(step.where, 1)
        self.hop.faults, self.hop.codes = fault, step.codes
        with suppress(SallyportError, RuntimeError):
            return process(Envelope(OFFICER, to, self.clock.now()), raw, self._ports(fault))
        return ()

    def _ports(self, fault: Faults) -> Ports:
        made = ports(Analysis(findings=(build.finding(),)), fault, {})
        register, home = made.register, build.party()
        assert isinstance(register, FakeRegister)
        if OTHER_CARER in self.mended:
            known = register.known
            register.known = replace(known, parties={**known.parties, OTHER_CARER: (home,)})
        register.stored = {**register.stored, **{r: (GOOD_KEY,) for r in (NO_KEY, EXPIRED) if r in self.mended}}
        return replace(
            made,
            clock=self.clock,
            journal=self.journal,
            next_hop=self.hop,
            vault=RowVault(fault, plan=str(len(self.mended))),
        )

    def check(self, raw: bytes, to: tuple[Address, ...], outcomes: tuple[Outcome, ...], told: set[Address]) -> None:
        mine = {"record__digest": hashlib.sha256(raw).hexdigest(), "state__in": OPEN}
        waiting = set(HeldMail.objects.filter(**mine).values_list("recipient", flat=True))
        for recipient in to:
            copies = len(self.hop.received(recipient))
            assert copies <= 1
            assert not (copies and recipient.key in waiting)
        assert HeldMail.objects.filter(**mine).count() == len(waiting), "waits twice"
        for outcome in outcomes:
            served = bool(self.hop.received(outcome.recipient))
            assert served == (outcome.fate is Fate.DELIVERED)
            if outcome.fate in {Fate.HELD, Fate.TOLD}:
                assert outcome.recipient.key in waiting or outcome.recipient in told
