"""Step 6: decide. Pure and total: facts and rules in, one Decision per recipient out.

For each recipient every rule that applies is collected as a reason, and the strictest
action wins; so each decision explains itself (promise 6) and whatever is doubtful ends in
HOLD, never in the clear (promise 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from domain import permission
from domain.decision import Action, Basis, Decision, Method, Obligation, Reason
from domain.model import Address, Analysis, Category, Evidence, Finding, Message
from domain.permission import Circle, Party, PartyKind, PersonFacts, Relation
from domain.ports import KeyVerdict
from domain.rules import Condition, Consequence, Rules
from domain.subjects import Match, SubjectMatch


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision may depend on."""

    sender: Address
    recipients: tuple[Address, ...]
    message: Message
    analysis: Analysis
    subjects: SubjectMatch
    circle: Circle
    keys: Mapping[Address, tuple[KeyVerdict, ...]] = field(default_factory=dict)


def decide(facts: Facts, rules: Rules) -> tuple[Decision, ...]:
    """One decision a recipient, in the envelope's order. Never raises on any facts."""
    found = confidential(facts.analysis, rules)
    return tuple(_for_recipient(facts, rules, found, recipient) for recipient in facts.recipients)


def confidential(analysis: Analysis, rules: Rules) -> tuple[Finding, ...]:
    """The findings that count."""
    return tuple(f for f in analysis.findings if f.likelihood >= rules.threshold)


def harmless(facts: Facts, rules: Rules) -> bool:
    """Nothing was found and everything could be read: anybody may have it, whoever they are."""
    doubts = facts.message.unreadable or facts.analysis.unreadable or facts.analysis.disagreements
    return not doubts and not confidential(facts.analysis, rules)


def usable_keys(facts: Facts, recipient: Address, rules: Rules) -> tuple[KeyVerdict, ...]:
    """The keys to encrypt to: all usable ones of the first method, in the rules' order, for which there is any."""
    usable = [v for v in facts.keys.get(recipient, ()) if v.usable]
    for method in rules.methods:
        chosen = tuple(v for v in usable if v.key.method is method)
        if chosen:
            return chosen
    return ()


def _for_recipient(facts: Facts, rules: Rules, found: tuple[Finding, ...], recipient: Address) -> Decision:
    if recipient in facts.circle.staff:
        return _decision(recipient, [_reason(rules, Condition.STAFF, basis=Basis.INTERNAL)], None)
    reasons = list(chain(_about_message(facts, rules, found), _about_sharing(facts, rules, found, recipient)))
    if not reasons:
        reasons.append(_reason(rules, Condition.NOTHING_FOUND))
    keys = usable_keys(facts, recipient, rules)
    if _strictest(reasons) is Action.ENCRYPT and not keys:
        reasons.append(_no_key(facts, rules, recipient))
    if _strictest(reasons) is Action.REJECT and not facts.sender.key:
        reasons = _soften(reasons, rules)
    return _decision(recipient, reasons, keys[0].key.method if keys else None)


def _decision(
    recipient: Address, reasons: list[tuple[Reason, frozenset[Obligation]]], method: Method | None
) -> Decision:
    action = _strictest(reasons)
    obligations = frozenset(chain.from_iterable(o for _, o in reasons))
    if action >= Action.HOLD:
        obligations |= {Obligation.TELL_SENDER}
    return Decision(
        recipient=recipient,
        action=action,
        reasons=tuple(dict.fromkeys(r for r, _ in reasons)),
        method=method if action is Action.ENCRYPT else None,
        obligations=obligations,
    )


def _strictest(reasons: list[tuple[Reason, frozenset[Obligation]]]) -> Action:
    return max(r.action for r, _ in reasons)


_Explained = tuple[Reason, frozenset[Obligation]]


def _from(consequence: Consequence, **more: object) -> _Explained:
    reason = Reason(
        rule=consequence.rule,
        action=consequence.action,
        why=consequence.why,
        fix=consequence.fix,
        basis=consequence.basis,
    )
    return replace(reason, **more), consequence.obligations  # type: ignore[arg-type]  # fields of Reason, by name


def _reason(rules: Rules, condition: Condition, **more: object) -> _Explained:
    return _from(rules.conditions[condition], **more)


def _about_message(facts: Facts, rules: Rules, found: tuple[Finding, ...]) -> Iterator[_Explained]:
    """What holds for every recipient outside."""
    for unreadable in dict.fromkeys(facts.message.unreadable + facts.analysis.unreadable):
        consequence = rules.conditions[Condition.UNREADABLE]
        yield _from(consequence, why=f"{consequence.why}: {unreadable.reason}")
    if facts.analysis.disagreements:
        yield _reason(rules, Condition.TYPE_DISAGREES)
    if found:
        evidence = tuple(e for f in found for e in f.evidence)
        yield from _about_person(facts.subjects, rules, evidence)


def _about_person(subjects: SubjectMatch, rules: Rules, evidence: tuple[Evidence, ...]) -> Iterator[_Explained]:
    if subjects.match is Match.NONE:
        yield _reason(rules, Condition.PERSON_UNKNOWN, evidence=evidence)
    elif subjects.match is Match.AMBIGUOUS:
        yield _reason(rules, Condition.PERSON_AMBIGUOUS)
    elif subjects.weak:
        yield _reason(rules, Condition.PERSON_UNSURE)
    if subjects.disagreement:
        yield _reason(rules, Condition.PLACES_DISAGREE, evidence=subjects.disagreement)


def _about_sharing(facts: Facts, rules: Rules, found: tuple[Finding, ...], recipient: Address) -> Iterator[_Explained]:
    """A reason for each person and category that this recipient would learn of."""
    learned: dict[tuple[str, Category], list[Evidence]] = {}
    for finding in found:
        for person in sorted(facts.subjects.surely_about(finding.part)):
            learned.setdefault((person, finding.category), []).extend(finding.evidence)
    for (ref, category), evidence in learned.items():
        known = facts.circle.people.get(ref)
        if known is None:  # the register lost sight of them between two questions
            yield _reason(rules, Condition.PERSON_UNKNOWN)
        else:
            yield _sharing(facts.circle, rules, known, category, recipient, tuple(evidence))


def _sharing(
    circle: Circle,
    rules: Rules,
    person: PersonFacts,
    category: Category,
    recipient: Address,
    evidence: tuple[Evidence, ...],
) -> _Explained:
    """The gentlest row among what this address is: a mailbox may belong to a carer who is also family."""
    parties = circle.parties.get(recipient, ())
    options = [_row(circle, rules, person, category, party) for party in parties or (None,)]
    best = min(options, key=lambda c: c.action)
    return _from(best, person=person.ref, category=category, evidence=evidence)


def _row(circle: Circle, rules: Rules, person: PersonFacts, category: Category, party: Party | None) -> Consequence:
    related = permission.relation(party, person) if party else Relation.STRANGER
    state = permission.state(party, person, category, circle.at)
    return rules.sharing_for((related, state, category))


def _no_key(facts: Facts, rules: Rules, recipient: Address) -> _Explained:
    consequence = rules.conditions[Condition.NO_USABLE_KEY]
    causes = list(dict.fromkeys(v.reason for v in facts.keys.get(recipient, ()) if v.reason))
    why = f"{consequence.why} ({'; '.join(causes)})" if causes else consequence.why
    return _from(consequence, why=why)


def _soften(reasons: list[_Explained], rules: Rules) -> list[_Explained]:
    """A refusal that nobody can be told of is held instead (RFC 5321 section 4.5.5)."""
    held = [(replace(r, action=Action.HOLD) if r.action is Action.REJECT else r, o) for r, o in reasons]
    return [*held, _reason(rules, Condition.NOBODY_TO_TELL)]


def kind_of(circle: Circle, recipient: Address) -> PartyKind | None:
    """What the register knows an address as, for people to read; None for a stranger."""
    parties = circle.parties.get(recipient, ())
    return parties[0].kind if parties else None
