"""What the relay asks of the register with every mail: in few statements, the same on both databases, never stale."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.model import Address, Analysis, Evidence, Identifier, IdentifierKind, PageText, Place
from register import models as m
from register.lookup import DatabaseRegister
from register.sql import Question, ask, gather, listed, maybe_day, maybe_moment, sorted_tuple
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")
PEOPLE = 9
TO = [Address.of(f"carer{n}@carers.example") for n in range(PEOPLE)] + [Address.of("x@surgery.example")]


@pytest.fixture
def register() -> DatabaseRegister:
    surgery = m.Organisation.objects.create(code="GP", name="Surgery", domain="surgery.example")
    for n in range(PEOPLE):
        home = m.Household.objects.create(code=f"H-{n}")
        person = m.Person.objects.create(
            ref=f"p-{n}", council_id=f"SL-{n:05}", date_of_birth=date(1980, 1, 1 + n) if n % 2 else None
        )
        m.PersonName.objects.create(person=person, name=f"Ann{n} Lee{n}", main=True)
        m.Placement.objects.create(person=person, household=home, starts=date(2020, 1, 1))
        m.CapacityAssessment.objects.create(person=person, capacity="fluctuating", starts=date(2021, 1, 1))
        m.CapacityAssessment.objects.create(person=person, capacity="has capacity", starts=date(2020, 1, 1))
        form = m.Permission.objects.create(
            code=f"F-{n}", person=person, ground="permission-to-share form",
            signed_on=date(2026, 6, 1), review_due=date(2027, 6, 1),
        )  # fmt: skip
        carer = m.Party.objects.create(
            code=f"C-{n}", kind="carer", name="Cara", email=f"carer{n}@carers.example", household=home
        )
        gone = NOW - timedelta(hours=1) if n % 3 else None
        m.Grant.objects.create(permission=form, party=carer, categories=["medical", "financial"], withdrawn_at=gone)
        m.Grant.objects.create(permission=form, organisation=surgery, categories=["medical"])
        m.SharingBasis.objects.create(
            code=f"B-{n}", person=person, basis="vital interests", reason="why", recipients=["GP", f"C-{n}"],
            categories=["medical"], decided_by="Manager", since=NOW - timedelta(days=1), until=NOW + timedelta(days=1),
            review_due=date(2026, 12, 1),
        )  # fmt: skip
    return DatabaseRegister(["council.example"])


def read(register: DatabaseRegister, mail: int) -> None:
    """All that the relay asks for one mail."""
    page = PageText("2", Place.ATTACHMENT, 1, f"About Ann{mail} Lee{mail}, and their papers.")
    number = Identifier(IdentifierKind.COUNCIL_ID, f"SL-{mail:05}", Evidence("2", Place.ATTACHMENT, "id", ""))
    strange = Identifier(IdentifierKind.NHS_NUMBER, "9434765919", Evidence("2", Place.ATTACHMENT, "nhs", ""))
    found = register.mentions(Analysis(texts=(page,), identifiers=(number, strange)))
    people = frozenset[str]().union(*(mention.people for mention in found))
    assert people == {f"p-{mail}"}
    assert register.circle(people, TO[mail : mail + 1], NOW).people
    register.keys(TO[mail : mail + 1])


def asked(do: Callable[[], object]) -> int:
    """How many statements leave for the database meanwhile: on PostgreSQL those that its wire shows."""
    if connection.vendor == "sqlite":
        sent: list[str] = []
        connection.ensure_connection()
        connection.connection.set_trace_callback(sent.append)
        do()
        connection.connection.set_trace_callback(None)
        return len(sent)
    connection.ensure_connection()
    with tempfile.TemporaryFile("w+") as wire:
        connection.connection.pgconn.trace(wire.fileno())
        do()
        connection.connection.pgconn.untrace()
        wire.seek(0)
        return len(re.findall(r"\tF\t\d+\t(?:Sync|Query)\b", wire.read()))


def test_a_mail_costs_the_register_few_statements(register: DatabaseRegister) -> None:
    """PostgreSQL three round trips, once they are prepared; SQLite, where each is a call, one a kind of fact."""
    for mail in range(PEOPLE - 1):
        read(register, mail)
    assert asked(lambda: read(register, PEOPLE - 1)) == (3 if connection.vendor == "postgresql" else 12)


def test_a_mail_about_many_people_to_many_costs_no_more(register: DatabaseRegister) -> None:
    """The number of statements does not grow with the mail."""
    refs = [f"p-{n}" for n in range(PEOPLE)]
    one = asked(lambda: register.circle(refs[:1], TO[:1], NOW))
    assert asked(lambda: register.circle(refs, TO, NOW)) == one


def test_a_withdrawal_counts_for_the_next_question_of_a_prepared_statement(register: DatabaseRegister) -> None:
    """Promise 5: what is kept for the next mail is how to ask, never what was answered."""
    for _ in range(9):
        (form,) = register.circle(["p-3"], TO[3:4], NOW).people["p-3"].permissions
        assert form.withdrawn_at is None
        assert {g.withdrawn_at for g in form.grants} == {None}
    row = m.Permission.objects.get(code="F-3")
    row.withdrawn_at = NOW
    row.save()
    (form,) = register.circle(["p-3"], TO[3:4], NOW).people["p-3"].permissions
    assert form.withdrawn_at == NOW


def test_the_last_assessment_of_capacity_stands(register: DatabaseRegister) -> None:
    """Whichever was recorded first: the rows come in order of their days."""
    assert register.circle(["p-1"], (), NOW).people["p-1"].capacity == "fluctuating"


_LINES = """
SELECT code, code, categories, g.withdrawn_at FROM register_grant g
  JOIN register_permission p ON p.id = g.permission_id WHERE code IN (%s) ORDER BY g.id
"""
QUESTIONS = (
    ("SELECT ref, date_of_birth FROM register_person WHERE ref IN (%s) ORDER BY ref", (None, maybe_day)),
    (_LINES, (None, None, listed, maybe_moment)),
    ("SELECT code, approved FROM register_party WHERE email IN (%s) ORDER BY code", (None, bool)),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked_for=st.lists(st.sets(st.integers(0, PEOPLE + 3)), min_size=1, max_size=4), data=st.data())
def test_questions_asked_together_are_answered_as_one_by_one(
    register: DatabaseRegister, asked_for: list[set[int]], data: st.DataObject
) -> None:
    """For any number of values, also none, and columns of one name: the same rows in the same order."""
    one_by_one, together = [], []
    for numbers in asked_for:
        n = data.draw(st.integers(0, len(QUESTIONS) - 1))
        statement, kinds = QUESTIONS[n]
        values = sorted_tuple({(f"p-{i}", f"F-{i}", f"carer{i}@carers.example")[n] for i in numbers})
        one_by_one.append(_typed(ask(statement, values), kinds))
        together.append((Question(statement, (values,)), kinds))
    answers = gather(*(question for question, _ in together))
    assert [_typed(rows, kinds) for rows, (_, kinds) in zip(answers, together, strict=True)] == one_by_one


def _typed(rows: list, kinds: tuple) -> list[tuple]:
    return [tuple(kind(v) if kind else v for kind, v in zip(kinds, row, strict=True)) for row in rows]


def test_a_moment_is_utc_however_the_database_writes_it() -> None:
    """SQLite without a zone; PostgreSQL as a value, or as JSON in the zone of its session."""
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    written = ("2026-07-01 12:00:00", "2026-07-01T13:00:00+01:00", noon, noon.replace(tzinfo=None))
    assert [maybe_moment(value) for value in written] == [noon] * 4
