"""The journal: one winner a recipient, durable ends, and honest standings after every kind of break."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from domain.decision import Action, Basis, Decision, Method, Obligation, Reason
from domain.errors import JournalUnavailable
from domain.model import Address, Category, Envelope, Evidence, Place
from domain.outgoing import Fate, Outcome
from domain.ports import Standing, VaultReceipt
from tests.build import ANN, CARER, OFFICER, envelope
from tests.fakes import NOW
from tests.support.vaults import House, decision, filing
from vault import sql
from vault.journal import HELD_FOR_SURE, RowJournal
from vault.models import AuditEvent, HeldMail, JournalEntry, JournalState

pytestmark = pytest.mark.usefixtures("database")

LEASE, REMEMBER = timedelta(minutes=10), timedelta(days=14)
D = "d" * 64
OTHER = Address.of("Other@carers.example")
LATER = NOW + LEASE + timedelta(seconds=1)


def relay(owner: str = "relay-1") -> RowJournal:
    return RowJournal(lease=LEASE, remember=REMEMBER, owner=owner)


@pytest.fixture
def journal() -> RowJournal:
    return relay()


@pytest.fixture
def receipt(tmp_path: Path) -> VaultReceipt:
    return House(tmp_path).filer().file(filing(), NOW)


def standings(journal: RowJournal, mail: Envelope, now: object = NOW) -> list[Standing]:
    return [c.standing for c in journal.claim(D, mail, now)]  # type: ignore[arg-type]


def test_a_new_mail_is_ours_in_the_envelopes_order(journal: RowJournal) -> None:
    claims = journal.claim(D, envelope(OTHER, CARER), NOW)
    assert [(c.recipient.text, c.standing) for c in claims] == [
        ("Other@carers.example", Standing.NEW),
        (CARER.text, Standing.NEW),
    ]


def test_the_same_dialogue_keeps_what_it_has(journal: RowJournal) -> None:
    mail = envelope()
    assert standings(journal, mail) == standings(journal, mail) == [Standing.NEW]


def test_another_dialogue_finds_it_busy(journal: RowJournal) -> None:
    """In the same process as on another node, with the same envelope to the letter."""
    first, second = envelope(), envelope()
    assert standings(journal, first) == [Standing.NEW]
    assert standings(journal, second) == [Standing.BUSY]
    assert standings(relay("relay-2"), second) == [Standing.BUSY]


def test_only_digest_sender_and_recipient_together_are_the_same(journal: RowJournal) -> None:
    standings(journal, envelope())
    assert standings(journal, envelope(OTHER)) == [Standing.NEW]
    assert standings(journal, envelope(sender=OTHER)) == [Standing.NEW]
    assert journal.claim("e" * 64, envelope(), NOW)[0].standing is Standing.NEW


def test_case_does_not_make_another_recipient(journal: RowJournal) -> None:
    standings(journal, envelope(OTHER))
    assert standings(journal, envelope(Address.of("oTHER@CARERS.example"))) == [Standing.BUSY]


def test_a_claim_runs_out(journal: RowJournal, receipt: VaultReceipt) -> None:
    """A relay that died, before its intent or after it, blocks nobody for longer than the lease."""
    mail, other = envelope(), envelope(OTHER)
    standings(journal, mail)
    standings(journal, other)
    journal.intend(D, other, receipt, [decision(recipient=OTHER)], NOW)
    both = envelope(CARER, OTHER)
    assert standings(relay("relay-2"), both, NOW + LEASE) == [Standing.BUSY] * 2
    assert standings(relay("relay-2"), both, LATER) == [Standing.NEW] * 2


def test_whoever_lost_the_claim_cannot_intend(journal: RowJournal, receipt: VaultReceipt) -> None:
    """Nothing of such an intent stays: no event, no held mail."""
    mail, taker = envelope(CARER, OTHER), envelope(OTHER)
    standings(journal, mail)
    assert standings(relay("relay-2"), taker, LATER) == [Standing.NEW]
    with pytest.raises(JournalUnavailable):
        journal.intend(D, mail, receipt, [decision(Action.HOLD), decision(recipient=OTHER)], LATER)
    assert not HeldMail.objects.exists()
    assert not AuditEvent.objects.filter(action__startswith="intended").exists()
    assert JournalEntry.objects.get(recipient=CARER.key).state == JournalState.CLAIMED


def test_intent_without_a_claim_is_refused(journal: RowJournal, receipt: VaultReceipt) -> None:
    with pytest.raises(JournalUnavailable):
        journal.intend(D, envelope(), receipt, [decision()], NOW)


def test_the_intent_renews_the_claim(journal: RowJournal, receipt: VaultReceipt) -> None:
    mail = envelope()
    standings(journal, mail)
    journal.intend(D, mail, receipt, [decision()], NOW + LEASE / 2)
    assert standings(relay("relay-2"), envelope(), LATER) == [Standing.BUSY]


@pytest.mark.parametrize("fate", [Fate.DELIVERED, Fate.HELD, Fate.TOLD])
def test_a_durable_outcome_stays(journal: RowJournal, receipt: VaultReceipt, fate: Fate) -> None:
    """Every later try, by whomever, gets the outcome back and nothing to do; of a stopped one for a while."""
    mail = envelope()
    standings(journal, mail)
    journal.intend(D, mail, receipt, [decision()], NOW)
    journal.settle(D, mail, [Outcome(CARER, fate, "250 ok")], NOW)
    for at in (NOW, LATER, *([NOW + REMEMBER] if fate is Fate.DELIVERED else [])):
        (claim,) = relay("relay-2").claim(D, envelope(), at)
        assert (claim.standing, claim.outcome) == (Standing.DONE, Outcome(CARER, fate, "250 ok"))


def test_try_again_frees_the_claim(journal: RowJournal, receipt: VaultReceipt) -> None:
    mail = envelope(CARER, OTHER)
    standings(journal, mail)
    journal.intend(D, mail, receipt, [decision(), decision(recipient=OTHER)], NOW)
    journal.settle(D, mail, [Outcome(CARER, Fate.DELIVERED), Outcome(OTHER, Fate.TRY_AGAIN, "451")], NOW)
    assert standings(relay("relay-2"), envelope(CARER, OTHER)) == [Standing.DONE, Standing.NEW]


def test_forgotten_after_its_time(journal: RowJournal) -> None:
    mail = envelope()
    standings(journal, mail)
    journal.settle(D, mail, [Outcome(CARER, Fate.DELIVERED)], NOW)
    after = NOW + REMEMBER + timedelta(seconds=1)
    assert journal.forget(NOW + REMEMBER) == 0
    assert standings(journal, envelope(), after) == [Standing.NEW]
    assert journal.forget(after + LEASE) == 0, "what is under way is not forgotten"


def test_housekeeping_drops_what_is_over_and_keeps_what_is_held(journal: RowJournal, receipt: VaultReceipt) -> None:
    """Done, or broken off and never tried again; a mail of which nobody was told stays."""
    third = Address.of("third@carers.example")
    mail = envelope(CARER, OTHER, third)
    standings(journal, mail)
    journal.intend(D, mail, receipt, [decision(), decision(Action.HOLD, OTHER), decision(recipient=third)], NOW)
    journal.settle(D, mail, [Outcome(CARER, Fate.DELIVERED)], NOW)
    assert journal.forget(NOW + REMEMBER + timedelta(seconds=1)) == 2
    assert JournalEntry.objects.get().recipient == OTHER.key


def test_many_dialogues_broken_off_do_not_pile_up(journal: RowJournal) -> None:
    """A pipeline that never settles costs memory only until its claims run out."""
    for number in range(300):
        journal.claim(f"mail-{number}", envelope(), NOW)
    assert len(journal._dialogues._known) == 300
    late = envelope()
    assert standings(journal, late, LATER) == [Standing.NEW]
    assert len(journal._dialogues._known) == 1
    journal.settle(D, late, [Outcome(CARER, Fate.DELIVERED)], LATER)
    assert not journal._dialogues._known


@pytest.mark.parametrize(("action", "state"), [(Action.HOLD, "held"), (Action.REJECT, "refused")])
def test_held_is_durable_from_the_intent_on(
    journal: RowJournal, receipt: VaultReceipt, action: Action, state: str
) -> None:
    """The relay died before the sender was told: the next one only has to tell, and knows what of."""
    mail = envelope()
    standings(journal, mail)
    journal.intend(D, mail, receipt, [decision(action)], NOW)
    held = HeldMail.objects.get()
    assert (held.record_id, held.recipient, held.state) == (receipt.record, CARER.key, state)
    assert standings(relay("relay-2"), envelope()) == [Standing.BUSY]
    (claim,) = relay("relay-2").claim(D, envelope(), LATER)
    assert claim.standing is Standing.HELD_UNTOLD
    assert claim.decision
    assert (claim.decision.action, claim.decision.reasons[0].why) == (action, "why")


@pytest.mark.parametrize(("state", "since"), [("held", NOW), ("superseded", LATER)])
def test_what_waited_all_along_has_waited_since_it_was_held_first(
    journal: RowJournal, receipt: VaultReceipt, state: str, since: object
) -> None:
    """A release in vain does not make it the newest of the queue; what was sent again after it was over is new."""
    first, again = envelope(), envelope()
    standings(journal, first)
    journal.intend(D, first, receipt, [decision(Action.HOLD)], NOW)
    HeldMail.objects.update(state=state)
    journal.settle(D, first, [Outcome(CARER, Fate.DELIVERED)], NOW)
    digest = "e" * 64
    journal.claim(digest, again, LATER)
    journal.intend(digest, again, receipt, [decision(Action.HOLD)], LATER)
    held = HeldMail.objects.get()
    assert (held.state, held.held_at) == ("held", since)


def test_held_and_not_told_is_given_back_as_held(journal: RowJournal, receipt: VaultReceipt) -> None:
    """The notice could not be delivered: TRY_AGAIN and release both leave the hold in place, for anybody to tell."""
    mail = envelope()
    standings(journal, mail)
    journal.intend(D, mail, receipt, [decision(Action.HOLD)], NOW)
    journal.settle(D, mail, [Outcome(CARER, Fate.TRY_AGAIN)], NOW)
    second = envelope()
    assert standings(relay("relay-2"), second) == [Standing.HELD_UNTOLD]
    relay("relay-2").release(D, second, [CARER])
    third = envelope()
    assert standings(journal, third) == [Standing.HELD_UNTOLD]
    journal.settle(D, third, [Outcome(CARER, Fate.HELD)], NOW)
    assert standings(journal, envelope()) == [Standing.DONE]


def test_the_decision_comes_back_whole_but_for_the_words(journal: RowJournal, receipt: VaultReceipt) -> None:
    """All that a notice is written from; the evidence says where, not what, and names no file."""
    seen = Evidence("2/Ann Lee.docx", Place.ATTACHMENT, "title:medical", "Ann Lee", 3, 10, 17)
    first = Reason("r1", Action.HOLD, "why", "fix", ANN, Category.MEDICAL, Basis.PERMISSION, (seen,))
    second = Reason("r2", Action.ENCRYPT, "why not")
    given = Decision(CARER, Action.HOLD, (first, second), None, frozenset(Obligation))
    mail = envelope()
    standings(journal, mail)
    journal.intend(D, mail, receipt, [given], NOW)
    (claim,) = relay("relay-2").claim(D, envelope(), LATER)
    wordless = replace(first, evidence=(replace(seen, part="2", text=""),))
    assert claim.decision == replace(given, reasons=(wordless, second))


def test_release_gives_back(journal: RowJournal) -> None:
    """Only what is ours, and only what is named."""
    mail = envelope(CARER, OTHER)
    standings(journal, mail)
    relay("relay-2").release(D, mail, [CARER])
    journal.release(D, envelope(CARER, OTHER), [CARER])
    assert standings(relay("relay-2"), envelope(CARER, OTHER)) == [Standing.BUSY] * 2
    journal.release(D, mail, [CARER])
    assert standings(relay("relay-2"), envelope(CARER, OTHER)) == [Standing.NEW, Standing.BUSY]


def test_a_late_outcome_is_written_down_all_the_same(journal: RowJournal, receipt: VaultReceipt) -> None:
    """The lease ran out during delivery and another relay has claimed: the mail was delivered, so that one must not."""
    mail, taker = envelope(), envelope()
    standings(journal, mail)
    journal.intend(D, mail, receipt, [decision()], NOW)
    assert standings(relay("relay-2"), taker, LATER) == [Standing.NEW]
    journal.settle(D, mail, [Outcome(CARER, Fate.DELIVERED)], LATER)
    with pytest.raises(JournalUnavailable):
        relay("relay-2").intend(D, taker, receipt, [decision()], LATER)
    relay("relay-2").settle(D, taker, [Outcome(CARER, Fate.TRY_AGAIN)], LATER)
    assert standings(journal, envelope(), LATER) == [Standing.DONE]


def test_the_first_durable_outcome_wins(journal: RowJournal) -> None:
    mail = envelope()
    standings(journal, mail)
    journal.settle(D, mail, [Outcome(CARER, Fate.DELIVERED)], NOW)
    journal.settle(D, mail, [Outcome(CARER, Fate.HELD)], NOW)
    assert journal.claim(D, envelope(), NOW)[0].outcome == Outcome(CARER, Fate.DELIVERED)


def test_an_outcome_without_a_row_makes_one(journal: RowJournal) -> None:
    """Freed by mistake, then delivered: still remembered."""
    mail = envelope()
    standings(journal, mail)
    journal.release(D, mail, [CARER])
    journal.settle(D, mail, [Outcome(CARER, Fate.DELIVERED)], NOW)
    assert standings(journal, envelope()) == [Standing.DONE]


def test_intent_and_outcome_are_in_the_audit_trail(journal: RowJournal, receipt: VaultReceipt) -> None:
    """Who, what, which record, why; two events a recipient, in their order."""
    mail = envelope(CARER, OTHER)
    standings(journal, mail)
    journal.intend(D, mail, receipt, [decision(), decision(Action.HOLD, OTHER)], NOW)
    journal.settle(D, mail, [Outcome(CARER, Fate.DELIVERED), Outcome(OTHER, Fate.HELD)], NOW)
    events = list(AuditEvent.objects.exclude(action="filed").order_by("sequence"))
    assert [e.action for e in events] == ["intended ENCRYPT", "intended HOLD", "outcome delivered", "outcome held"]
    assert {e.record for e in events} == {receipt.record}
    assert {e.actor for e in events} == {"relay-1"}
    assert events[0].details == {"recipient": CARER.key, "rules": ["approved-carer"], "method": Method.OPENPGP.value}


def test_nothing_to_settle_is_nothing(journal: RowJournal) -> None:
    journal.settle(D, envelope(), [], NOW)
    assert not AuditEvent.objects.exists()


def test_a_thousand_recipients_are_few_statements(
    journal: RowJournal, receipt: VaultReceipt, django_statements: list[str]
) -> None:
    people = [Address.of(f"r{n}@carers.example") for n in range(1000)]
    mail = envelope(*people)
    assert set(standings(journal, mail)) == {Standing.NEW}
    assert len(django_statements) < 25
    journal.intend(D, mail, receipt, [decision(recipient=p) for p in people], NOW)
    journal.settle(D, mail, [Outcome(p, Fate.DELIVERED) for p in people], NOW)
    assert set(standings(journal, envelope(*people))) == {Standing.DONE}


def test_a_new_mail_takes_one_statement_to_claim(journal: RowJournal, django_statements: list[str]) -> None:
    standings(journal, envelope())
    assert len([s for s in django_statements if not s.startswith(("BEGIN", "COMMIT", "SAVEPOINT"))]) == 1


@pytest.fixture
def django_statements(monkeypatch: pytest.MonkeyPatch) -> object:
    """The statements sent to the database from now on, by Django and by ``vault/sql.py`` past it."""
    seen: list[str] = []

    def noted(real: Callable[..., Any]) -> Callable[..., Any]:
        def run(text: str, *more: object) -> object:
            seen.append(text)
            return real(text, *more)

        return run

    monkeypatch.setattr(sql, "_run", noted(sql._run))
    monkeypatch.setattr(sql, "_run_many", noted(sql._run_many))

    def note(execute: object, sql: str, params: object, many: object, context: object) -> object:
        seen.append(sql)
        return execute(sql, params, many, context)  # type: ignore[operator]

    connection.ensure_connection()
    with connection.execute_wrapper(note):
        yield seen


def test_a_database_that_fails_is_said_so(journal: RowJournal, receipt: VaultReceipt) -> None:
    """Every method, and only by its own error."""
    mail = envelope()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE vault_journalentry RENAME TO away")
    try:
        for method in (
            lambda: journal.claim(D, mail, NOW),
            lambda: journal.intend(D, mail, receipt, [decision()], NOW),
            lambda: journal.settle(D, mail, [Outcome(CARER, Fate.DELIVERED)], NOW),
            lambda: journal.release(D, mail, [CARER]),
        ):
            with pytest.raises(JournalUnavailable):
                method()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO vault_journalentry")
    assert standings(journal, mail) == [Standing.NEW]


def test_threads_with_the_same_mail_have_one_winner_a_recipient() -> None:
    """Eight dialogues of one relay, ten mails, two recipients each, in two orders."""
    journal, barrier = relay(), threading.Barrier(8)
    won: list[tuple[str, str]] = []
    failed: list[BaseException] = []

    def dialogue(number: int) -> None:
        try:
            barrier.wait()
            for mail in range(10):
                people = (CARER, OTHER) if number % 2 else (OTHER, CARER)
                claims = journal.claim(f"mail-{mail}", envelope(*people), NOW)
                won.extend((f"mail-{mail}", c.recipient.key) for c in claims if c.standing is Standing.NEW)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=dialogue, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(won) == sorted((f"mail-{m}", r.key) for m in range(10) for r in (CARER, OTHER))


def test_takers_of_an_expired_claim_have_one_winner(receipt: VaultReceipt) -> None:
    """The lease of a dead relay ran out: of all who come then, one gets the mail."""
    standings(relay("dead"), envelope())
    barrier, got = threading.Barrier(6), []

    def taker(number: int) -> None:
        barrier.wait()
        got.extend(standings(relay(f"relay-{number}"), envelope(), LATER))
        connection.close()

    threads = [threading.Thread(target=taker, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [Standing.BUSY] * 5 + [Standing.NEW]


def test_the_owners_name_is_bounded() -> None:
    with pytest.raises(ValueError):
        relay("x" * 81)


def test_the_sender_may_be_null(journal: RowJournal) -> None:
    """A report has no sender (RFC 5321 section 4.5.5)."""
    mail = Envelope(Address("", ""), (OFFICER,), NOW)
    assert standings(journal, mail) == [Standing.NEW]
    assert standings(journal, replace(mail)) == [Standing.BUSY]


def test_a_delivery_soon_after_the_intent_costs_no_statement(
    journal: RowJournal, receipt: VaultReceipt, django_statements: list[str]
) -> None:
    """Ordinary mail: most of the lease is left."""
    mail = envelope()
    journal.claim(D, mail, NOW)
    journal.intend(D, mail, receipt, [decision()], NOW)
    django_statements.clear()
    journal.hold_on(D, mail, NOW + LEASE / 5)
    assert django_statements == []


def test_a_long_delivery_keeps_its_claim(journal: RowJournal, receipt: VaultReceipt) -> None:
    """Renewed before each, however many there are; whoever comes meanwhile finds it busy, until all is settled."""
    mail, now = envelope(CARER, OTHER), NOW
    journal.claim(D, mail, now)
    journal.intend(D, mail, receipt, [decision(), decision(Action.HOLD, OTHER)], now)
    for _ in range(5):
        now += LEASE * HELD_FOR_SURE
        assert standings(relay("relay-2"), envelope(CARER, OTHER), now) == [Standing.BUSY] * 2
        journal.hold_on(D, mail, now)
    assert standings(relay("relay-2"), envelope(CARER, OTHER), now + LEASE / 2) == [Standing.BUSY] * 2


def test_once_a_claim_was_lost_nothing_more_may_leave(journal: RowJournal, receipt: VaultReceipt) -> None:
    """Also where only one of several was taken over, and by another dialogue of the same relay."""
    mail = envelope(CARER, OTHER)
    journal.claim(D, mail, NOW)
    journal.intend(D, mail, receipt, [decision(), decision(recipient=OTHER)], NOW)
    assert standings(journal, envelope(OTHER), LATER) == [Standing.NEW]
    with pytest.raises(JournalUnavailable):
        journal.hold_on(D, mail, LATER)
    with pytest.raises(JournalUnavailable):
        journal.hold_on(D, envelope(), NOW)
