"""A first name that the rest of the mail explains can only make a decision stricter."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decision import Action
from domain.model import Category, Place
from domain.policy import decide, harmless
from domain.subjects import MatchedBy, Role, match
from tests import build

_PEOPLE = ["p-ann", "p-ben", "p-cat"]
_PARTS = ["subject", "1", "2", "2/a", "2#name", "3"]
_PLACES = {"subject": Place.SUBJECT_LINE, "1": Place.BODY, "2#name": Place.FILE_NAME}


def _mention(people: set[str], by: MatchedBy, part: str, role: Role):
    place = _PLACES.get(part, Place.ATTACHMENT)
    made = build.mention(*people, by=by, part=part, place=place)
    return type(made)(made.people, made.by, made.evidence, role)


def _mentions(kinds: list[MatchedBy], parts: list[str]):
    people = st.sets(st.sampled_from(_PEOPLE), min_size=1, max_size=2)
    roles = st.sampled_from(list(Role))
    return st.lists(st.builds(_mention, people, st.sampled_from(kinds), st.sampled_from(parts), roles), max_size=4)


_findings = st.lists(
    st.builds(
        build.finding,
        st.sampled_from([Category.MEDICAL, Category.FINANCIAL]),
        st.sampled_from([0.1, 0.3, 0.6]),
        st.sampled_from(_PARTS),
    ),
    max_size=3,
).map(tuple)
_homes = st.fixed_dictionaries({ref: st.sampled_from(["home", "elsewhere"]) for ref in _PEOPLE})
_NAMES = [by for by in MatchedBy if by is not MatchedBy.CONTEXT]
_HINTED = ["subject", "1", "2#name"]


@settings(max_examples=400)
@given(_mentions(_NAMES, _PARTS), _mentions([MatchedBy.CONTEXT], _HINTED), _findings, _homes)
def test_a_hint_never_makes_a_decision_milder(named, hints, findings, homes) -> None:
    """Whatever else the mail names and holds, and whoever it goes to."""
    people = [build.person(ref, households=frozenset({home})) for ref, home in homes.items()]
    known = build.circle(*people, parties={build.CARER: (build.party(),)})

    def decided(*mentions) -> Action:
        facts = build.facts(findings=findings, subjects=match(mentions), known=known)
        (decision,) = decide(facts, build.RULES)
        assert decision.action is Action.RELAY or not harmless(facts, build.RULES)
        return decision.action

    with_hints, without = decided(*named, *hints), decided(*named)
    assert min(with_hints, Action.HOLD) >= min(without, Action.HOLD)
