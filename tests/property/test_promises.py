"""Promises 1, 2, 3 and 6 over every injected fault: any port, any method, any recipients."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decision import Action, Method
from domain.errors import SallyportError
from domain.model import NULL_SENDER, Address, Analysis, Envelope
from domain.outgoing import Fate, ProtectedMessage, Relayed
from domain.permission import PartyKind
from domain.ports import StoredKey
from gateway.pipeline import Ports, process
from gateway.telling import Insiders
from tests import build
from tests.build import ANN, CARER, GOOD_KEY, OFFICER, OLD_KEY, RULES, SECRET
from tests.fakes import (
    ERRORS,
    MANAGEMENT,
    FakeClassifiers,
    FakeClock,
    FakeCorrespondents,
    FakeJournal,
    FakeNextHop,
    FakeNotices,
    FakeObligations,
    FakePickups,
    FakeProtector,
    FakeRegister,
    FakeRoom,
    FakeVault,
    Faults,
    unreadable,
)

NO_KEY = Address.of("nokey@carers.example")
EXPIRED = Address.of("expired@carers.example")
STRANGER = Address.of("stranger@else.example")
OTHER_CARER = Address.of("other@carers.example")
COLLEAGUE = Address.of("colleague@council.example")
OUTSIDER = Address.of("consultant@else.example")
EVERYBODY = (CARER, NO_KEY, EXPIRED, STRANGER, OTHER_CARER, COLLEAGUE)

recipients = st.lists(st.sampled_from(EVERYBODY), min_size=1, unique=True).map(tuple)
faults = st.builds(Faults, st.sampled_from(["", *ERRORS]), st.integers(1, 3))
senders = st.sampled_from([OFFICER, OUTSIDER, NULL_SENDER])
replies = st.dictionaries(
    st.sampled_from([r.key for r in (*EVERYBODY, OFFICER)]), st.sampled_from([0, 250, 421, 451, 550])
)
analyses = st.sampled_from([
    Analysis(findings=(build.finding(),)),
    Analysis(),
    Analysis(unreadable=(unreadable(),)),
])  # fmt: skip


subjects = st.sampled_from(
    ["Plan", "[secure] Plan", "[urgent: risk] Plan", "[urgent: rain] Plan", "Plan [about: SL-1]"]
)


picking_up = st.booleans()


def ports(
    analysis: Analysis, fault: Faults, codes: dict[str, int], subject: str = "Plan", *, pick_up: bool = False
) -> Ports:
    keys: dict[Address, tuple[StoredKey, ...]] = {
        CARER: (OLD_KEY, GOOD_KEY),
        EXPIRED: (OLD_KEY,),
        STRANGER: (GOOD_KEY,),
        OTHER_CARER: (GOOD_KEY,),
    }
    at_home, elsewhere = build.party(), build.party(PartyKind.CARER, "carer-2", household="elsewhere")
    known = build.circle(
        build.person(),
        parties={CARER: (at_home,), NO_KEY: (at_home,), EXPIRED: (at_home,), OTHER_CARER: (elsewhere,)}
        | {OFFICER: (build.party(PartyKind.OFFICER),)},
        staff=(COLLEAGUE,),
    )
    register = FakeRegister((build.mention(ANN),), known, keys, {"SL-1": ANN}, fault)
    return Ports(
        clock=FakeClock(),
        parse=lambda raw: build.message(raw, subject=subject),
        classifiers=FakeClassifiers(analysis, fault),
        register=register,
        rules=replace(RULES, pick_up=pick_up),
        protectors=(FakeProtector(faults=fault), FakeProtector(Method.PICK_UP, fault)),
        vault=FakeVault(fault),
        waiting_room=FakeRoom(fault),
        pickups=FakePickups(fault),
        journal=FakeJournal(fault),
        obligations=FakeObligations(fault),
        correspondents=FakeCorrespondents(faults=fault),
        next_hop=FakeNextHop(fault, codes),
        notices=FakeNotices(fault),
        tellable=Insiders(frozenset({COLLEAGUE.domain}), register),
        trace=lambda envelope, message: b"Received: by sallyport\r\n",
    )


RAW = b"Subject: Plan\r\n\r\n" + SECRET + b"\r\n"


@given(recipients, senders, analyses, faults, replies, subjects, picking_up)
@settings(max_examples=400, deadline=None)
def test_nothing_confidential_leaves_in_the_clear(to, sender, analysis, fault, codes, subject, pick_up):
    """Promise 1: whatever breaks, only staff, or anybody where nothing was found or asked, get the plain bytes."""
    p = ports(analysis, fault, codes, subject, pick_up=pick_up)
    for _ in range(3):
        with suppress(SallyportError, RuntimeError):
            process(Envelope(sender, to, build.NOW), RAW, p)
    asked = "secure" in subject or ("risk" in subject and sender is OFFICER)
    harmless = not analysis.findings and not analysis.unreadable and not asked
    for relayed in p.next_hop.in_clear:
        assert harmless or set(relayed.recipients) <= {COLLEAGUE}
    for outgoing, recipient in p.next_hop.taken:
        if isinstance(outgoing, ProtectedMessage):
            assert recipient == outgoing.recipient
        if not isinstance(outgoing, Relayed):
            assert SECRET not in outgoing.content


@given(recipients, senders, analyses, faults, replies, picking_up)
@settings(max_examples=400, deadline=None)
def test_nothing_leaves_unfiled_or_unrecorded(to, sender, analysis, fault, codes, pick_up):
    """Promise 2: what reached the next hop was filed and intended before, for that very recipient and action."""
    p = ports(analysis, fault, codes, pick_up=pick_up)
    for _ in range(3):
        with suppress(SallyportError, RuntimeError):
            process(Envelope(sender, to, build.NOW), RAW, p)
    intended = {(d.recipient, d.action) for _, decisions in p.journal.intents for d in decisions}
    for recipient in to:
        for outgoing in p.next_hop.received(recipient):
            action = Action.RELAY if isinstance(outgoing, Relayed) else Action.ENCRYPT
            assert (recipient, action) in intended
            assert p.vault.filed
            if isinstance(outgoing, ProtectedMessage) and outgoing.ticket:
                assert outgoing.ticket.link_sha256 in p.pickups.kept


@given(recipients, senders, analyses, faults, replies, picking_up)
@settings(max_examples=400, deadline=None)
def test_accepted_is_never_lost_and_served_once(to, sender, analysis, fault, codes, pick_up):
    """Promise 3: a durable fate is true of the world; retries serve nobody twice."""
    p = ports(analysis, fault, codes, pick_up=pick_up)
    for _ in range(4):
        try:
            outcomes = process(Envelope(sender, to, build.NOW), RAW, p)
        except (SallyportError, RuntimeError):
            continue
        assert [o.recipient for o in outcomes] == list(to)
        for outcome in outcomes:
            _check_true_of_the_world(outcome, p, sender)
    for recipient in to:
        assert len(p.next_hop.received(recipient)) <= 1


def _check_true_of_the_world(outcome, p: Ports, sender: Address) -> None:
    received = p.next_hop.received(outcome.recipient)
    if outcome.fate is Fate.DELIVERED:
        assert len(received) == 1
    elif outcome.fate is Fate.HELD:
        assert not received
        decisions = [d for _, ds in p.journal.intents for d in ds if d.recipient == outcome.recipient]
        assert decisions
        assert decisions[-1].action is Action.HOLD
    elif outcome.fate is Fate.TOLD:
        assert not received
        assert p.next_hop.notices or not sender.key
    if outcome.fate is not Fate.TRY_AGAIN:
        assert any(key[2] == outcome.recipient for key in p.journal.done)


@given(senders, faults, replies, st.integers(1, 4))
@settings(max_examples=300, deadline=None)
def test_of_one_mail_the_link_that_was_delivered_is_the_one_that_opens(sender, fault, codes, times):
    """Whatever breaks and is tried again: a notice that left is of the newest grant, and there is one grant."""
    p = ports(Analysis(findings=(build.finding(),)), fault, codes, pick_up=True)
    for _ in range(times):
        with suppress(SallyportError, RuntimeError):
            process(Envelope(sender, (NO_KEY, EXPIRED, CARER), build.NOW), RAW, p)
    for recipient in (NO_KEY, EXPIRED):
        opens = [link for key, link in p.pickups.opens.items() if key[2] == recipient]
        assert len(opens) <= 1
        for outgoing in p.next_hop.received(recipient):
            assert outgoing.ticket.link_sha256 == opens[0]
    assert all(key[2] != CARER for key in p.pickups.opens)


@given(recipients, faults, replies)
@settings(max_examples=300, deadline=None)
def test_an_urgent_release_leaves_only_after_the_management_team_was_told(to, fault, codes):
    """The policy: guidance is sought from the management team; a release that nobody was told of waits."""
    p = ports(Analysis(findings=(build.finding(),)), fault, codes, "[urgent: risk] Plan")
    for _ in range(3):
        with suppress(SallyportError, RuntimeError):
            process(Envelope(OFFICER, to, build.NOW), RAW, p)
    order = [recipient for _, recipient in p.next_hop.taken]
    if STRANGER in order:  # whom no permission covers
        assert MANAGEMENT in order[: order.index(STRANGER)]
        assert any(recipient == STRANGER for _, recipient in p.obligations.releases)
    assert OTHER_CARER not in order  # no concern lets a carer of somebody else know


@pytest.mark.parametrize(("code", "sent", "told"), [(250, 1, 1), (451, 0, 0), (0, 0, 0), (550, 1, 0)])
def test_an_urgent_release_waits_for_a_busy_team_and_not_for_a_mailbox_that_refuses(code, sent, told):
    """In an emergency a wrong address in the settings must not keep the mail back for good; the reviews show it."""
    p = ports(Analysis(findings=(build.finding(),)), Faults(), {MANAGEMENT.key: code}, "[urgent: risk] Plan")
    process(Envelope(OFFICER, (STRANGER,), build.NOW), RAW, p)
    assert len(p.next_hop.received(STRANGER)) == sent
    assert len(p.obligations.told_of) == told
    assert len(p.obligations.releases) == 1


@given(recipients, senders, analyses, replies)
@settings(max_examples=200, deadline=None)
def test_without_faults_everything_settles(to, sender, analysis, codes):
    """Only the next hop's own 'not now' leaves anything to be tried again."""
    p = ports(analysis, Faults(), codes)
    outcomes = process(Envelope(sender, to, build.NOW), RAW, p)
    for outcome in outcomes:
        if outcome.fate is Fate.TRY_AGAIN:
            assert {codes.get(outcome.recipient.key, 250), codes.get(sender.key, 250)} & {0, 421, 451, 550}


_FIRST = {"classifiers", "register", "vault", "room", "pickups"}


@pytest.mark.parametrize("where", [w for w in ERRORS if w.partition(".")[0] in _FIRST])
def test_a_port_that_is_down_sends_nothing(where):
    """While any of these fails nothing leaves at all; once it works again, the retry goes through."""
    p = ports(Analysis(findings=(build.finding(),)), Faults(where, times=1), {}, "[about: SL-1] Plan", pick_up=True)
    with pytest.raises(SallyportError):
        process(Envelope(OFFICER, (CARER, NO_KEY), build.NOW), RAW, p)
    assert p.next_hop.taken == []
    assert {o.fate for o in process(Envelope(OFFICER, (CARER, NO_KEY), build.NOW), RAW, p)} == {Fate.DELIVERED}


@given(recipients, st.sampled_from([OUTSIDER, NULL_SENDER]), analyses, faults, replies, subjects)
@settings(max_examples=300, deadline=None)
def test_nobody_outside_is_told_anything(to, sender, analysis, fault, codes, subject):
    """A rule that redirects a mailbox keeps the outside sender, to whom a notice would name subject and recipients."""
    p = ports(analysis, fault, codes, subject)
    for _ in range(3):
        with suppress(SallyportError, RuntimeError):
            process(Envelope(sender, to, build.NOW), RAW, p)
    assert p.next_hop.notices == []
    assert not [o for o, _ in p.next_hop.taken if not isinstance(o, (Relayed, ProtectedMessage))]


def test_what_an_outsider_may_not_send_is_held_for_a_reviewer():
    """Refusing it would need somebody to tell; it is kept, and the reason says so."""
    p = ports(Analysis(findings=(build.finding(),)), Faults(), {})
    outcomes = process(Envelope(OUTSIDER, (OTHER_CARER, STRANGER), build.NOW), RAW, p)
    assert [o.fate for o in outcomes] == [Fate.HELD, Fate.HELD]
    assert all(d.action is Action.HOLD for _, ds in p.journal.intents for d in ds)
    told = ports(Analysis(findings=(build.finding(),)), Faults(), {})
    assert process(Envelope(OFFICER, (OTHER_CARER,), build.NOW), RAW, told)[0].fate is Fate.TOLD


@given(recipients, analyses)
@settings(max_examples=100, deadline=None)
def test_every_decision_explains_itself(to, analysis):
    """Promise 6: each decision has a reason that made it so, with words; each stop says how to put it right."""
    p = ports(analysis, Faults(), {})
    process(Envelope(OFFICER, to, build.NOW), RAW, p)
    for _, decisions in p.journal.intents:
        for decision in decisions:
            assert decision.decisive
            assert all(r.why for r in decision.decisive)
            if decision.action in {Action.HOLD, Action.REJECT}:
                assert all(r.fix for r in decision.decisive)


def test_what_is_held_is_kept_for_reviewers_before_anything_leaves():
    """One served, one held; and nothing is kept where nothing is held."""
    p = ports(Analysis(findings=(build.finding(),)), Faults(), {})
    process(Envelope(OFFICER, (CARER, STRANGER), build.NOW), RAW, p)
    ((record, decisions),) = p.waiting_room.kept
    assert record.startswith("record-")
    assert {d.action for d in decisions} == {Action.ENCRYPT, Action.HOLD}
    served = ports(Analysis(findings=(build.finding(),)), Faults(), {})
    process(Envelope(OFFICER, (CARER,), build.NOW), RAW, served)
    assert served.waiting_room.kept == []
