"""Step 6, for one recipient: a reason for each person and category that they would learn of.

Pure. Each reason is the row of the decision table that fits, or, where an officer asked for
an urgent release and the policy lets that row give way, the urgent release in its place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain import permission
from domain.decision import Action, Reason
from domain.model import Address, Category, Evidence, Finding
from domain.permission import Circle, Party, PartyKind, PersonFacts, Relation
from domain.rules import Case, Condition, Consequence, Rules
from domain.subjects import SubjectMatch
from domain.tags import Concern


def reason_from(consequence: Consequence, **more: object) -> Reason:
    """The reason that a rule gives; ``more`` are further fields of it."""
    reason = Reason(
        rule=consequence.rule,
        action=consequence.action,
        why=consequence.why,
        fix=consequence.fix,
        basis=consequence.basis,
        obligations=consequence.obligations,
    )
    return replace(reason, **more)  # type: ignore[arg-type]  # fields of Reason, by name


@dataclass(frozen=True, slots=True)
class Sharing:
    """One recipient before the table. ``urgent`` is the concern for which an officer, who may, asked at once."""

    recipient: Address
    circle: Circle
    rules: Rules
    urgent: Concern | None = None

    @property
    def parties(self) -> tuple[Party, ...]:
        """What this address is; a mailbox may belong to a carer who is also family."""
        return self.circle.parties.get(self.recipient, ())

    def reasons(self, subjects: SubjectMatch, found: tuple[Finding, ...]) -> Iterator[Reason]:
        """One for each (person, category), and one for a carer's training if that is due."""
        learned = _learned(subjects, found)
        for (ref, category), evidence in learned.items():
            known = self.circle.people.get(ref)
            if known is None:  # the register lost sight of them between two questions
                yield reason_from(self.rules.conditions[Condition.PERSON_UNKNOWN])
            else:
                best = self._on_a_guess(ref, subjects, self._giving_way(self._gentlest(known, category)))
                yield reason_from(best, person=ref, category=category, evidence=tuple(evidence))
        yield from self._training(ref for ref, _ in learned)

    def again(self, about: Collection[tuple[str, Category]]) -> Iterator[Reason]:
        """The same for what was let go before, as (person, category): what the table says of it now."""
        for ref, category in sorted(about):
            known = self.circle.people.get(ref)
            if known is None:  # nobody knows any more what they agreed to
                yield reason_from(self.rules.conditions[Condition.PERSON_UNKNOWN], person=ref, category=category)
            else:
                best = self._giving_way(self._gentlest(known, category))
                yield reason_from(best, person=ref, category=category)
        yield from self._training(ref for ref, _ in about)

    def _training(self, people: Iterable[str]) -> Iterator[Reason]:
        if any(self._training_due(ref) for ref in people):
            yield reason_from(self._giving_way(self.rules.conditions[Condition.TRAINING_OVERDUE]))

    def _gentlest(self, person: PersonFacts, category: Category) -> Consequence:
        options = [self.rules.sharing_for(self.case(person, category, party)) for party in self.parties or (None,)]
        return min(options, key=lambda c: c.action)

    def case(self, person: PersonFacts, category: Category, party: Party | None) -> Case:
        """What the recipient is to the person, as this party (None: a stranger), and how permission then stands."""
        related = permission.relation(party, person) if party else Relation.STRANGER
        state = permission.state(self.recipient, party, person, category, self.circle.at, self.rules.reviews)
        return related, state, category

    def _on_a_guess(self, ref: str, subjects: SubjectMatch, consequence: Consequence) -> Consequence:
        """Nothing is refused, and no review opened, because of a name alone: such a mail is held, and says why."""
        if ref not in subjects.weak or consequence.action < Action.HOLD:
            return consequence
        other = self.rules.conditions[Condition.OTHER_NAMED]
        return replace(other, why=f"{other.why}: {consequence.why}")

    def _giving_way(self, consequence: Consequence) -> Consequence:
        urgency = self.rules.urgency
        if self.urgent is None or consequence.action < Action.HOLD or consequence.rule not in urgency.overrides:
            return consequence
        release = self.rules.conditions[Condition.URGENT_RELEASE]
        why = f"{release.why}, because {self.urgent.label}. Otherwise: {consequence.why}"
        return replace(release, why=why, basis=urgency.bases[self.urgent])

    def _training_due(self, ref: str) -> bool:
        known = self.circle.people.get(ref)
        carers = [p for p in self.parties if p.kind is PartyKind.CARER and known and permission.cares_for(p, known)]
        return any(_overdue(p, self.circle.at, self.rules) for p in carers)


def _learned(subjects: SubjectMatch, found: tuple[Finding, ...]) -> Mapping[tuple[str, Category], list[Evidence]]:
    learned: dict[tuple[str, Category], list[Evidence]] = {}
    for finding in found:
        for person in sorted(subjects.about(finding.part) - subjects.unsure):
            learned.setdefault((person, finding.category), []).extend(finding.evidence)
    return learned


def _overdue(carer: Party, at: datetime, rules: Rules) -> bool:
    return carer.trained_on is None or carer.trained_on + rules.training < at.date()
