"""The policy's rules, one by one, as a data-protection officer would read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decision import Action, Basis, Method, Obligation
from domain.model import NULL_SENDER, Address, Analysis, Category, Place, TypeDisagreement
from domain.permission import Capacity, Grant, Ground, PartyKind
from domain.policy import decide
from domain.ports import StoredKey
from domain.ruling import Ruling
from domain.subjects import MatchedBy, Mention, match
from tests import build
from tests.build import ANN, BEN, CARER, GOOD_KEY, OLD_KEY, RULES, TODAY
from tests.fakes import unreadable

GP = Address.of("gp@surgery.example")
ALL = frozenset(Category)
MEDICAL = frozenset({Category.MEDICAL})


def only(facts):
    """The single decision."""
    (decision,) = decide(facts, RULES)
    return decision


def rules_of(decision):
    return {r.rule for r in decision.decisive}


def to_professional(*permissions, capacity=Capacity.HAS, category=Category.MEDICAL):
    """A medical letter about Ann, to a GP whom the register knows."""
    gp = build.party(PartyKind.PROFESSIONAL, "gp", organisation="surgery")
    known = build.circle(build.person(ANN, *permissions, capacity=capacity), parties={GP: (gp,)})
    return only(build.facts(GP, known=known, findings=(build.finding(category),)))


def to_carer(*permissions, category=Category.MEDICAL, capacity=Capacity.HAS, **party):
    known = build.circle(
        build.person(ANN, *permissions, capacity=capacity), parties={CARER: (build.party(ref="carer-1", **party),)}
    )
    return only(build.facts(CARER, known=known, findings=(build.finding(category),)))


OVERDUE = {"signed": TODAY - timedelta(days=400), "due": TODAY - timedelta(days=1)}


def test_staff_get_their_mail_as_it_is():
    """Internal staff: relayed, whatever it holds."""
    decision = only(build.facts(CARER, known=build.circle(build.person(), staff=(CARER,))))
    assert decision.action is Action.RELAY
    assert decision.reasons[0].basis is Basis.INTERNAL


def test_nothing_found_is_relayed():
    """A newsletter goes as it is."""
    assert rules_of(only(build.facts(findings=()))) == {"nothing-found"}


def test_a_finding_below_the_threshold_does_not_count():
    """Likelihood under the policy's threshold is no finding; where somebody is named, less is enough."""

    def action(likelihood: float, *mentions: Mention) -> Action:
        found = (build.finding(likelihood=likelihood),)
        return only(build.facts(findings=found, subjects=match(mentions))).action

    assert action(0.49) is Action.RELAY
    assert action(0.5) is Action.HOLD  # and nobody knows whom it is about
    assert action(0.24, build.mention(ANN)) is Action.RELAY
    assert action(0.25, build.mention(ANN)) is Action.ENCRYPT
    assert action(0.25, build.mention(ANN, part="subject", place=Place.SUBJECT_LINE)) is Action.HOLD


@pytest.mark.parametrize(
    ("category", "action"),
    [
        (Category.ALL_ABOUT_ME, Action.ENCRYPT),
        (Category.RISK_MANAGEMENT_PLAN, Action.ENCRYPT),
        (Category.MEDICAL, Action.ENCRYPT),
        (Category.PLACEMENT_AGREEMENT, Action.ENCRYPT),
        (Category.PROFESSIONAL_REPORT, Action.ENCRYPT),
        (Category.FINANCIAL, Action.HOLD),
        (Category.LEGAL, Action.HOLD),
        (Category.COMPLAINT, Action.HOLD),
    ],
)
def test_the_current_carer_needs_to_know_some_things(category, action):
    """Direct care covers what a carer needs; money, law and complaints need the form."""
    form = build.permission(Grant("party:somebody-else", ALL))
    assert to_carer(form, category=category).action is action


def test_the_form_lets_the_carer_know_of_money():
    """A form that names the carer for financial information is enough."""
    decision = to_carer(
        build.permission(Grant("party:carer-1", frozenset({Category.FINANCIAL}))), category=Category.FINANCIAL
    )
    assert (decision.action, decision.decisive[0].basis) == (Action.ENCRYPT, Basis.PERMISSION)


def test_direct_care_goes_on_while_the_review_is_due_and_asks_for_it():
    """Caldicott 7: the carer still gets the plan; the officer is reminded of the review."""
    decision = to_carer(build.permission(Grant("party:carer-1", ALL), **OVERDUE))
    assert decision.action is Action.ENCRYPT
    assert Obligation.REVIEW_PERMISSION in decision.obligations


def test_withdrawn_is_withdrawn_for_the_carer_too():
    """Promise 5 begins here."""
    assert rules_of(to_carer(build.permission(Grant("party:carer-1", ALL), withdrawn_days_ago=0))) == {"withdrawn"}


@pytest.mark.parametrize(
    ("category", "rule"),
    [
        (Category.ALL_ABOUT_ME, "support-direct-care"),
        (Category.RISK_MANAGEMENT_PLAN, "support-direct-care"),
        (Category.MEDICAL, "support-direct-care"),
        (Category.PLACEMENT_AGREEMENT, "support-need-to-know"),
        (Category.PROFESSIONAL_REPORT, "support-need-to-know"),
        (Category.FINANCIAL, "support-need-to-know"),
    ],
)
def test_a_support_carer_is_told_what_it_takes_to_look_after_the_person(category, rule):
    """Need to know: less than the carer at home, and only where they stand in."""
    form = build.permission(Grant("party:somebody-else", ALL))
    there = to_carer(form, category=category, household="own", supports=frozenset({"home"}), trained_on=build.TODAY)
    assert rules_of(there) == {rule}
    elsewhere = to_carer(form, category=category, household="own", supports=frozenset({"other"}))
    assert rules_of(elsewhere) == {"other-carer"}


def test_a_form_lets_a_support_carer_know_more_and_a_narrow_one_less():
    """The person's own choice counts, both ways."""
    standing_in = {"household": "own", "supports": frozenset({"home"}), "trained_on": build.TODAY}
    named = to_carer(build.permission(Grant("party:carer-1", ALL)), category=Category.FINANCIAL, **standing_in)
    assert rules_of(named) == {"support-granted"}
    narrow = build.permission(Grant("party:carer-1", frozenset({Category.ALL_ABOUT_ME})))
    assert rules_of(to_carer(narrow, category=Category.MEDICAL, **standing_in)) == {"support-need-to-know"}


def test_a_support_carer_must_be_approved_and_trained_too():
    """The policy trains volunteer support carers like carers."""
    standing_in = {"household": "own", "supports": frozenset({"home"})}
    assert rules_of(to_carer(approved=False, **standing_in)) == {"carer-not-approved"}
    assert "training-overdue" in {r.rule for r in to_carer(**standing_in).reasons}


def test_a_carer_who_is_not_approved_is_held():
    """Suspended carers get nothing without a reviewer."""
    assert rules_of(to_carer(approved=False)) == {"carer-not-approved"}


def test_a_carer_of_somebody_else_is_refused():
    """The policy forbids it, and the sender is told."""
    decision = to_carer(household="elsewhere")
    assert decision.action is Action.REJECT
    assert Obligation.TELL_SENDER in decision.obligations


def test_a_carer_of_somebody_else_whom_the_form_names():
    """The person's own permission opens it."""
    assert to_carer(build.permission(Grant("party:carer-1", ALL)), household="elsewhere").action is Action.ENCRYPT


def test_a_professional_named_for_this_category():
    """By permission."""
    decision = to_professional(build.permission(Grant("party:gp", MEDICAL)))
    assert (decision.action, decision.method) == (Action.ENCRYPT, Method.OPENPGP)
    assert decision.decisive[0].basis is Basis.PERMISSION


def test_the_whole_organisation_may_be_named():
    """A form that names the surgery covers its staff."""
    assert to_professional(build.permission(Grant("org:surgery", MEDICAL))).action is Action.ENCRYPT


@pytest.mark.parametrize(
    ("permissions", "capacity", "rule"),
    [
        ((), Capacity.HAS, "no-permission"),
        ((build.permission(Grant("party:dentist", ALL)),), Capacity.HAS, "new-involvement"),
        ((build.permission(Grant("party:gp", frozenset({Category.LEGAL}))),), Capacity.HAS, "not-for-this"),
        ((build.permission(Grant("party:gp", ALL), **OVERDUE),), Capacity.HAS, "review-overdue"),
        ((build.permission(Grant("party:gp", ALL), withdrawn_days_ago=1),), Capacity.HAS, "withdrawn"),
        ((build.permission(Grant("party:gp", ALL, withdrawn_at=build.NOW)),), Capacity.HAS, "withdrawn"),
        (
            (build.permission(Grant("party:gp", ALL, since=build.NOW + timedelta(hours=1))),),
            Capacity.HAS,
            "new-involvement",
        ),
        ((build.permission(Grant("party:gp", ALL)),), Capacity.LACKS, "no-best-interests-decision"),
    ],
)
def test_what_holds_mail_to_a_professional(permissions, capacity, rule):
    """Missing, not named or not yet, not for this, overdue, withdrawn (wholly, for them), no decision."""
    decision = to_professional(*permissions, capacity=capacity)
    assert decision.action is Action.HOLD
    assert rules_of(decision) == {rule}


def test_best_interests_decision_stands_in_for_the_form():
    """Without capacity, the decision names the recipient."""
    decision = to_professional(
        build.permission(Grant("party:gp", MEDICAL), ground=Ground.BEST_INTERESTS), capacity=Capacity.LACKS
    )
    assert decision.decisive[0].basis is Basis.BEST_INTERESTS


def test_a_withdrawal_that_lies_ahead_does_not_count_yet():
    """What is true at the time of the mail counts."""
    assert to_professional(build.permission(Grant("party:gp", MEDICAL), withdrawn_days_ago=-1)).action is Action.ENCRYPT


def test_an_older_form_is_never_fallen_back_to():
    """The latest form counts, even if an older one said more."""
    older = build.permission(Grant("party:gp", ALL), signed=TODAY - timedelta(days=300), ref="old")
    newer = build.permission(Grant("party:dentist", ALL), signed=TODAY - timedelta(days=3), ref="new")
    assert rules_of(to_professional(older, newer)) == {"new-involvement"}


def test_a_form_signed_tomorrow_is_no_form():
    """Signed in the future: missing."""
    assert rules_of(to_professional(build.permission(Grant("party:gp", ALL), signed=TODAY + timedelta(days=1)))) == {
        "no-permission"
    }


@pytest.mark.parametrize(
    ("kind", "action", "basis"),
    [
        (PartyKind.REGULATOR, Action.ENCRYPT, Basis.REGULATOR),
        (PartyKind.PERSON, Action.ENCRYPT, Basis.SELF),
        (PartyKind.FAMILY, Action.HOLD, None),
        (PartyKind.REPRESENTATIVE, Action.HOLD, None),
        (PartyKind.OFFICER, Action.ENCRYPT, Basis.INTERNAL),
    ],
)
def test_others_by_what_they_are(kind, action, basis):
    """Regulator by protocol, the person themselves, family only as permitted."""
    them = build.party(kind, person=ANN)
    decision = only(build.facts(known=build.circle(build.person(), parties={CARER: (them,)})))
    assert (decision.action, decision.decisive[0].basis) == (action, basis)


def test_another_service_user_is_a_stranger():
    """Being a person in the register gives no right to another's file."""
    them = build.party(PartyKind.PERSON, person=BEN)
    form = build.permission(Grant("party:gp", ALL))
    decision = only(build.facts(known=build.circle(build.person(ANN, form), parties={CARER: (them,)})))
    assert rules_of(decision) == {"new-involvement"}


def test_an_address_that_the_register_does_not_know_is_a_new_involvement():
    """Anyone not named: hold, and ask for a review."""
    form = build.permission(Grant("party:gp", ALL))
    decision = only(build.facts(known=build.circle(build.person(ANN, form))))
    assert rules_of(decision) == {"new-involvement"}
    assert Obligation.REVIEW_PERMISSION in decision.obligations


def test_a_mailbox_that_belongs_to_two_counts_as_the_nearer():
    """A carer of somebody else who is also named family of this person."""
    carer = build.party(household="elsewhere")
    family = build.party(PartyKind.FAMILY, "mum", person=ANN)
    form = build.permission(Grant("party:mum", ALL))
    decision = only(build.facts(known=build.circle(build.person(ANN, form), parties={CARER: (carer, family)})))
    assert decision.action is Action.ENCRYPT


def test_two_people_and_a_carer_of_both():
    """One household, two residents: their carer may have both."""
    subjects = match([build.mention(ANN, part="2"), build.mention(BEN, part="3")])
    known = build.circle(build.person(ANN), build.person(BEN), parties={CARER: (build.party(),)})
    findings = (build.finding(part="2"), build.finding(part="3"))
    assert only(build.facts(known=known, subjects=subjects, findings=findings)).action is Action.ENCRYPT


def test_two_people_and_a_carer_of_one():
    """The strictest result for any of them counts, and says which person it was."""
    subjects = match([build.mention(ANN, part="2"), build.mention(BEN, part="3")])
    elsewhere = build.person(BEN, households=frozenset({"elsewhere"}))
    known = build.circle(build.person(ANN), elsewhere, parties={CARER: (build.party(),)})
    findings = (build.finding(part="2"), build.finding(part="3"))
    decision = only(build.facts(known=known, subjects=subjects, findings=findings))
    assert decision.action is Action.REJECT
    assert {r.person for r in decision.decisive} == {BEN}


@pytest.mark.parametrize(
    ("mentions", "rule"),
    [
        ([], "person-unknown"),
        ([build.mention(ANN, BEN, by=MatchedBy.NAME)], "person-ambiguous"),
        ([build.mention(ANN, by=MatchedBy.NAME)], "person-unsure"),
        ([build.mention(ANN), build.mention(BEN, part="subject", place=Place.SUBJECT_LINE)], "places-disagree"),
    ],
)
def test_doubt_about_the_person_holds(mentions, rule):
    """None, ambiguous, by name alone, and a disagreement between subject line and attachment."""
    known = build.circle(build.person(ANN), build.person(BEN), parties={CARER: (build.party(),)})
    decision = only(build.facts(known=known, subjects=match(mentions)))
    assert decision.action is Action.HOLD
    assert rule in rules_of(decision)


def test_nothing_is_refused_on_a_guess():
    """A name that two people share, to the carer of one of them: held, not refused."""
    elsewhere = build.person(BEN, households=frozenset({"elsewhere"}))
    known = build.circle(build.person(ANN), elsewhere, parties={CARER: (build.party(),)})
    decision = only(build.facts(known=known, subjects=match([build.mention(ANN, BEN, by=MatchedBy.NAME)])))
    assert (decision.action, rules_of(decision)) == (Action.HOLD, {"person-ambiguous"})


def test_doubt_about_the_person_matters_only_with_a_finding():
    """A name in a newsletter holds nothing."""
    assert (
        only(build.facts(findings=(), subjects=match([build.mention(ANN, BEN, by=MatchedBy.NAME)]))).action
        is Action.RELAY
    )


def test_a_person_lost_between_two_questions_is_unknown():
    """The register named somebody and then does not know them: held."""
    known = build.circle(parties={CARER: (build.party(),)})
    assert rules_of(only(build.facts(known=known))) == {"person-unknown"}


def test_unreadable_holds_and_says_why():
    """Even where nothing was found."""
    decision = only(build.facts(analysis=Analysis(unreadable=(unreadable(),))))
    assert decision.action is Action.HOLD
    assert "password" in decision.decisive[0].why


def test_unreadable_in_the_structure_holds_too():
    """What the parser could not read counts as what the classifiers could not."""
    mail = build.message(unreadable=(unreadable("1"),))
    assert only(build.facts(findings=(), mail=mail)).action is Action.HOLD


def test_a_file_that_is_not_what_it_says_holds():
    """Name, type and content disagree."""
    odd = Analysis(disagreements=(TypeDisagreement("2", "a.txt", "text/plain", "application/zip"),))
    assert rules_of(only(build.facts(analysis=odd))) == {"type-disagrees"}


def test_no_key_holds():
    """Encryption was decided and cannot be: held, never sent in the clear."""
    assert rules_of(only(build.facts(keys={}))) == {"no-usable-key"}


def test_an_expired_key_says_so():
    """The notice can tell the officer why the key was not good enough."""
    decision = only(build.facts(keys={CARER: (OLD_KEY,)}))
    assert "it expired on 1 May 2026" in decision.decisive[0].why


def test_one_expired_key_does_not_block_a_good_one():
    """Choose among the valid ones."""
    assert only(build.facts(keys={CARER: (OLD_KEY, GOOD_KEY)})).action is Action.ENCRYPT


def test_the_method_follows_the_rules_order():
    """OpenPGP before S/MIME; S/MIME where there is nothing else."""
    certificate = StoredKey(Method.SMIME, "CC33", b"usable")
    assert only(build.facts(keys={CARER: (certificate, GOOD_KEY)})).method is Method.OPENPGP
    assert only(build.facts(keys={CARER: (certificate, OLD_KEY)})).method is Method.SMIME


def test_a_refusal_that_nobody_can_be_told_of_is_held():
    """The null sender: never answered, nothing lost."""
    known = build.circle(build.person(), parties={CARER: (build.party(household="elsewhere"),)})
    decision = only(build.facts(known=known, sender=NULL_SENDER))
    assert decision.action is Action.HOLD
    assert "nobody-to-tell" in rules_of(decision)


@pytest.mark.parametrize("found", [(), (build.finding(),)])
@pytest.mark.parametrize("staff", [(), (CARER,)])
def test_a_stopped_recipient_gets_nothing_whatever_it_is(found, staff):
    """Also what anybody may have, also a colleague. The others get theirs; no reviewer lets it go."""
    known = build.circle(build.person(), parties={CARER: (build.party(),)}, staff=staff, stopped=(CARER,))
    facts = replace(build.facts(CARER, GP, known=known, findings=found), rulings={
        CARER: Ruling(CARER, accepts=RULES.held.acceptable, about=frozenset({ANN}))
    })  # fmt: skip
    stopped, other = decide(facts, RULES)
    assert stopped.action is Action.HOLD
    assert rules_of(stopped) == {"recipient-stopped"}
    assert "recipient-stopped" not in rules_of(other)
    assert (other.action is Action.RELAY) is not found


def test_recipients_are_judged_one_by_one():
    """Mixed recipients: one served, one held, in the envelope's order."""
    known = build.circle(build.person(), parties={CARER: (build.party(),)})
    decisions = decide(build.facts(CARER, GP, known=known), RULES)
    assert [(d.recipient, d.action) for d in decisions] == [(CARER, Action.ENCRYPT), (GP, Action.HOLD)]


@given(
    st.sampled_from(list(Category)),
    st.sampled_from(list(PartyKind)),
    st.sampled_from(list(Capacity)),
    st.lists(st.sampled_from([ANN, BEN]), max_size=3),
    st.booleans(),
)
def test_total_and_never_in_the_clear(category, kind, capacity, people, keyed):
    """For any facts there is a decision with a reason; a confidential document is never relayed to anybody outside."""
    known = build.circle(build.person(ANN, capacity=capacity), parties={CARER: (build.party(kind, person=ANN),)})
    subjects = match([build.mention(p) for p in people])
    decision = only(
        build.facts(known=known, subjects=subjects, findings=(build.finding(category),), keys=None if keyed else {})
    )
    assert decision.action in {Action.ENCRYPT, Action.HOLD, Action.REJECT}
    assert decision.decisive
