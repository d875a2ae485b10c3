"""A stopped mail that its sender sends again, unchanged: decided anew after a while, never served twice."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from domain.decision import Action
from domain.errors import JournalUnavailable
from domain.model import Address, Envelope
from domain.outgoing import Fate, Outcome
from domain.ports import Claim, Standing, VaultReceipt
from tests.build import CARER, envelope
from tests.fakes import NOW
from tests.support.vaults import House, decision, filing
from vault.journal import RowJournal
from vault.models import AuditEvent, HeldMail, HeldState, JournalEntry

pytestmark = pytest.mark.usefixtures("database")

LEASE, RESEND = timedelta(minutes=10), timedelta(minutes=15)
D = filing().digest
OTHER = Address.of("other@carers.example")
AGAIN = NOW + RESEND


def relay(owner: str = "relay-1") -> RowJournal:
    return RowJournal(lease=LEASE, remember=timedelta(days=14), owner=owner, resend=RESEND)


@pytest.fixture
def receipt(tmp_path: Path) -> VaultReceipt:
    return House(tmp_path).filer().file(filing(), NOW)


def stop(receipt: VaultReceipt, fate: Fate = Fate.HELD, *more: Outcome, at: datetime = NOW) -> None:
    """CARER's copy was stopped and told; the others are as ``more`` says."""
    journal, mail = relay(), envelope(CARER, *(o.recipient for o in more))
    journal.claim(D, mail, at)
    action = Action.HOLD if fate is Fate.HELD else Action.REJECT
    others = [decision(recipient=o.recipient) for o in more]
    journal.intend(D, mail, receipt, [decision(action), *others], at)
    journal.settle(D, mail, [Outcome(CARER, fate), *more], at)


def claims(mail: Envelope, at: datetime, owner: str = "relay-2") -> list[Claim]:
    return list(relay(owner).claim(D, mail, at))


def held() -> str:
    return HeldMail.objects.get(recipient=CARER.key).state


@pytest.mark.parametrize("fate", [Fate.HELD, Fate.TOLD])
def test_what_was_stopped_is_decided_anew_after_a_while(receipt: VaultReceipt, fate: Fate) -> None:
    """A mail system that did not hear our answer comes earlier, and hears it again."""
    stop(receipt, fate)
    (early,) = claims(envelope(), AGAIN - timedelta(seconds=1))
    assert (early.standing, early.outcome) == (Standing.DONE, Outcome(CARER, fate))
    assert [c.standing for c in claims(envelope(), AGAIN)] == [Standing.NEW]


def test_what_was_served_is_served_for_good(receipt: VaultReceipt) -> None:
    """Beside a stopped one, too."""
    stop(receipt, Fate.HELD, Outcome(OTHER, Fate.DELIVERED))
    assert [c.standing for c in claims(envelope(CARER, OTHER), AGAIN)] == [Standing.NEW, Standing.DONE]


def test_a_retry_for_somebody_else_decides_nothing_anew(receipt: VaultReceipt) -> None:
    """Its mail system was told 451 and comes for hours: the officer is not told of the stopped one each time."""
    stop(receipt, Fate.HELD, Outcome(OTHER, Fate.TRY_AGAIN))
    assert [c.standing for c in claims(envelope(CARER, OTHER), AGAIN)] == [Standing.DONE, Standing.NEW]


@pytest.mark.parametrize("fate", [Fate.HELD, Fate.TOLD])
def test_what_leaves_now_waits_for_no_reviewer(receipt: VaultReceipt, fate: Fate) -> None:
    """Closed in the intent, with a state of its own, and on record."""
    stop(receipt, fate)
    journal, mail = relay("relay-2"), envelope()
    journal.claim(D, mail, AGAIN)
    assert held() == (HeldState.HELD if fate is Fate.HELD else HeldState.REFUSED)
    journal.intend(D, mail, receipt, [decision()], AGAIN)
    assert held() == HeldState.SUPERSEDED
    (event,) = AuditEvent.objects.filter(action="superseded")
    assert (event.record, event.actor, event.details) == (receipt.record, "relay-2", {"recipient": CARER.key})
    journal.settle(D, mail, [Outcome(CARER, Fate.DELIVERED)], AGAIN)
    (claim,) = claims(envelope(), AGAIN + timedelta(days=1))
    assert claim.outcome == Outcome(CARER, Fate.DELIVERED)


def test_what_is_stopped_again_waits_again_once(receipt: VaultReceipt, tmp_path: Path) -> None:
    """Also where the mail was understood otherwise this time, and filed anew: the older row is closed."""
    stop(receipt)
    (tmp_path / "anew").mkdir()
    other = House(tmp_path / "anew").filer().file(filing(people=()), AGAIN)
    assert other.record != receipt.record
    journal = relay("relay-2")
    for at, record in ((AGAIN, receipt), (AGAIN + RESEND, other)):
        mail = envelope()
        assert [c.standing for c in journal.claim(D, mail, at)] == [Standing.NEW]
        journal.intend(D, mail, record, [decision(Action.HOLD)], at)
        journal.settle(D, mail, [Outcome(CARER, Fate.HELD)], at)
        assert [h.record_id for h in HeldMail.objects.filter(state=HeldState.HELD)] == [record.record]


def test_an_intent_that_fails_closes_nothing(receipt: VaultReceipt) -> None:
    """The same transaction: the claim was lost."""
    stop(receipt)
    journal, mail = relay("relay-2"), envelope()
    journal.claim(D, mail, AGAIN)
    assert claims(envelope(), AGAIN + LEASE + timedelta(seconds=1), "relay-3")[0].standing is Standing.NEW
    with pytest.raises(JournalUnavailable):
        journal.intend(D, mail, receipt, [decision()], AGAIN)
    assert held() == HeldState.HELD
    assert not AuditEvent.objects.filter(action="superseded").exists()


def test_whoever_breaks_off_leaves_it_stopped_and_the_next_try_is_anew(receipt: VaultReceipt) -> None:
    """Given back after a fault, or left by a relay that died: not forgotten, and the row is closed in the end."""
    stop(receipt)
    journal, mail = relay("relay-2"), envelope()
    journal.claim(D, mail, AGAIN)
    journal.release(D, mail, [CARER])
    assert JournalEntry.objects.get().fate == Fate.HELD.value
    assert [c.standing for c in claims(envelope(), AGAIN)] == [Standing.NEW]  # and this one dies
    assert [c.standing for c in claims(envelope(), AGAIN, "relay-3")] == [Standing.BUSY]
    last, at = relay("relay-4"), AGAIN + LEASE + timedelta(seconds=1)
    mail = envelope()
    assert [c.standing for c in last.claim(D, mail, at)] == [Standing.NEW]
    last.intend(D, mail, receipt, [decision()], at)
    assert held() == HeldState.SUPERSEDED


def test_what_a_reviewer_let_leave_is_not_sent_by_us(receipt: VaultReceipt) -> None:
    """Before the mail came again, or between its claim and its intent; later tries hear the old answer."""
    stop(receipt)
    journal, mail = relay("relay-2"), envelope()
    assert [c.standing for c in journal.claim(D, mail, AGAIN)] == [Standing.NEW]
    HeldMail.objects.update(state=HeldState.RELEASED)
    with pytest.raises(JournalUnavailable):
        journal.intend(D, mail, receipt, [decision()], AGAIN)
    journal.release(D, mail, [CARER])
    for at in (AGAIN, AGAIN + LEASE + RESEND):
        assert [c.standing for c in claims(envelope(), at)] == [Standing.DONE]
    assert held() == HeldState.RELEASED


def test_of_two_relays_one_takes_it_again(receipt: VaultReceipt) -> None:
    """At the same moment, in threads with connections of their own."""
    stop(receipt)
    found: list[Standing] = []
    start = threading.Barrier(4)

    def take(number: int) -> None:
        start.wait()
        found.extend(c.standing for c in claims(envelope(), AGAIN, f"relay-{number}"))
        connection.close()

    threads = [threading.Thread(target=take, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted([Standing.NEW, *[Standing.BUSY] * 3])


def test_what_waits_for_a_reviewer_is_not_forgotten(receipt: VaultReceipt) -> None:
    """Sent again after weeks it is decided anew, and the row is closed; then it is forgotten like any other."""
    stop(receipt, Fate.HELD, Outcome(OTHER, Fate.DELIVERED))
    weeks = NOW + timedelta(days=20)
    assert relay().forget(weeks) == 1
    assert JournalEntry.objects.get().recipient == CARER.key
    journal, mail = relay("relay-2"), envelope()
    assert [c.standing for c in journal.claim(D, mail, weeks)] == [Standing.NEW]
    journal.intend(D, mail, receipt, [decision()], weeks)
    journal.settle(D, mail, [Outcome(CARER, Fate.DELIVERED)], weeks)
    assert held() == HeldState.SUPERSEDED
    assert relay().forget(weeks + timedelta(days=20)) == 1
