"""The misdirected-mail guard: what it doubts, what it does not, and what the policy makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from time import process_time

import pytest

from domain.acquaintance import Acquaintance, Written
from domain.decision import Action, Obligation
from domain.errors import ConfigurationError
from domain.guard import Guard, GuardRules, Kind, Suspicion
from domain.model import Address, Analysis
from domain.permission import PartyKind
from domain.policy import decide
from domain.rules import Condition, check
from domain.ruling import Ruling, meant_instead, sender_may_settle
from domain.tags import Concern, Tags
from domain.trace import trace
from gateway.lookalike import Confusables
from tests import build
from tests.build import ANN, BEN, CARER, NOW, OFFICER, RULES
from tests.fakes import FakeLooks

JANE, JANET = "jane.brown@surgery.example", "jane.bennett@clinic.example"


def written(to: str, person: str = ANN, times: int = 5, days_ago: int = 1) -> Written:
    return Written(to, person, times, NOW - timedelta(days=days_ago))


def doubts(
    to: str, *before: Written, registered: tuple[str, ...] = (), domains: tuple[str, ...] = (), **more: object
) -> tuple[Suspicion, ...]:
    recipient = Address.of(to)
    fields: dict[str, object] = {
        "outside": (recipient,),
        "people": frozenset({ANN}),
        "visible": 0,
        "vouched": frozenset(),
        "known": Acquaintance(before, frozenset(registered), frozenset(domains)),
        "rules": GuardRules(often=3, visible=2),
        "looks": FakeLooks(),
    }
    return Guard(**(fields | more)).suspicions(NOW).get(recipient, ())  # type: ignore[arg-type]


NEW = Suspicion(Kind.NEW)


def like(instead: str = "") -> tuple[Suspicion, ...]:
    return NEW, Suspicion(Kind.LOOK_ALIKE, instead)


def test_who_was_written_to_about_this_person_is_not_doubted():
    assert doubts(JANE, written(JANE)) == ()


def test_who_was_never_written_to_is_new():
    assert doubts(JANE) == (NEW,)


def test_known_about_somebody_else_is_new_about_this_person():
    assert doubts(JANE, written(JANE, BEN)) == (NEW,)


def test_a_mail_about_two_people_is_new_to_who_knows_of_one():
    assert doubts(JANE, written(JANE), people=frozenset({ANN, BEN})) == (NEW,)
    assert doubts(JANE, written(JANE), written(JANE, BEN), people=frozenset({ANN, BEN})) == ()


def test_a_mail_about_nobody_known_goes_by_the_address_alone():
    assert doubts(JANE, written(JANE, ""), people=frozenset()) == ()
    assert doubts(JANE, people=frozenset()) == (NEW,)


def test_what_was_sent_too_long_ago_counts_no_more():
    assert doubts(JANE, written(JANE, days_ago=730)) == ()
    assert doubts(JANE, written(JANE, days_ago=731)) == (NEW,)


@pytest.mark.parametrize(
    "typed",
    [
        "jnae.brown@surgery.example",
        "jane.browne@surgery.example",
        "jane.brwn@surgery.example",
        "jane.brawn@surgery.example",
        "jane.brown@surgry.example",
        "jane.brown@surgery.examples",
        "jane.brown@surgeyr.example",
    ],
)
def test_one_slip_from_an_address_that_the_officer_knows(typed):
    assert doubts(typed, written(JANE)) == like(JANE)


def test_one_slip_from_an_address_of_the_register():
    assert doubts("jnae.brown@surgery.example", registered=(JANE,)) == like(JANE)


def test_a_look_alike_letter_in_the_domain():
    assert doubts("jane.brown@surgery.ex\u0430mple", written(JANE)) == like(JANE)


def test_a_known_domain_that_another_poses_as():
    """Nobody there is known by this name, and the domain is enough."""
    assert doubts("info@surgeri.example", domains=("surgery.example",)) == like()
    assert doubts("info@p\u0430rk.example") == like()
    assert doubts("info@surgery.example", domains=("surgery.example",)) == (NEW,)
    assert doubts("info@other.example", domains=("surgery.example", "")) == (NEW,)


def test_short_names_differ_by_more_than_another_letter():
    """Another letter makes another name; the key beside makes a slip."""
    assert doubts("ab@surgery.example", registered=("ax@surgery.example",)) == (NEW,)
    assert doubts("as@surgery.example", registered=("ad@surgery.example",)) == like("ad@surgery.example")
    assert doubts("info@nhs.example", domains=("rxs.example", "nxs.example")) == (NEW,)


def test_the_other_half_of_the_address_has_to_be_the_same():
    """Two slips are another address; the domain alone is then what poses as a known one."""
    assert doubts("jnae.brown@surgry.example", registered=(JANE,)) == like()
    assert doubts("jnae.brown@clinic.example", registered=(JANE,)) == (NEW,)


def test_about_the_same_person_comes_first_among_what_may_be_meant():
    before = (written("jane.brow@surgery.example", BEN, 50), written("jane.brownn@surgery.example", ANN, 1))
    assert doubts(JANE, *before) == like("jane.brownn@surgery.example")


def test_an_address_that_begins_like_one_often_written_to():
    assert doubts(JANET, written(JANE)) == (NEW, Suspicion(Kind.NEIGHBOUR, JANE))
    assert doubts(JANET, written(JANE, times=2)) == (NEW,)
    assert doubts(JANET, written(JANE, times=2), written(JANE, BEN, 1)) == (NEW, Suspicion(Kind.NEIGHBOUR, JANE))
    assert doubts("janine@clinic.example", written(JANE)) == (NEW,)
    assert doubts("j.bennett@clinic.example", written("j.brown@surgery.example")) == (NEW,)
    assert doubts("33@clinic.example", written("34@surgery.example")) == (NEW,)


def test_the_neighbour_of_whom_the_officer_knows_about_somebody_else():
    """Both are known; the one is of Ann's circle, the other of Ben's: the mail program offered both."""
    assert doubts(JANET, written(JANE), written(JANET, BEN)) == (NEW, Suspicion(Kind.NEIGHBOUR, JANE))


def test_a_mailbox_of_the_register_whose_owner_may_know_is_only_new():
    vouched = frozenset({Address.of(JANET)})
    assert doubts(JANET, written(JANE), vouched=vouched) == (NEW,)


def test_who_was_written_to_before_is_no_slip():
    assert doubts("jane.browne@surgery.example", written(JANE), written("jane.browne@surgery.example", BEN)) == (
        NEW,
        Suspicion(Kind.NEIGHBOUR, JANE),
    )


def test_too_many_visible_addresses():
    crowd = Suspicion(Kind.TOO_MANY_VISIBLE)
    assert doubts(JANE, written(JANE), visible=3) == (crowd,)
    assert doubts(JANE, written(JANE), visible=2) == ()
    assert doubts(JANE, visible=3, private=False) == (crowd,)
    assert doubts(JANE, private=False) == ()


# What the policy makes of it


def decided(*found: Suspicion, rules=RULES, ruling: Ruling | None = None, **more: object):
    facts = build.facts(**more)  # type: ignore[arg-type]
    rulings = {CARER: ruling} if ruling else {}
    (decision,) = decide(replace(facts, doubts={CARER: found}, rulings=rulings), rules)
    return decision


BOB = "bob@clinic.example"
BROWN = ("jane", "brown")


def misnamed(to: str, *before: Written, bearers: tuple[str, ...] = (), **more: object) -> tuple[Suspicion, ...]:
    known = Acquaintance(before, frozenset(bearers), frozenset(), {BROWN: frozenset(bearers)} if bearers else {})
    return doubts(to, known=known, names={Address.of(to): BROWN}, **more)


def test_the_name_of_one_person_beside_the_address_of_another():
    """By whom the officer wrote to, and by the register; also where the address itself is well known."""
    wrong = Suspicion(Kind.MISNAMED, JANE)
    assert misnamed(BOB, written(JANE)) == (wrong, NEW)
    assert misnamed(BOB, written(JANE), written(BOB)) == (wrong,)
    assert misnamed(BOB, written(BOB), bearers=("j1@surgery.example",)) == (
        Suspicion(Kind.MISNAMED, "j1@surgery.example"),
    )


def test_a_name_of_nobody_known_or_of_whoever_has_the_address_says_nothing():
    assert misnamed(BOB) == (NEW,)
    assert misnamed(BOB, written("jane@surgery.example")) == (NEW,)
    assert misnamed(BOB, written(JANE), written(BOB), bearers=(BOB, JANE)) == ()


def test_of_harmless_mail_a_slip_and_a_wrong_name_are_one_doubt():
    """New and neighbours are none: who gets no secret may be anybody."""
    typed, harmless = "jnae.brown@surgery.example", Suspicion(Kind.HARMLESS, JANE)
    assert doubts(typed, written(JANE), private=False) == (harmless,)
    assert doubts("jane.brown@surgery.ex\u0430mple", written(JANE), private=False) == (harmless,)
    assert misnamed(BOB, written(JANE), private=False) == (harmless,)
    assert doubts(JANET, written(JANE), private=False) == ()
    assert doubts(typed, written(JANE), written(typed), private=False) == ()
    assert doubts(typed, registered=(typed, JANE), private=False) == ()


LIKE = Suspicion(Kind.LOOK_ALIKE, JANE)


def test_a_warning_leaves_the_decision_as_it_is_and_obliges_to_tell():
    plain, warned = decided(), decided(NEW)
    assert (warned.action, warned.method) == (plain.action, plain.method) == (Action.ENCRYPT, plain.method)
    assert warned.obligations == plain.obligations | {Obligation.WARN_SENDER}


def test_a_hold_names_what_may_be_meant_in_its_reason_and_in_no_sentence():
    decision = decided(NEW, LIKE)
    (reason,) = decision.decisive
    assert (decision.action, reason.rule, reason.instead) == (Action.HOLD, "recipient-look-alike", JANE)
    assert JANE not in reason.why + reason.fix
    assert JANE not in repr(reason)


def test_harmless_mail_that_shows_too_many_is_held_and_leaves_plain_once_its_sender_confirms():
    crowd = Suspicion(Kind.TOO_MANY_VISIBLE)
    assert decided(crowd, analysis=Analysis()).action is Action.HOLD
    confirmed = decided(crowd, analysis=Analysis(), ruling=Ruling(CARER, frozenset({"too-many-visible"})))
    assert confirmed.action is Action.RELAY
    assert {r.rule for r in confirmed.reasons} == {"nothing-found", "sender-confirmed"}


def test_what_is_confirmed_gives_way_and_nothing_else_does():
    ruling = Ruling(CARER, frozenset({"recipient-look-alike"}))
    assert decided(LIKE, ruling=ruling).action is Action.ENCRYPT
    stranger = {"known": build.circle(build.person(), parties={})}
    assert decided(LIKE, ruling=ruling, **stranger).action is Action.HOLD
    assert decided(LIKE, Suspicion(Kind.TOO_MANY_VISIBLE), ruling=ruling).action is Action.HOLD


def test_what_the_policy_leaves_to_nobody_does_not_give_way():
    nothing: frozenset[str] = frozenset()
    strict = replace(
        RULES,
        guard=replace(RULES.guard, sender_settles=nothing),
        held=replace(RULES.held, acceptable=nothing, two_people=nothing),
    )
    assert decided(LIKE, rules=strict, ruling=Ruling(CARER, frozenset({"recipient-look-alike"}))).action is Action.HOLD


def test_an_urgent_release_is_warned_about_where_the_policy_says_so():
    """Nobody in danger waits for a neighbour's doubt; a slip in the address would help nobody either."""
    officer = {OFFICER: (build.party(PartyKind.OFFICER),)}
    facts = build.facts(known=build.circle(build.person(), parties={CARER: (build.party(),)} | officer))
    urgent = replace(facts, tags=Tags(urgent=Concern.RISK))
    (neighbour,) = decide(replace(urgent, doubts={CARER: (Suspicion(Kind.NEIGHBOUR, JANE),)}), RULES)
    (slip,) = decide(replace(urgent, doubts={CARER: (LIKE,)}), RULES)
    assert (neighbour.action, slip.action) == (Action.ENCRYPT, Action.HOLD)
    assert Obligation.WARN_SENDER in neighbour.obligations


def test_staff_are_not_doubted():
    staff = build.circle(build.person(), staff=(CARER,))
    assert decided(LIKE, known=staff).action is Action.RELAY


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"guard": GuardRules(often=0)}, "[guard] must be above zero"),
        ({"guard": GuardRules(remember=timedelta(0))}, "[guard] must be above zero"),
        ({"guard": GuardRules(sender_settles=frozenset({"withdrawn"}))}, "lets the sender settle 'withdrawn'"),
    ],
)
def test_a_guard_that_could_not_work_is_refused(change, says):
    with pytest.raises(ConfigurationError) as caught:
        check(replace(RULES, **change))
    assert says in caught.value.public


@pytest.mark.parametrize("action", [Action.RELAY, Action.ENCRYPT, Action.REJECT])
def test_a_doubt_holds_or_warns_and_does_nothing_else(action):
    new = Condition.RECIPIENT_NEW
    silent = replace(RULES.conditions[new], action=action, obligations=frozenset())
    with pytest.raises(ConfigurationError) as caught:
        check(replace(RULES, conditions=RULES.conditions | {new: silent}))
    assert "must warn or hold" in caught.value.public
    check(replace(RULES, conditions=RULES.conditions | {new: replace(silent, action=Action.HOLD)}))


def test_a_thousand_recipients_and_ten_thousand_known_addresses_take_no_time():
    """By processor time: who sends to many must not keep a relay from other mail."""
    to = tuple(Address.of(f"person{n}.of{n}@house{n % 300}.example") for n in range(1000))
    registered = frozenset(f"somebody{n}.at{n}@house{n % 300}.example" for n in range(8000))
    before = tuple(written(f"friend{n}.by{n}@town{n % 50}.example") for n in range(2000))
    guard = Guard(to, frozenset({ANN}), 0, frozenset(), Acquaintance(before, registered), GuardRules(), Confusables())
    start = process_time()
    assert len(guard.suspicions(NOW)) == 1000
    assert process_time() - start < 5


def test_the_sender_settles_doubts_about_the_address_and_only_where_nothing_else_holds_it():
    ruled = RULES.guard
    assert sender_may_settle(decided(LIKE, NEW), ruled) == {"recipient-look-alike"}
    assert sender_may_settle(decided(LIKE, known=build.circle(build.person(), parties={})), ruled) == frozenset()
    assert sender_may_settle(decided(NEW), ruled) == frozenset()
    assert sender_may_settle(decided(LIKE), replace(ruled, sender_settles=frozenset())) == frozenset()


def test_what_may_be_meant_is_said_of_what_did_not_leave():
    assert meant_instead(decided(NEW, LIKE)) == JANE
    assert meant_instead(decided(Suspicion(Kind.TOO_MANY_VISIBLE))) == ""
    assert meant_instead(decided(NEW)) == ""
    assert meant_instead(decided(LIKE, ruling=Ruling(CARER, frozenset({"recipient-look-alike"})))) == ""


def test_the_trace_says_which_doubts_were_looked_at():
    facts = replace(build.facts(), doubts={CARER: (LIKE,)})
    (decision,) = decide(facts, RULES)
    looked = dict(trace(facts, RULES, decision).conditions)
    assert looked[Condition.RECIPIENT_LOOK_ALIKE] is True
    assert looked[Condition.RECIPIENT_NEIGHBOUR] is False
    (plain,) = decide(build.facts(), RULES)
    assert Condition.RECIPIENT_NEW not in dict(trace(build.facts(), RULES, plain).conditions)
