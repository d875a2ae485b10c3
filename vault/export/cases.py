"""Access requests as rows. Every change is one transaction with its audit event; ``now`` and the actor are arguments.

Events have the case in their details, never the person's name, the scope or a reason's words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from holidays import country_holidays

from domain.access_request import Clock, Question, Timeline, Wanted, clock, may_be_extended
from domain.errors import SallyportError, VaultUnavailable
from vault import audit
from vault.acting import Acting
from vault.models import AccessQuestion, AccessRequest, Asker
from vault.rows import reading, writing

_YEARS = 5
ACTIONS = ("access-opened", "access-asked", "access-answered", "access-extended", "access-finished")


class CaseError(SallyportError):
    """What was to be done with a case cannot be. ``public`` says why; it names nobody."""

    def __init__(self, public: str) -> None:
        super().__init__("case", public=public)


def open_case(
    person: str, received: date, acting: Acting, *, asker: str = Asker.PERSON, scope: str = ""
) -> AccessRequest:
    """A new case. Raises :class:`CaseError` for a day that has not come, or an open case of the same day."""
    _not_ahead(received, acting, "day of receipt")
    with writing(VaultUnavailable):
        if AccessRequest.objects.filter(person=person, received=received, finished_on=None).exists():
            raise CaseError("There is an open request of this person from the same day already.")
        case = AccessRequest.objects.create(
            person=person, received=received, asker=asker, scope=scope, opened_at=acting.now, opened_by=acting.actor
        )
        audit.append([acting.event("access-opened", case=case.code, person=person, received=received.isoformat())])
    return case


def find(code: str) -> AccessRequest:
    """By what people call it, in any case, or by its number alone."""
    number = code.strip().upper().removeprefix("SAR-")
    with reading(VaultUnavailable):
        case = AccessRequest.objects.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None
    if case is None:
        raise CaseError(f"There is no request {code!r}; `sallyport sar list` shows them.")
    return case


def ask(case: AccessRequest, wanted: Wanted, day: date, acting: Acting) -> None:
    """The person was asked for clarification (the clock stops) or who they are (it starts with the answer)."""
    _not_ahead(day, acting, "day of the question")
    with _changing(case) as held:
        if day < held.received:
            raise CaseError("Nobody was asked before the request came.")
        if held.questions.filter(wanted=wanted.value, answered=None).exists():
            raise CaseError(f"An answer ({wanted.value}) is awaited already.")
        held.questions.create(wanted=wanted.value, asked=day)
        audit.append([acting.event("access-asked", case=held.code, wanted=wanted.value, day=day.isoformat())])


def answer(case: AccessRequest, day: date, acting: Acting, wanted: Wanted | None = None) -> None:
    """The answer came. Without ``wanted``, to the one question that is open."""
    _not_ahead(day, acting, "day of the answer")
    with _changing(case) as held:
        question = _the_open_one(held, wanted)
        if day < question.asked:
            raise CaseError("The answer cannot have come before the question.")
        question.answered = day
        question.save()
        audit.append([acting.event("access-answered", case=held.code, wanted=question.wanted, day=day.isoformat())])


def extend(case: AccessRequest, day: date, reason: str, holidays: Collection[date], acting: Acting) -> None:
    """The person was told, on ``day``, that it takes two months more, and why (Art. 12A(3), (4))."""
    _not_ahead(day, acting, "day on which they were told")
    if not reason.strip():
        raise CaseError("An extension needs its reason: the person is told it, too.")
    with _changing(case) as held:
        if day < held.received:
            raise CaseError("Nobody was told before the request came.")
        if not may_be_extended(timeline(held), holidays, day):
            raise CaseError("It cannot be extended: that must be told within the first month, and once.")
        held.extended_on, held.extension_reason = day, reason.strip()
        held.save()
        audit.append([acting.event("access-extended", case=held.code, day=day.isoformat())])


def finish(case: AccessRequest, day: date, outcome: str, acting: Acting, **details: Any) -> None:
    """Answered. ``details`` of what went out are for the audit trail."""
    with _changing(case) as held:
        if day < held.received:
            raise CaseError("It cannot have been answered before it came.")
        held.finished_on, held.outcome = day, outcome
        held.save()
        audit.append([acting.event("access-finished", case=held.code, day=day.isoformat(), **details)])


def sent(case: AccessRequest, day: date, how: str, acting: Acting) -> None:
    """The sealed answer was handed over, in this way, on that day: the clock ends. ``how`` names nobody."""
    if not how.strip():
        raise CaseError("It must say how the answer was handed over.")
    _not_ahead(day, acting, "day on which it was handed over")
    with reading(VaultUnavailable):
        sealed = case.bundles.order_by("-made_at").values_list("sha256", flat=True).first()
    if sealed is None:
        raise CaseError("Nothing was sealed for this request yet.")
    finish(case, day, f"sent: {how.strip()}", acting, sha256=sealed)


def close(case: AccessRequest, day: date, outcome: str, acting: Acting) -> None:
    """Ended without a bundle: withdrawn, refused, answered another way. ``outcome`` says which; it names nobody."""
    if not outcome.strip():
        raise CaseError("It must say what came of the request.")
    _not_ahead(day, acting, "day on which it ended")
    finish(case, day, outcome.strip(), acting)


def must_be_open(case: AccessRequest) -> AccessRequest:
    """The same case. Raises :class:`CaseError` for one that is finished: nothing is opened for it any more."""
    if case.finished_on is not None:
        raise CaseError(f"{case.code} was finished on {case.finished_on:%d %B %Y}; open another for a new request.")
    return case


def is_unknown_who_asks(case: AccessRequest) -> bool:
    """Whether they were asked to show who they are, and have not (Art. 12(6))."""
    with reading(VaultUnavailable):
        return bool(case.questions.filter(wanted=Wanted.IDENTIFICATION.value, answered=None).exists())


def must_know_who_asks(case: AccessRequest) -> None:
    """Raises :class:`CaseError` while it is not shown who asks: it could be somebody else."""
    if is_unknown_who_asks(case):
        raise CaseError(
            f"Nothing is handed over while we wait to know who is asking; once that is shown: "
            f"sallyport sar answer {case.code} --what identification."
        )


def timeline(case: AccessRequest) -> Timeline:
    """The rows as the clock wants them."""
    with reading(VaultUnavailable):
        asked = tuple(Question(Wanted(q.wanted), q.asked, q.answered) for q in case.questions.order_by("asked", "pk"))
    return Timeline(case.received, asked, case.extended_on, case.finished_on)


def standing(case: AccessRequest, holidays: Collection[date], today: date) -> Clock:
    """How it stands."""
    return clock(timeline(case), holidays, today)


def standings(found: Collection[AccessRequest], holidays: Collection[date], today: date) -> dict[int, Clock]:
    """How each stands, by number; one question to the database for all."""
    asked: dict[int, list[Question]] = {case.pk: [] for case in found}
    with reading(VaultUnavailable):
        for q in AccessQuestion.objects.filter(request__in=asked).order_by("asked", "pk"):
            asked[q.request_id].append(Question(Wanted(q.wanted), q.asked, q.answered))
    return {
        case.pk: clock(
            Timeline(case.received, tuple(asked[case.pk]), case.extended_on, case.finished_on), holidays, today
        )
        for case in found
    }


def bank_holidays(around: date) -> frozenset[date]:
    """England's, for years before and after."""
    years = range(around.year - _YEARS, around.year + _YEARS + 1)
    return frozenset(country_holidays("GB", subdiv="ENG", years=years))


def still_open() -> list[AccessRequest]:
    """All that are not finished, the oldest first."""
    with reading(VaultUnavailable):
        return list(AccessRequest.objects.filter(finished_on=None).order_by("received", "pk"))


@contextmanager
def _changing(case: AccessRequest) -> Iterator[AccessRequest]:
    """The row, held; a finished case changes no more."""
    with writing(VaultUnavailable):
        held = AccessRequest.objects.select_for_update().get(pk=case.pk)
        yield must_be_open(held)


def _the_open_one(case: AccessRequest, wanted: Wanted | None) -> AccessQuestion:
    questions = case.questions.filter(answered=None)
    found = list(questions if wanted is None else questions.filter(wanted=wanted.value))
    if not found:
        raise CaseError("No answer is awaited.")
    if len(found) > 1:
        raise CaseError("Two answers are awaited; say which one came with --what.")
    return found[0]


def _not_ahead(day: date, acting: Acting, what: str) -> None:
    if day > acting.today:
        raise CaseError(f"The {what} lies in the future.")
