"""What is to be done until a request is answered, and how far each step is, for the request's page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse

from vault.errands import asking
from vault.models import AccessRequest, Errand, ErrandKind, ErrandState


class Step(NamedTuple):
    """``href`` is empty where it cannot be started yet; ``colour`` where it needs no tag."""

    text: str
    hint: str
    href: str
    says: str
    colour: str


def steps(case: AccessRequest, actor: str, now: datetime) -> Iterator[Step]:
    """In their order."""
    collected = asking.newest(ErrandKind.COLLECT, case.code)
    shown = asking.newest(ErrandKind.REVIEW, case.code, actor)
    previewed = asking.newest(ErrandKind.PREVIEW, case.code, actor)
    sealed = asking.newest(ErrandKind.ANSWER, case.code)
    begun = collected is not None and collected.state != ErrandState.REFUSED
    yield _step("Collect what is kept about them", "The key holder opens it. This can take long.",
                _to(case, "request-collecting" if begun else "request-collect"), collected, now)  # fmt: skip
    decide = _step("Decide about each document", "What is given, what is taken out, what is kept back.",
                   _to(case, "request-review"), shown, now, done="Opened")  # fmt: skip
    # Nothing is asked to be sealed before all is decided, by whomever; a second person has it not to do again.
    asked = sealed is not None and sealed.state != ErrandState.REFUSED
    yield decide._replace(says="Done", colour="") if asked else decide
    yield _step("Look at the answer", "As they would get it, with the black boxes.",
                _to(case, "request-preview"), previewed, now, done="Made")  # fmt: skip
    yield _step("Have it sealed", "One file that only they can open.",
                _to(case, "request-sealed" if sealed else "request-seal"), sealed, now)  # fmt: skip
    made = sealed is not None and sealed.state == ErrandState.DONE
    can_end = _to(case, "request-sent") if made else ""
    yield Step("Record that it was handed over", "The clock stops.", can_end, "To do" if made else "Not yet",
               "blue" if made else "")  # fmt: skip


def _step(text: str, hint: str, href: str, row: Errand | None, now: datetime, done: str = "Done") -> Step:
    if row is None or (row.state == ErrandState.DONE and done != "Done" and asking.is_over(row, now)):
        return Step(text, hint, href, "To do", "blue")
    if row.state == ErrandState.DONE:
        return Step(text, hint, href, done, "")
    if row.state == ErrandState.REFUSED or asking.is_over(row, now):
        return Step(text, hint, href, "Not done", "red")
    says = "Needs a second person" if row.state == ErrandState.PROPOSED else "Being done"
    return Step(text, hint, href, says, "yellow")


def _to(case: AccessRequest, name: str) -> str:
    return reverse(name, args=[case.pk])
