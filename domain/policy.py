"""Step 6: decide. Pure and total: facts and rules in, one Decision per recipient out.

For each recipient every rule that applies is collected as a reason, and the strictest
action wins; so each decision explains itself (promise 6) and whatever is doubtful ends in
HOLD, never in the clear (promise 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from domain.decision import Action, Basis, Decision, Method, Obligation, Reason
from domain.guard import Looked, Suspicion
from domain.model import Address, Analysis, Evidence, Finding, Message, PartPath, Place
from domain.permission import Circle, PartyKind
from domain.ports import KeyVerdict
from domain.rules import Condition, Rules
from domain.ruling import Ruling, after_review, corrected
from domain.sharing import Sharing, reason_from
from domain.subjects import Match, SubjectMatch
from domain.tags import Tags


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision may depend on. ``rulings`` are reviewers', where a held mail is decided anew.

    ``doubts`` are the guard's, about addresses (``domain/guard.py``); it has looked where it is not None. By ``looked``
    it may look once more, with other numbers; no decision depends on it.
    """

    sender: Address
    recipients: tuple[Address, ...]
    message: Message
    analysis: Analysis
    subjects: SubjectMatch
    circle: Circle
    keys: Mapping[Address, tuple[KeyVerdict, ...]] = field(default_factory=dict)
    tags: Tags = field(default_factory=Tags)
    rulings: Mapping[Address, Ruling] = field(default_factory=dict)
    doubts: Mapping[Address, tuple[Suspicion, ...]] | None = None
    looked: Looked | None = None


def decide(facts: Facts, rules: Rules) -> tuple[Decision, ...]:
    """One decision a recipient, in the envelope's order. Never raises on any facts."""
    found = confidential(facts.analysis, facts.subjects, rules)
    return tuple(_for_recipient(facts, rules, found, recipient) for recipient in facts.recipients)


def confidential(analysis: Analysis, subjects: SubjectMatch, rules: Rules) -> tuple[Finding, ...]:
    """The findings that count. In a part where none does by itself, less is enough if somebody known is named there."""
    sure = {f.part for f in analysis.findings if f.likelihood >= rules.threshold}

    def enough(part: PartPath) -> float:
        return rules.threshold_named if part not in sure and subjects.speaks_of(part) else rules.threshold

    return tuple(f for f in analysis.findings if f.likelihood >= enough(f.part))


def harmless(facts: Facts, rules: Rules) -> bool:
    """Nothing was found, nothing was asked, and everything could be read: anybody may have it, whoever they are."""
    doubts = facts.message.unreadable or facts.analysis.unreadable or facts.analysis.disagreements or facts.tags
    return not doubts and not confidential(facts.analysis, facts.subjects, rules)


def usable_keys(facts: Facts, recipient: Address, rules: Rules) -> tuple[KeyVerdict, ...]:
    """The keys to encrypt to: all usable ones of the first method, in the rules' order, for which there is any."""
    usable = [v for v in facts.keys.get(recipient, ()) if v.usable]
    for method in rules.methods:
        chosen = tuple(v for v in usable if v.key.method is method)
        if chosen:
            return chosen
    return ()


def _for_recipient(facts: Facts, rules: Rules, found: tuple[Finding, ...], recipient: Address) -> Decision:
    stopped = [_reason(rules, Condition.RECIPIENT_STOPPED)] if recipient in facts.circle.stopped else []
    if recipient in facts.circle.staff:
        return _decision(recipient, [_reason(rules, Condition.STAFF, basis=Basis.INTERNAL), *stopped], None)
    ruling = facts.rulings.get(recipient)
    reasons = _reasons(facts, rules, corrected(found, ruling), recipient)
    if ruling is not None:
        released = _reason(rules, Condition.REVIEWER_RELEASED)
        reasons = [after_review(r, ruling, released, rules.held) for r in reasons]
    reasons = reasons or [_reason(rules, Condition.REVIEWER_CLEARED if found else Condition.NOTHING_FOUND)]
    reasons += _misdirected(facts, rules, ruling, recipient)
    reasons += stopped  # after the rulings: no reviewer can let it give way
    keys = usable_keys(facts, recipient, rules)
    method = keys[0].key.method if keys else None
    if _strictest(reasons) is Action.ENCRYPT and not keys:
        reasons.append(_no_key(facts, rules, recipient))
        method = Method.PICK_UP
    if _strictest(reasons) is Action.REJECT and not facts.sender.key:
        reasons = _soften(reasons, rules)
    return _decision(recipient, reasons, method)


def _reasons(facts: Facts, rules: Rules, found: tuple[Finding, ...], recipient: Address) -> list[Reason]:
    """Every rule that applies. None where nothing was found and nothing is in the way."""
    urgent = facts.tags.urgent if _may_release(facts, rules) else None
    return [
        *_about_tags(facts, rules, found),
        *_about_message(facts, rules, found),
        *Sharing(recipient, facts.circle, rules, urgent).reasons(facts.subjects, found),
    ]


def _misdirected(facts: Facts, rules: Rules, ruling: Ruling | None, recipient: Address) -> Iterator[Reason]:
    """What the guard doubts about the address. It adds reasons and takes none away, so it never lets anything go."""
    urgent = facts.tags.urgent is not None and _may_release(facts, rules)
    for doubt in (facts.doubts or {}).get(recipient, ()):
        condition = Condition(doubt.kind.value)
        reason = _reason(rules, condition, instead=doubt.instead)
        if ruling is not None and condition in ruling.accepts & (rules.held.acceptable | rules.guard.sender_settles):
            confirmed = _reason(rules, Condition.SENDER_CONFIRMED)
            yield replace(confirmed, why=f"{confirmed.why}. Otherwise: {reason.why}")
        elif urgent and condition in rules.urgency.overrides:
            yield replace(reason, action=Action.RELAY, obligations=frozenset({Obligation.WARN_SENDER}))
        else:
            yield reason


def _decision(recipient: Address, reasons: list[Reason], method: Method | None) -> Decision:
    action = _strictest(reasons)
    obligations = frozenset(chain.from_iterable(r.obligations for r in reasons))
    if action >= Action.HOLD:
        obligations = obligations - OF_A_RELEASE | {Obligation.TELL_SENDER}
    return Decision(
        recipient=recipient,
        action=action,
        reasons=tuple(dict.fromkeys(reasons)),
        method=method if action is Action.ENCRYPT else None,
        obligations=obligations,
    )


OF_A_RELEASE = frozenset({Obligation.TELL_MANAGEMENT, Obligation.REVIEW_RELEASE})
"""What is owed for an urgent release, and for nothing that did not leave."""


def _strictest(reasons: list[Reason]) -> Action:
    return max(r.action for r in reasons)


def _reason(rules: Rules, condition: Condition, **more: object) -> Reason:
    return reason_from(rules.conditions[condition], **more)


def _may_release(facts: Facts, rules: Rules) -> bool:
    """An urgent release is asked for by an officer of the register, for a concern that the policy lists."""
    kinds = {p.kind for p in facts.circle.parties.get(facts.sender, ())}
    return PartyKind.OFFICER in kinds and facts.tags.urgent in rules.urgency.bases


def _about_tags(facts: Facts, rules: Rules, found: tuple[Finding, ...]) -> Iterator[Reason]:
    """What the officer asked for in the subject line."""
    if facts.tags.unknown or (facts.tags.doubtful and found):
        yield _reason(rules, Condition.TAG_UNKNOWN)
    if facts.tags.urgent and not _may_release(facts, rules):
        yield _reason(rules, Condition.URGENT_NOT_ALLOWED if rules.urgency.bases else Condition.URGENT_OFF)
    if facts.tags.secure or (facts.tags.urgent and not found):
        yield _reason(rules, Condition.SECURE_ASKED)


def _about_message(facts: Facts, rules: Rules, found: tuple[Finding, ...]) -> Iterator[Reason]:
    """What holds for every recipient outside."""
    for unreadable in dict.fromkeys(facts.message.unreadable + facts.analysis.unreadable):
        consequence = rules.conditions[Condition.UNREADABLE]
        yield reason_from(consequence, why=f"{consequence.why}: {unreadable.reason}")
    if facts.analysis.disagreements:
        yield _reason(rules, Condition.TYPE_DISAGREES)
    if found:
        evidence = tuple(e for f in found for e in f.evidence)
        yield from _about_person(facts.subjects, rules, evidence)
        if _nameless(facts.subjects, found) or _on_a_hint(facts.subjects, found, rules):
            yield _reason(rules, Condition.PERSON_UNSURE)


def _about_person(subjects: SubjectMatch, rules: Rules, evidence: tuple[Evidence, ...]) -> Iterator[Reason]:
    if subjects.match is Match.NONE:
        yield _reason(rules, Condition.PERSON_UNKNOWN, evidence=evidence)
    elif subjects.match is Match.AMBIGUOUS:
        yield _reason(rules, Condition.PERSON_AMBIGUOUS)
    elif subjects.unsure:
        yield _reason(rules, Condition.PERSON_UNSURE)
    if subjects.strangers:
        yield _reason(rules, Condition.STRANGER_NAMED, evidence=subjects.strangers)
    if subjects.disagreement:
        yield _reason(rules, Condition.PLACES_DISAGREE, evidence=subjects.disagreement)


def _nameless(subjects: SubjectMatch, found: tuple[Finding, ...]) -> bool:
    """A confidential attachment that names nobody is known only by the officer's own tag, not by words around it."""
    attached = (f.part for f in found if any(e.place is Place.ATTACHMENT for e in f.evidence))
    known = subjects.people and not subjects.tagged
    return bool(known) and any(not subjects.named_in(part) for part in attached)


def _on_a_hint(subjects: SubjectMatch, found: tuple[Finding, ...], rules: Rules) -> bool:
    """What is confidential whoever is named is not let go by a first name alone."""
    sure = (f for f in found if f.likelihood >= rules.threshold)
    return bool(subjects.hinted) and any(subjects.about(f.part) <= subjects.hinted for f in sure)


def _no_key(facts: Facts, rules: Rules, recipient: Address) -> Reason:
    """It waits for them where there is a place for that; else it is held until there is a key."""
    consequence = rules.conditions[Condition.PICK_UP if rules.pick_up else Condition.NO_USABLE_KEY]
    causes = list(dict.fromkeys(v.reason for v in facts.keys.get(recipient, ()) if v.reason))
    why = f"{consequence.why} ({'; '.join(causes)})" if causes else consequence.why
    return reason_from(consequence, why=why)


def _soften(reasons: list[Reason], rules: Rules) -> list[Reason]:
    """A refusal that nobody can be told of is held instead (RFC 5321 section 4.5.5)."""
    held = [replace(r, action=Action.HOLD) if r.action is Action.REJECT else r for r in reasons]
    return [*held, _reason(rules, Condition.NOBODY_TO_TELL)]
