"""Which questions are asked, and which page comes after which."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from domain.permission import Capacity, Ground
from register import models as m
from register.recording.frame import capacity_on
from web import clock
from web.console.register.asking import forms as f
from web.console.register.asking.draft import Draft


class Step(NamedTuple):
    """``asked`` says whether it is, from what was answered before it."""

    name: str
    form: type[f.StepForm]
    asked: Callable[[Draft, m.Person], bool]


def _differs(draft: Draft, person: m.Person) -> bool:
    """From the register: then there is an assessment that is not recorded yet."""
    return draft.capacity is not capacity_on(person, clock.now().date())


def _rests_on_one(draft: Draft, person: m.Person) -> bool:
    """That they cannot decide, or only at times, was recorded before. Whether that holds for this one is asked."""
    return draft.capacity in f.ASSESSED and not _differs(draft, person)


def _assessed_anew(draft: Draft, person: m.Person) -> bool:
    return _differs(draft, person) or (
        _rests_on_one(draft, person) and draft.said("relied", "relied") == f.ASSESSED_ANEW
    )


def _lacks(draft: Draft, _person: m.Person) -> bool:
    return draft.capacity is Capacity.LACKS


def _signs(draft: Draft, _person: m.Person) -> bool:
    return draft.ground is Ground.FORM


def _decides(draft: Draft, _person: m.Person) -> bool:
    return draft.ground is Ground.BEST_INTERESTS


def _always(_draft: Draft, _person: m.Person) -> bool:
    return True


WHO = "who"
"""Not one form, but a list: who may know, and what each."""
STEPS = (
    Step("capacity", f.CapacityStep, _always),
    Step("relied", f.ReliedStep, _rests_on_one),
    Step("assessment", f.AssessmentStep, _assessed_anew),
    Step("instead", f.InsteadStep, _lacks),
    Step("signed", f.SignedStep, _signs),
    Step("decision", f.DecisionStep, _decides),
    Step("circumstances", f.CircumstancesStep, _decides),
    Step("participation", f.ParticipationStep, _decides),
    Step("wishes", f.WishesStep, _decides),
    Step("consulted", f.ConsultedStep, _decides),
    Step("maker", f.MakerStep, _decides),
    Step(WHO, f.StepForm, _always),
    Step("review", f.ReviewStep, _always),
)


def asked(draft: Draft, person: m.Person) -> list[Step]:
    """The steps of this one, in their order."""
    return [step for step in STEPS if step.asked(draft, person)]


def unanswered(draft: Draft, person: m.Person) -> list[str]:
    """What is still open."""
    return [step.name for step in asked(draft, person) if step.name not in draft.answers]


def after(draft: Draft, person: m.Person, name: str) -> str:
    """The next page; once all was checked, only what a changed answer has opened, and back to the check."""
    names = [step.name for step in asked(draft, person)]
    place = names.index(name) + 1
    if not draft.checked and place < len(names):
        return names[place]
    return next(iter(unanswered(draft, person)), "check")
