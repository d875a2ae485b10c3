"""Whether a pick-up may still be opened, and how often somebody may try: the pure rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decision import Action, Decision, Method
from domain.model import Category
from domain.outgoing import ProtectedMessage, Ticket
from domain.permission import Grant, PartyKind, of_party
from domain.pickup import (
    CODE_LASTS,
    LIMITS,
    MOST_TRIES,
    Attempt,
    Doing,
    Ending,
    Limit,
    PickupGrant,
    about,
    allowed,
    code_stands,
    concern,
    standing,
)
from domain.policy import decide
from domain.rules import Condition, unfit
from domain.tags import Concern, Tags
from domain.trace import trace
from tests import build
from tests.build import ANN, CARER, NOW, OFFICER, RULES

PICKING_UP = replace(RULES, pick_up=True)
MEDICAL = frozenset({(ANN, Category.MEDICAL)})
UNTIL = NOW + timedelta(days=30)


def grant(**more) -> PickupGrant:
    return PickupGrant(**({"recipient": CARER, "about": MEDICAL, "until": UNTIL} | more))


def known(*permissions, household: str = "home", kind: PartyKind = PartyKind.CARER, **more):
    party = build.party(kind, "party-1", household=household, trained_on=NOW.date(), **more)
    return build.circle(build.person(ANN, *permissions), parties={CARER: (party,)})


def stands(circle=None, given=None, now=NOW, rules=RULES):
    return standing(given or grant(), circle or known(), rules, now)


def test_who_has_no_key_picks_it_up_where_that_is_set_up_and_else_waits_held() -> None:
    facts = build.facts(keys={})
    (held,) = decide(facts, RULES)
    (waits,) = decide(facts, PICKING_UP)
    assert (held.action, held.method) == (Action.HOLD, None)
    assert (waits.action, waits.method) == (Action.ENCRYPT, Method.PICK_UP)
    assert "no key" in waits.reasons[-1].why
    assert (Condition.PICK_UP, True) in trace(facts, PICKING_UP, waits).conditions
    assert (Condition.NO_USABLE_KEY, True) in trace(facts, RULES, held).conditions


def test_who_has_a_key_gets_mail_by_it_and_who_may_not_know_gets_no_link() -> None:
    (by_key,) = decide(build.facts(), PICKING_UP)
    assert by_key.method is Method.OPENPGP
    elsewhere = build.circle(build.person(), parties={CARER: (build.party(household="elsewhere"),)})
    (refused,) = decide(build.facts(keys={}, known=elsewhere), PICKING_UP)
    assert (refused.action, refused.method) == (Action.REJECT, None)


def test_pick_up_is_no_method_that_a_policy_lists_and_never_means_the_clear() -> None:
    listed = replace(RULES, methods=(*RULES.methods, Method.PICK_UP))
    assert any("pick-up" in problem for problem in unfit(listed))
    clear = replace(RULES.conditions[Condition.PICK_UP], action=Action.RELAY)
    relayed = replace(RULES, conditions=RULES.conditions | {Condition.PICK_UP: clear})
    assert any("must encrypt, hold or reject" in problem for problem in unfit(relayed))


def test_a_ticket_belongs_to_a_pick_up_and_to_nothing_else() -> None:
    with pytest.raises(ValueError, match="ticket"):
        ProtectedMessage(OFFICER, CARER, Method.PICK_UP, (), b"")
    with pytest.raises(ValueError, match="ticket"):
        ProtectedMessage(OFFICER, CARER, Method.SMIME, (), b"", ticket=Ticket("00", UNTIL))


def test_what_a_recipient_learns_is_what_the_decision_says() -> None:
    (decision,) = decide(build.facts(keys={}), PICKING_UP)
    assert about(decision) == MEDICAL
    asked = build.facts(keys={}, findings=())
    (secure,) = decide(replace(asked, tags=Tags(secure=True)), PICKING_UP)
    assert about(secure) == frozenset()


def test_the_concern_is_kept_of_an_urgent_release_alone() -> None:
    parties = {CARER: (build.party(PartyKind.FAMILY),), OFFICER: (build.party(PartyKind.OFFICER),)}
    facts = replace(
        build.facts(keys={}, known=build.circle(build.person(), parties=parties)), tags=Tags(urgent=Concern.RISK)
    )
    (released,) = decide(facts, PICKING_UP)
    assert isinstance(released, Decision)
    assert concern(released, Concern.RISK, PICKING_UP) is Concern.RISK
    (plain,) = decide(build.facts(keys={}), PICKING_UP)
    assert concern(plain, Concern.RISK, PICKING_UP) is None
    given = grant(concern=Concern.RISK)
    assert stands(facts.circle, given).open
    assert stands(facts.circle, grant()).rules == ("no-permission",)
    without = replace(RULES, urgency=replace(RULES.urgency, bases={}))
    assert not stands(facts.circle, given, rules=without).open


def test_it_opens_until_its_time_is_over() -> None:
    assert stands().open
    assert stands(now=UNTIL - timedelta(seconds=1)).open
    assert stands(now=UNTIL).ending is Ending.EXPIRED


@pytest.mark.parametrize("ending", [Ending.REVOKED, Ending.REPLACED])
def test_what_was_ended_stays_ended(ending: Ending) -> None:
    assert stands(given=grant(ended=ending)).ending is ending


def test_permission_withdrawn_closes_it_now() -> None:
    line = Grant(of_party("party-1"), frozenset({Category.MEDICAL}))
    given = build.permission(line)
    assert stands(known(given)).open
    withdrawn = stands(known(replace(given, withdrawn_at=NOW)))
    assert (withdrawn.ending, withdrawn.rules) == (Ending.NOT_PERMITTED, ("withdrawn",))
    assert stands(known(replace(given, grants=(replace(line, withdrawn_at=NOW),)))).rules == ("withdrawn",)


def test_a_placement_that_ended_or_an_approval_that_was_lost_closes_it() -> None:
    assert stands(known(household="elsewhere")).rules == ("other-carer",)
    assert stands(known(approved=False)).rules == ("carer-not-approved",)


def test_a_recipient_whom_the_breach_team_stopped_opens_nothing_whatever_it_is() -> None:
    stopped = replace(known(), stopped=frozenset({CARER}))
    assert stands(stopped).rules == ("recipient-stopped",)
    assert not stands(stopped, grant(about=frozenset())).open


def test_a_person_or_a_recipient_whom_the_register_lost_closes_it() -> None:
    assert stands(build.circle(parties={CARER: (build.party(trained_on=NOW.date()),)})).rules == ("person-unknown",)
    assert stands(build.circle(build.person())).rules == ("no-permission",)


def test_overdue_training_closes_it_only_where_the_policy_says_so() -> None:
    untrained = build.circle(build.person(), parties={CARER: (build.party(),)})
    assert stands(untrained).open
    strict = replace(RULES.conditions[Condition.TRAINING_OVERDUE], action=Action.HOLD)
    rules = replace(RULES, conditions=RULES.conditions | {Condition.TRAINING_OVERDUE: strict})
    assert stands(untrained, rules=rules).rules == ("training-overdue",)


def test_what_holds_nothing_confidential_stays_open_whatever_the_register_says() -> None:
    assert stands(build.circle(), grant(about=frozenset())).open


@pytest.mark.parametrize(
    ("age", "tries", "used", "may"),
    [
        (timedelta(0), 0, False, True),
        (CODE_LASTS - timedelta(seconds=1), MOST_TRIES - 1, False, True),
        (CODE_LASTS, 0, False, False),
        (timedelta(0), MOST_TRIES, False, False),
        (timedelta(0), 0, True, False),
        (-timedelta(seconds=1), 0, False, False),
    ],
)
def test_a_code_counts_ten_minutes_five_tries_and_once(age, tries, used, may) -> None:
    assert code_stands(NOW, tries, NOW + age, used=used) is may


def attempt(doing: Doing = Doing.TRIED, minutes: int = 0, grant: str = "g", to: str = "r", peer: str = "p") -> Attempt:
    return Attempt(doing, NOW - timedelta(minutes=minutes), grant, to, peer)


def test_no_limit_is_passed_by_changing_what_another_one_counts() -> None:
    """The same grant from many networks; the same recipient by many grants; one network at many grants."""
    for limit in LIMITS:
        for changing in {"grant", "to", "peer"} - {{"recipient": "to"}.get(limit.by, limit.by)}:
            before = [attempt(limit.doing, **{changing: str(n)}) for n in range(limit.most)]
            assert not allowed(attempt(limit.doing), before)


def test_what_is_older_than_the_time_counts_no_more_and_other_doings_do_not_count() -> None:
    limit = (Limit(Doing.SENT, "grant", 1, timedelta(hours=1)),)
    assert allowed(attempt(Doing.SENT), [attempt(Doing.SENT, 60)], limit)
    assert not allowed(attempt(Doing.SENT), [attempt(Doing.SENT, 59)], limit)
    assert allowed(attempt(Doing.SENT), [attempt(Doing.TRIED)], limit)
    assert allowed(attempt(Doing.TRIED), [attempt(Doing.SENT)] * 5, limit)


@given(st.lists(st.integers(0, 60 * 24 * 30), max_size=400))
def test_in_thirty_days_few_codes_can_be_tried_of_one_link(minutes) -> None:
    """Whenever they are tried: at most twenty within any day, so 600 of a million in the life of a link."""
    gone_on: list[Attempt] = []
    for minute in sorted(minutes):
        one = replace(attempt(peer=str(minute)), at=NOW + timedelta(minutes=minute))
        if allowed(one, gone_on):
            gone_on.append(one)
    for first in gone_on:
        day = [a for a in gone_on if timedelta(0) <= a.at - first.at < timedelta(days=1)]
        assert len(day) <= 20
