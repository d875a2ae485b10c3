"""Access requests as rows: what can be recorded, what cannot, and that all of it is in the audit trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from domain.access_request import State, Wanted
from vault.acting import Acting
from vault.export import cases
from vault.export.cases import CaseError
from vault.models import AccessDecision, AccessRequest, AuditEvent, Choice, HandedOver

pytestmark = pytest.mark.usefixtures("database")
NO_HOLIDAYS: frozenset[date] = frozenset()
ACTING = Acting("cli:clerk", datetime(2026, 3, 20, 10, tzinfo=UTC), "asked by letter")
CAME = date(2026, 3, 2)


def opened() -> AccessRequest:
    return cases.open_case("p-ann", CAME, ACTING, scope="everything")


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))


def test_a_case_from_the_letter_to_the_answer() -> None:
    """Each step is a row and an event, and the clock reads the rows."""
    case = opened()
    assert cases.find(f" sar-{case.pk} ") == case == cases.find(str(case.pk))
    cases.ask(case, Wanted.CLARIFICATION, date(2026, 3, 5), ACTING)
    assert cases.standing(case, NO_HOLIDAYS, ACTING.today).state is State.STOPPED
    cases.answer(case, date(2026, 3, 14), ACTING)
    assert cases.standing(case, NO_HOLIDAYS, ACTING.today).due == date(2026, 4, 13)
    cases.extend(case, date(2026, 3, 20), "two thousand mails", NO_HOLIDAYS, ACTING)
    assert cases.standing(cases.find(case.code), NO_HOLIDAYS, ACTING.today).due == date(2026, 6, 12)
    assert cases.still_open() == [case]
    cases.finish(case, ACTING.today, "sent", ACTING, released=3)
    assert cases.still_open() == []
    assert actions() == list(cases.ACTIONS)
    assert {e.details["case"] for e in AuditEvent.objects.all()} == {case.code}
    assert AuditEvent.objects.filter(why="asked by letter", actor="cli:clerk").count() == 5


def test_the_trail_has_no_words_of_the_case() -> None:
    """Scope and reasons stay in the case's own rows."""
    case = cases.open_case("p-ann", CAME, ACTING, scope="letters of Dr Gill")
    cases.extend(case, CAME, "boxes at Dr Gill's", NO_HOLIDAYS, ACTING)
    assert "Gill" not in str(list(AuditEvent.objects.values_list("details", "why")))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda c: cases.ask(c, Wanted.CLARIFICATION, date(2026, 3, 1), ACTING), "before the request"),
        (lambda c: cases.ask(c, Wanted.CLARIFICATION, date(2026, 3, 21), ACTING), "future"),
        (lambda c: cases.answer(c, CAME, ACTING), "No answer is awaited"),
        (lambda c: cases.extend(c, CAME, " ", NO_HOLIDAYS, ACTING), "needs its reason"),
        (lambda c: cases.extend(c, date(2026, 3, 1), "x", NO_HOLIDAYS, ACTING), "before the request"),
        (lambda c: cases.finish(c, date(2026, 3, 1), "sent", ACTING), "before it came"),
        (lambda c: cases.open_case("p-ann", CAME, ACTING), "open request"),
        (lambda c: cases.open_case("p-ann", date(2027, 1, 1), ACTING), "future"),
        (lambda c: cases.find("SAR-999"), "no request"),
        (lambda c: cases.find("\u00b2"), "no request"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_leaves_no_event(wrong, says: str) -> None:
    case = opened()
    with pytest.raises(CaseError) as caught:
        wrong(case)
    assert says in caught.value.public
    assert actions() == ["access-opened"]


def test_questions_one_at_a_time_and_by_name_if_there_are_two() -> None:
    case = opened()
    cases.ask(case, Wanted.CLARIFICATION, date(2026, 3, 5), ACTING)
    with pytest.raises(CaseError, match="case"):
        cases.ask(case, Wanted.CLARIFICATION, date(2026, 3, 6), ACTING)
    cases.ask(case, Wanted.IDENTIFICATION, date(2026, 3, 6), ACTING)
    with pytest.raises(CaseError) as two:
        cases.answer(case, date(2026, 3, 7), ACTING)
    assert "--what" in two.value.public
    with pytest.raises(CaseError) as early:
        cases.answer(case, date(2026, 3, 5), ACTING, Wanted.IDENTIFICATION)
    assert "before the question" in early.value.public
    cases.answer(case, date(2026, 3, 7), ACTING, Wanted.IDENTIFICATION)
    assert cases.standing(case, NO_HOLIDAYS, ACTING.today).state is State.STOPPED


def test_an_extension_is_told_within_the_first_month() -> None:
    case = opened()
    late = replace(ACTING, now=datetime(2026, 4, 3, 9, tzinfo=UTC))
    with pytest.raises(CaseError) as caught:
        cases.extend(case, late.today, "two thousand mails", NO_HOLIDAYS, late)
    assert "first month" in caught.value.public


def test_a_request_may_end_without_a_bundle() -> None:
    """With what came of it, which stays out of the trail; then nothing is opened for it any more."""
    case = opened()
    with pytest.raises(CaseError, match="case"):
        cases.close(case, ACTING.today, " ", ACTING)
    with pytest.raises(CaseError, match="case"):
        cases.close(case, date(2026, 3, 21), "withdrawn", ACTING)
    assert cases.must_be_open(case) is case
    cases.close(case, ACTING.today, "withdrawn by Ann", ACTING)
    ended = cases.find(case.code)
    assert ended.outcome == "withdrawn by Ann"
    assert "Ann" not in str(AuditEvent.objects.get(action="access-finished").details)
    with pytest.raises(CaseError) as caught:
        cases.must_be_open(ended)
    assert "was finished on 20 March 2026" in caught.value.public


def test_a_finished_case_changes_no_more() -> None:
    case = opened()
    cases.finish(case, ACTING.today, "sent", ACTING)
    for change in (
        lambda: cases.ask(case, Wanted.CLARIFICATION, CAME, ACTING),
        lambda: cases.finish(case, ACTING.today, "again", ACTING),
    ):
        with pytest.raises(CaseError) as caught:
            change()
        assert "was finished" in caught.value.public


def test_the_database_itself_refuses_what_makes_no_sense() -> None:
    """Withheld without a ground, a redaction of nothing, out without authority, answered before it came."""
    case = opened()
    wrong = [
        lambda: AccessDecision.objects.create(
            request=case, document="D1", choice=Choice.WITHHOLD, reviewer="r", decided_at=ACTING.now
        ),
        lambda: AccessDecision.objects.create(
            request=case, document="D1", choice=Choice.REDACT, grounded=True, reviewer="r", decided_at=ACTING.now
        ),
        lambda: HandedOver.objects.create(
            kind="inspector", reference="x", purpose="inspection", authority="", receiver="age1", size=1,
            sha256="0" * 64, made_at=ACTING.now, made_by="r",
        ),
        lambda: AccessRequest.objects.filter(pk=case.pk).update(finished_on=date(2026, 3, 1), outcome="x"),
        lambda: AccessRequest.objects.filter(pk=case.pk).update(extended_on=CAME),
    ]  # fmt: skip
    for change in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
