"""States that cannot be: each refused by the model with its sentence, and by the database alone.

The second half writes rows past Django's checks, as a mistaken script or another program would.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from register import models as m
from tests.support import postgres

CARER = 1002
ONE = 1001  # far from what a database counts up to by itself
DAY = date(2026, 6, 1)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
EARLIER, LATER = timedelta(days=-1), timedelta(days=1)


class Never(NamedTuple):
    """``make`` gives rows, the last of which cannot be. ``says`` is the model's sentence; ``database`` refuses too."""

    make: Callable[[], tuple[models.Model, ...]]
    says: str
    database: bool = True


def _rows(model: type[models.Model], *each: dict[str, Any], **base: Any) -> Callable[[], tuple[models.Model, ...]]:
    return lambda: tuple(model(**(base | more)) for more in each)


def _person(**more: Any) -> Callable[[], tuple[models.Model, ...]]:
    return _rows(m.Person, more, council_id="SL-9", ref="p-9")


def _party(**more: Any) -> Callable[[], tuple[models.Model, ...]]:
    return _rows(m.Party, more, code="X", name="X", email="x@y.example", kind="professional")


_FORM = {
    "code": "P-9",
    "person_id": ONE,
    "ground": "permission-to-share form",
    "signed_on": DAY,
    "review_due": DAY + 300 * LATER,
}
_DECISION = {
    "decision": "a",
    "circumstances": "b",
    "participation": "c",
    "wishes": "d",
    "consulted": "e",
    "decision_maker": "f",
}
_GROUND = {
    "code": "B-9",
    "person_id": ONE,
    "basis": "legal duty",
    "reason": "an order",
    "recipients": ["GP"],
    "categories": ["medical"],
    "decided_by": "Manager",
    "since": NOW,
    "until": NOW + LATER,
    "review_due": DAY,
}
_RELEASE = {
    "digest": "d",
    "officer": "o@c.example",
    "recipient": "a@b.example",
    "concern": "risk",
    "released_at": NOW,
    "review_due": NOW + LATER,
}
_REQUEST = {"person_id": ONE, "recipient": "a@b.example", "officer": "o@c.example", "rule": "x", "opened_at": NOW}


def _form(**more: Any) -> Callable[[], tuple[models.Model, ...]]:
    return _rows(m.Permission, more, **_FORM)


def _decided_without(name: str) -> Never:
    fields = _FORM | _DECISION | {"ground": "best-interests decision", name: ""}
    return Never(_rows(m.Permission, fields), "Mental Capacity Act")


def _grant(*each: dict[str, Any]) -> Callable[[], tuple[models.Model, ...]]:
    return _rows(m.Grant, *each, permission_id=ONE, categories=["medical"])


def _ground(**more: Any) -> Callable[[], tuple[models.Model, ...]]:
    return _rows(m.SharingBasis, more, **_GROUND)


NEVER: dict[str, Never] = {
    "dies before birth": Never(_person(date_of_birth=DAY, died_on=DAY + EARLIER), "before they are born"),
    "a council ID twice": Never(_rows(m.Person, {"council_id": "SL-1", "ref": "p-9"}), "already exists"),
    "an NHS number twice": Never(
        _rows(
            m.Person,
            {"council_id": "SL-8", "ref": "p-8"},
            {"council_id": "SL-9", "ref": "p-9"},
            nhs_number="9990000018",
        ),
        "already exists",
    ),
    "an officer who is none": Never(_person(officer_id=ONE), "is an officer", database=False),
    "two main names": Never(
        _rows(m.PersonName, {"name": "A"}, {"name": "B"}, person_id=ONE, main=True), "one main name"
    ),
    "a name twice": Never(_rows(m.PersonName, {}, {}, person_id=ONE, name="A"), "already exists"),
    "a name over before it began": Never(
        _rows(m.PersonName, {"starts": DAY, "ends": DAY + EARLIER}, person_id=ONE, name="A"), "cannot end before"
    ),
    "two assessments a day": Never(
        _rows(
            m.CapacityAssessment, {"capacity": "has capacity"}, {"capacity": "fluctuating"}, person_id=ONE, starts=DAY
        ),
        "a day already",
    ),
    "two assessments without a day": Never(
        _rows(m.CapacityAssessment, {"capacity": "has capacity"}, {"capacity": "fluctuating"}, person_id=ONE),
        "a day already",
    ),
    "capacity of no known kind": Never(
        _rows(m.CapacityAssessment, {"person_id": ONE, "capacity": "some"}), "not a valid choice", database=False
    ),
    "a placement over before it began": Never(
        _rows(m.Placement, {"starts": DAY, "ends": DAY + EARLIER}, person_id=ONE, household_id=ONE), "before it starts"
    ),
    "a placement twice": Never(
        _rows(m.Placement, {}, {}, person_id=ONE, household_id=ONE, starts=DAY), "already exists"
    ),
    "a placement beside another of the same household": Never(
        _rows(
            m.Placement, {"starts": DAY}, {"starts": DAY + LATER, "ends": DAY + LATER}, person_id=ONE, household_id=ONE
        ),
        "placed there at that time already",
        database=False,
    ),
    "a placement nowhere": Never(_rows(m.Placement, {"person_id": ONE, "starts": DAY}), "cannot be null"),
    "a day of signing and no agreement": Never(
        _rows(m.Placement, {"agreed_on": DAY}, person_id=ONE, household_id=ONE, starts=DAY), "day of its signature"
    ),
    "a carer without a home": Never(_party(kind="carer"), "a carer has a household"),
    "family of nobody": Never(_party(kind="family"), "belong to a person"),
    "a representative of nobody": Never(_party(kind="representative"), "belong to a person"),
    "the person's own mailbox, of nobody": Never(_party(kind="person"), "belong to a person"),
    "ends before they start": Never(_party(starts=DAY, ends=DAY + EARLIER), "last day cannot be before"),
    "approved until before": Never(
        _party(approved_from=DAY, approved_to=DAY + EARLIER), "an approval cannot end before it starts"
    ),
    "an id twice": Never(_party(code="F"), "already exists"),
    "of no known kind": Never(_party(kind="neighbour"), "not a valid choice", database=False),
    "support over before it began": Never(
        _rows(m.Support, {"starts": DAY, "ends": DAY + EARLIER}, party_id=CARER, household_id=ONE), "before they start"
    ),
    "support twice": Never(_rows(m.Support, {}, {}, party_id=CARER, household_id=ONE, starts=DAY), "already exists"),
    "support beside another at the same household": Never(
        _rows(m.Support, {"starts": DAY, "ends": DAY}, {"starts": DAY + EARLIER}, party_id=CARER, household_id=ONE),
        "stands in there at that time already",
        database=False,
    ),
    "support by somebody who is no carer": Never(
        _rows(m.Support, {"starts": DAY}, party_id=ONE, household_id=ONE), "is a carer", database=False
    ),
    "support of one's own household": Never(
        _rows(m.Support, {"starts": DAY}, party_id=CARER, household_id=CARER), "not their own", database=False
    ),
    "a training twice": Never(
        _rows(m.Training, {}, {}, party_id=ONE, kind="data-protection", done_on=DAY), "already exists"
    ),
    "a review due before signing": Never(_form(review_due=DAY + EARLIER), "due before the signing"),
    "a review held before signing": Never(_form(reviewed_on=DAY + EARLIER), "held before the signing"),
    "a form's id twice": Never(_form(code="P-1"), "already exists"),
    "withdrawn before signing": Never(
        _form(withdrawn_at=datetime(2026, 5, 1, tzinfo=UTC)), "withdrawn before it is signed", database=False
    ),
    "on no known ground": Never(_form(ground="hearsay"), "not a valid choice"),
    "given by a neighbour": Never(_form(given_by="neighbour"), "not a valid choice", database=False),
    "signed without capacity": Never(
        lambda: (
            m.CapacityAssessment(person_id=ONE, capacity="lacks capacity", starts=DAY),
            m.Permission(**_FORM),
        ),
        "lacking capacity",
        database=False,
    ),
    **{f"a decision without {name}": _decided_without(name) for name in _DECISION},
    "a line for nobody": Never(_grant({}), "one party or one organisation"),
    "a line for two": Never(_grant({"party_id": ONE, "organisation_id": ONE}), "one party or one organisation"),
    "a party on two lines": Never(_grant({"party_id": ONE}, {"party_id": ONE}), "already exists"),
    "an organisation on two lines": Never(_grant({"organisation_id": ONE}, {"organisation_id": ONE}), "already exists"),
    "a line older than its form": Never(
        _grant({"party_id": ONE, "since": NOW - timedelta(days=2_000)}), "before its form is signed", database=False
    ),
    "a line about nothing": Never(_grant({"party_id": ONE, "categories": []}), "at least one known", database=False),
    "a line about gossip": Never(_grant({"party_id": ONE, "categories": ["gossip"]}), "at least one", database=False),
    "a ground over before it began": Never(_ground(until=NOW), "cannot end before it starts"),
    "safeguarding without a concern": Never(_ground(basis="safeguarding"), "seven concerns"),
    "a ground reviewed without outcome": Never(_ground(reviewed_on=DAY), "has an outcome"),
    "a ground for nobody": Never(_ground(recipients=[]), "at least one recipient", database=False),
    "a ground for an address in capitals": Never(_ground(recipients=["A@b.c"]), "recipient", database=False),
    "a ground about nothing": Never(_ground(categories=[]), "at least one known", database=False),
    "a ground that is permission": Never(_ground(basis="permission"), "not a valid choice", database=False),
    "a release twice": Never(_rows(m.UrgentRelease, {}, {}, **_RELEASE), "already exists"),
    "a release reviewed by nobody": Never(
        _rows(m.UrgentRelease, {"reviewed_at": NOW, "review_outcome": "x"}, **_RELEASE), "who held it"
    ),
    "a release reviewed without outcome": Never(
        _rows(m.UrgentRelease, {"reviewed_at": NOW, "reviewed_by": "x"}, **_RELEASE), "what came of it"
    ),
    "two open requests": Never(_rows(m.ReviewRequest, {}, {}, **_REQUEST), "is violated"),
    "a request closed by nobody": Never(
        _rows(m.ReviewRequest, {"closed_at": NOW, "outcome": "x"}, **_REQUEST), "closed by somebody"
    ),
    "a request closed without outcome": Never(
        _rows(m.ReviewRequest, {"closed_at": NOW, "closed_by": "x"}, **_REQUEST), "with an outcome"
    ),
    **{
        f"{table.__name__} that ends before it starts": Never(
            _rows(table, {"starts": DAY, "ends": DAY + EARLIER}, **whose), "cannot end before it starts"
        )
        for table, whose in (
            (m.EarlierMailbox, {"party_id": CARER, "email": "old@carers.example"}),
            (m.EarlierHousehold, {"party_id": CARER, "household_id": ONE}),
            (m.EarlierOfficer, {"person_id": ONE, "officer_id": ONE}),
        )
    },
    "a line that ends before it starts": Never(
        lambda: (
            m.Grant(id=ONE, permission_id=ONE, party_id=ONE, categories=["medical"]),
            m.EarlierLine(grant_id=ONE, categories=["medical"], starts=NOW, ends=NOW + EARLIER),
        ),
        "cannot end before it starts",
    ),
    "an address that is stopped twice": Never(
        _rows(m.StoppedRecipient, {}, {}, address="a@b.example", case="I-1", starts=NOW), "stopped already"
    ),
    "a stop that ends before it began": Never(
        _rows(m.StoppedRecipient, {"starts": NOW, "ends": NOW + EARLIER}, address="a@b.example", case="I-1"),
        "let go after it was stopped",
    ),
    "a key twice": Never(
        _rows(m.RecipientKey, {}, {}, address="a@b.example", method="OpenPGP", fingerprint="AA", data=b"x"),
        "already exists",
    ),
}


def write(row: models.Model) -> None:
    """As SQL, past every check of Django's."""
    if isinstance(row, m.RecipientKey):
        row.added_at = NOW
    fields = [f for f in row._meta.concrete_fields if not (f.primary_key and row.pk is None)]
    values = [f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields]
    columns, holes = ", ".join(f'"{f.column}"' for f in fields), ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{row._meta.db_table}" ({columns}) VALUES ({holes})', values)


@pytest.fixture(autouse=True)
def base(database) -> None:
    """One of each that others refer to."""
    for row in (
        m.Person(id=ONE, council_id="SL-1", ref="p-1"),
        m.Household(id=ONE, code="H"),
        m.Organisation(id=ONE, code="GP", name="Surgery"),
        m.Party(id=ONE, code="F", kind="family", name="May", email="may@home.example", person_id=ONE),
        m.Household(id=CARER, code="H-2"),
        m.Party(id=CARER, code="C", kind="carer", name="Sid", email="sid@carers.example", household_id=CARER),
        m.Permission(id=ONE, **_FORM | {"code": "P-1", "signed_on": DAY + EARLIER}),
    ):
        write(row)


@pytest.mark.parametrize("name", NEVER)
def test_the_model_refuses_with_a_sentence(name: str) -> None:
    """Whoever saves it learns why; nothing is stored, nor its history."""
    never = NEVER[name]
    *before, impossible = never.make()
    for row in before:
        row.save()
    history = type(impossible).history.count()
    with pytest.raises(ValidationError) as caught:
        impossible.save()
    assert never.says in " ".join(caught.value.messages)
    assert type(impossible).history.count() == history


@pytest.mark.parametrize("name", [name for name, never in NEVER.items() if never.database])
def test_the_database_alone_refuses(name: str) -> None:
    """Also what never passes the models: a CHECK, a UNIQUE or a NOT NULL."""
    *before, impossible = NEVER[name].make()
    for row in before:
        write(row)
    with pytest.raises(IntegrityError), transaction.atomic():
        write(impossible)


def test_every_constraint_of_the_register_is_broken_by_some_line_of_the_table() -> None:
    """A constraint that no line breaks is one that nobody has seen hold."""
    tables = [t for t in m.__dict__.values() if isinstance(t, type) and issubclass(t, models.Model)]
    named = {c.name for table in tables for c in table._meta.constraints}
    broken = set()
    for never in NEVER.values():
        if never.database:
            *before, impossible = never.make()
            with transaction.atomic():
                for row in before:
                    write(row)
                broken |= _broken_by(impossible, named)
                transaction.set_rollback(True)
    others = {"one_digest_a_recipient_and_week", "register_version_is_one_row", "a_seen_key_once_an_address"}
    assert named - broken == others
    digest = {"recipient": "a@b.example", "week": "2026-W48", "claimed_at": NOW}
    seen = {"address": "a@b.example", "method": "openpgp", "fingerprint": "AB", "data": b"1", "source": "autocrypt"}
    seen |= {"first_at": NOW, "last_at": NOW}
    for row in (m.Digest(**digest), m.SeenKey(**seen)):
        write(row)
    for row in (m.Digest(**digest), m.SeenKey(**seen), m.RegisterVersion(only=False)):
        with pytest.raises(IntegrityError), transaction.atomic():
            write(row)


def _broken_by(row: models.Model, named: set[str]) -> set[str]:
    broken = set()
    for constraint in row._meta.constraints:
        try:
            constraint.validate(type(row), row)
        except ValidationError:
            broken.add(constraint.name)
    return broken & named


@pytest.mark.slow
def test_postgresql_refuses_the_same() -> None:
    """The table again, over PostgreSQL."""
    root = Path(__file__).parents[2]
    with postgres.running() as url:
        environment = {**os.environ, "SALLYPORT_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.django"}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__, "-k", "not postgresql"]
        done = subprocess.run(
            command, env=environment, cwd=root, capture_output=True, text=True, timeout=250, check=False
        )
    passed = re.search(r"(\d+) passed", done.stdout)
    assert done.returncode == 0, done.stdout[-3000:]
    assert passed
    assert int(passed[1]) > len(NEVER)
