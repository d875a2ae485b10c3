"""What officers ask for in the subject line, other grounds than permission, and names on which nothing is staked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.decision import Action, Basis, Decision, Obligation
from domain.model import Address, Analysis, Category, Place
from domain.permission import Capacity, Circle, OtherBasis, PartyKind, Permission, PersonFacts
from domain.policy import Facts, decide, harmless
from domain.rules import Condition
from domain.subjects import MatchedBy, Mention, match
from domain.tags import Concern, Tags
from tests import build
from tests.build import ANN, BEN, CARER, OFFICER, RULES, TODAY
from tests.fakes import NOW

SURGERY = Address.of("desk@surgery.example")
PROFESSIONAL = build.party(PartyKind.PROFESSIONAL, "P-1")


def decided(facts: Facts) -> Decision:
    (decision,) = decide(facts, RULES)
    return decision


def asked(tags: Tags, *, officer: bool = True, **more: object) -> Facts:
    """A mail to the surgery, which no form names, with these tags."""
    parties = {SURGERY: (PROFESSIONAL,)}
    if officer:
        parties[OFFICER] = (build.party(PartyKind.OFFICER),)
    known = build.circle(build.person(ANN, build.permission()), parties=parties)
    return replace(build.facts(SURGERY, known=known, **more), tags=tags)  # type: ignore[arg-type]


def with_basis(**changes: object) -> PersonFacts:
    basis = OtherBasis(
        "B-1",
        Basis.SAFEGUARDING,
        frozenset({"party:P-1"}),
        frozenset({Category.MEDICAL}),
        since=NOW - timedelta(days=1),
        until=NOW + timedelta(days=1),
    )
    return replace(build.person(ANN, build.permission()), bases=(replace(basis, **changes),))  # type: ignore[arg-type]


def rules_of(decision: Decision) -> set[str]:
    return {r.rule for r in decision.decisive}


def test_secure_encrypts_what_nobody_found():
    """And never harmless: the keys are looked up."""
    facts = asked(Tags(secure=True), analysis=Analysis())
    assert not harmless(facts, RULES)
    assert decided(facts).action is Action.ENCRYPT
    assert rules_of(decided(facts)) == {Condition.SECURE_ASKED}


def test_secure_without_a_key_is_held():
    """What was asked for cannot be done, and plain mail is no substitute."""
    decision = decided(asked(Tags(secure=True), analysis=Analysis(), keys={}))
    assert (decision.action, rules_of(decision)) == (Action.HOLD, {Condition.NO_USABLE_KEY})


def test_a_tag_that_is_not_understood_holds():
    """The officer believes that something was asked for."""
    decision = decided(asked(Tags(unknown=("secrue",)), analysis=Analysis()))
    assert (decision.action, rules_of(decision)) == (Action.HOLD, {Condition.TAG_UNKNOWN})


def test_a_doubtful_tag_matters_where_something_is_found():
    """The minutes of "[about: picnic]" are nobody's secret."""
    assert decided(asked(Tags(doubtful=("about",)), analysis=Analysis())).action is Action.RELAY
    assert Condition.TAG_UNKNOWN in rules_of(decided(asked(Tags(doubtful=("about",)))))


def test_an_urgent_release_says_why_and_obliges():
    """Protected, on the ground of the concern, with what would have been the rule otherwise."""
    decision = decided(asked(Tags(urgent=Concern.RISK)))
    (reason,) = (r for r in decision.reasons if r.rule == Condition.URGENT_RELEASE)
    assert decision.action is Action.ENCRYPT
    assert reason.basis is Basis.SAFEGUARDING
    assert "at risk or in danger" in reason.why
    assert "new involvement" in reason.why
    assert {Obligation.TELL_MANAGEMENT, Obligation.REVIEW_RELEASE} <= decision.obligations


@pytest.mark.parametrize("concern", Concern)
def test_each_of_the_policys_seven_concerns_may_be_asked_for(concern):
    """The shipped policy has a ground for each."""
    assert decided(asked(Tags(urgent=concern))).action is Action.ENCRYPT


def test_only_an_officer_of_the_register_may_ask():
    """Anybody else's mail is held, and says so."""
    decision = decided(asked(Tags(urgent=Concern.RISK), officer=False))
    assert decision.action is Action.HOLD
    assert Condition.URGENT_NOT_ALLOWED in rules_of(decision)


def test_a_concern_that_the_policy_does_not_list_cannot_be_asked_for():
    """A council may leave one out; without a management team there is none."""
    rules = replace(RULES, urgency=replace(RULES.urgency, bases={}))
    (decision,) = decide(asked(Tags(urgent=Concern.RISK)), rules)
    assert Condition.URGENT_OFF in rules_of(decision)
    one = replace(RULES.urgency, bases={Concern.LAW: Basis.LEGAL_DUTY})
    (decision,) = decide(asked(Tags(urgent=Concern.RISK)), replace(RULES, urgency=one))
    assert Condition.URGENT_NOT_ALLOWED in rules_of(decision)


def test_urgency_does_not_let_other_carers_know_or_do_without_protection():
    """Those rules do not give way, and then nothing is owed to the management team."""
    elsewhere = build.party(PartyKind.CARER, household="elsewhere")
    officer = {OFFICER: (build.party(PartyKind.OFFICER),)}
    known = build.circle(build.person(ANN), parties={CARER: (elsewhere,), **officer})
    refused = decided(replace(build.facts(known=known), tags=Tags(urgent=Concern.RISK)))
    keyless = decided(asked(Tags(urgent=Concern.RISK), keys={}))
    assert (refused.action, keyless.action) == (Action.REJECT, Action.HOLD)
    assert not {Obligation.TELL_MANAGEMENT, Obligation.REVIEW_RELEASE} & (refused.obligations | keyless.obligations)


def state_of(person: PersonFacts, recipient: Address = SURGERY, category: Category = Category.MEDICAL) -> set[str]:
    known = build.circle(person, parties={SURGERY: (PROFESSIONAL,)})
    return rules_of(decided(build.facts(recipient, known=known, findings=(build.finding(category),))))


def test_another_basis_lets_its_recipients_know_its_categories_in_its_time():
    """And nobody else, nothing else, never before or after, and not once it was ended."""
    stranger = Address.of("police@force.example")
    assert state_of(with_basis()) == {"safeguarding"}
    assert state_of(with_basis(recipients=frozenset({stranger.key})), stranger) == {"safeguarding"}
    assert state_of(with_basis(), category=Category.FINANCIAL) == {"new-involvement"}
    for other in ("party:P-2", "org:P-1", "P-1"):
        assert state_of(with_basis(recipients=frozenset({other}))) == {"new-involvement"}
    assert state_of(with_basis(until=NOW)) == {"new-involvement"}
    assert state_of(with_basis(since=NOW + timedelta(seconds=1))) == {"new-involvement"}
    assert state_of(with_basis(ended_at=NOW)) == {"new-involvement"}


def test_permission_ends_with_death_and_other_bases_do_not():
    """The Caldicott principles cover the dead."""
    named = build.permission(build.Grant("party:P-1", frozenset(Category)))
    died = replace(build.person(ANN, named), died_on=TODAY)
    assert state_of(replace(died, died_on=TODAY + timedelta(days=1))) == {"named"}
    assert state_of(died) == {"person-died"}
    assert state_of(replace(with_basis(), died_on=TODAY)) == {"safeguarding"}


@pytest.mark.parametrize(
    ("capacity", "signed", "reviewed", "rule"),
    [
        (Capacity.HAS, 365, None, "named"),
        (Capacity.HAS, 366, None, "review-overdue"),
        (Capacity.HAS, 700, 300, "named"),
        (Capacity.FLUCTUATES, 182, None, "named"),
        (Capacity.FLUCTUATES, 183, None, "review-overdue"),
    ],
)
def test_a_review_is_due_whatever_date_the_form_says(capacity, signed, reviewed, rule):
    """At least yearly; earlier where capacity fluctuates; counted from the last review."""
    form = Permission(
        "F",
        build.Ground.FORM,
        TODAY - timedelta(days=signed),
        TODAY + timedelta(days=3650),
        (build.Grant("party:P-1", frozenset(Category)),),
        reviewed_on=None if reviewed is None else TODAY - timedelta(days=reviewed),
    )
    assert state_of(build.person(ANN, form, capacity=capacity)) == {rule}


def carer_trained(days_ago: int | None) -> Circle:
    trained = None if days_ago is None else TODAY - timedelta(days=days_ago)
    return build.circle(build.person(), parties={CARER: (build.party(trained_on=trained),)})


@pytest.mark.parametrize(("days_ago", "due"), [(365, False), (366, True), (None, True)])
def test_overdue_training_is_a_reason_and_an_obligation(days_ago, due):
    """By itself it stops nothing as shipped."""
    decision = decided(build.facts(known=carer_trained(days_ago)))
    assert decision.action is Action.ENCRYPT
    assert (Obligation.TRAIN in decision.obligations) is due
    assert (Condition.TRAINING_OVERDUE in {r.rule for r in decision.reasons}) is due


def test_the_weight_of_training_is_a_setting():
    """A council may hold mail to carers whose training is overdue."""
    heavier = replace(RULES.conditions[Condition.TRAINING_OVERDUE], action=Action.HOLD)
    rules = replace(RULES, conditions={**RULES.conditions, Condition.TRAINING_OVERDUE: heavier})
    (decision,) = decide(build.facts(known=carer_trained(None)), rules)
    assert (decision.action, rules_of(decision)) == (Action.HOLD, {Condition.TRAINING_OVERDUE})


def test_somebody_else_named_in_the_document_is_held_unless_the_recipient_may_know():
    """Ann's own number, and Ben's name beside it: the carer of both gets it, the carer of Ann alone does not."""
    subjects = match([build.mention(ANN), build.mention(BEN, by=MatchedBy.NAME)])
    parties = {CARER: (build.party(),)}
    both = build.circle(build.person(ANN), build.person(BEN), parties=parties)
    one = build.circle(build.person(ANN), build.person(BEN, households=frozenset()), parties=parties)
    assert decided(build.facts(subjects=subjects, known=both)).action is Action.ENCRYPT
    held = decided(build.facts(subjects=subjects, known=one))
    assert (held.action, rules_of(held)) == (Action.HOLD, {Condition.OTHER_NAMED})


def test_a_doubtful_second_finding_asks_for_no_second_permission():
    """What is surely medical is not also held as perhaps financial."""
    found = (build.finding(), build.finding(Category.FINANCIAL, likelihood=0.3))
    named = build.permission(build.Grant("party:P-1", frozenset({Category.MEDICAL})))
    known = build.circle(build.person(ANN, named), parties={SURGERY: (PROFESSIONAL,)})
    assert decided(build.facts(SURGERY, findings=found, known=known)).action is Action.ENCRYPT


def test_a_number_of_nobody_holds():
    """The wrong document under the right subject line."""
    stranger = Mention(frozenset(), MatchedBy.NHS_NUMBER, build.evidence())
    decision = decided(build.facts(subjects=match([build.mention(ANN), stranger])))
    assert Condition.STRANGER_NAMED in rules_of(decision)


def test_an_attachment_that_names_nobody_is_known_only_by_a_tag():
    """A number in the subject line does not vouch for the document; the officer's own tag does."""
    line = {"part": "subject", "place": Place.SUBJECT_LINE}
    by_number = build.facts(subjects=match([build.mention(ANN, **line)]))
    by_tag = build.facts(subjects=match([build.mention(ANN, by=MatchedBy.TAG, **line)]))
    assert rules_of(decided(by_number)) == {Condition.PERSON_UNSURE}
    assert decided(by_tag).action is Action.ENCRYPT


def test_the_officers_own_words_about_a_known_person_are_judged():
    """A name in the body is enough to judge by: Ann's carer gets it protected, a stranger does not get it."""
    found = replace(build.finding(likelihood=0.3, part="1"), evidence=(build.evidence("1", Place.BODY, "epilepsy"),))
    subjects = match([build.mention(ANN, by=MatchedBy.NAME, part="1", place=Place.BODY)])
    assert decided(build.facts(findings=(found,), subjects=subjects)).action is Action.ENCRYPT
    known = build.circle(build.person(ANN), parties={})
    stranger = decided(build.facts(SURGERY, findings=(found,), subjects=subjects, known=known))
    assert (stranger.action, rules_of(stranger)) == (Action.HOLD, {Condition.OTHER_NAMED})


def test_a_number_in_the_subject_says_nothing_of_the_recipients_names():
    """A surgery's display name is a word of health; with a council ID in the subject it is still no document."""
    line = build.mention(ANN, part="subject", place=Place.SUBJECT_LINE)
    named = build.mention(ANN, by=MatchedBy.NAME, part="HEADER", place=Place.BODY)
    found = replace(
        build.finding(likelihood=0.25, part="HEADER"), evidence=(build.evidence("HEADER", Place.BODY, "x"),)
    )
    assert decided(build.facts(findings=(found,), subjects=match([line]))).action is Action.RELAY
    assert decided(build.facts(findings=(found,), subjects=match([line, named]))).action is Action.ENCRYPT


@pytest.mark.parametrize(
    ("capacity", "represented", "rule"),
    [
        (Capacity.HAS, False, "named"),
        (Capacity.HAS, True, "no-permission"),
        (Capacity.FLUCTUATES, True, "no-permission"),
        (Capacity.LACKS, True, "named"),
        (Capacity.LACKS, False, "no-best-interests-decision"),
    ],
)
def test_an_attorneys_form_counts_where_the_person_cannot_decide(capacity, represented, rule):
    """And nowhere else: who has capacity decides alone."""
    form = replace(build.permission(build.Grant("party:P-1", frozenset(Category))), represented=represented)
    assert state_of(build.person(ANN, form, capacity=capacity)) == {rule}
