"""Who saw what: by person, record and viewer; quickly, and without the relay's own events. On SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.db import connection

from tests.fakes import NOW
from vault import audit, looks
from vault.models import AuditEvent, VaultRecord, VaultSubject
from vault.triggers import BY_PEOPLE, install

pytestmark = pytest.mark.usefixtures("database")

ANN, BEN = "p-00000000000000000a01", "p-00000000000000000b02"


@pytest.fixture
def trail() -> None:
    """One record of each; both were filed, decided about and opened; a search, an export, a look at the trail."""
    for ident, person in (("R-ANN", ANN), ("R-BEN", BEN)):
        made = {"digest": ident, "plan": ident, "received_at": NOW, "filed_at": NOW, "retain_until": NOW}
        VaultRecord.objects.create(id=ident, **made)
        VaultSubject.objects.create(record_id=ident, person=person)
        for action in ("filed", "intended ENCRYPT", "outcome delivered"):
            audit.append([audit.Event(NOW, "relay", action, ident)])
    audit.append(
        [
            audit.Event(NOW, "cli:jo", "opened", "R-ANN", "she asked"),
            audit.Event(NOW + timedelta(hours=1), "cli:sam", "opened", "R-BEN", "review"),
            audit.Event(NOW + timedelta(hours=2), "cli:jo", "searched", "", "", {"people": [BEN, ANN]}),
            audit.Event(NOW + timedelta(hours=3), "cli:jo", "exported", "", "", {"person": ANN}),
            audit.Event(NOW + timedelta(hours=4), "cli:sam", "listed"),
        ]
    )


def said(rows: Iterable[AuditEvent]) -> list[str]:
    return [f"{row.actor} {row.action} {row.record}".strip() for row in rows]


@pytest.mark.usefixtures("trail")
def test_by_person() -> None:
    """What was done with their records, and what names them, each once, in order; nothing of somebody else's."""
    assert said(looks.of_person(ANN)) == [
        "relay filed R-ANN", "relay intended ENCRYPT R-ANN", "relay outcome delivered R-ANN",
        "cli:jo opened R-ANN", "cli:jo searched", "cli:jo exported",
    ]  # fmt: skip
    assert said(looks.of_person(BEN, NOW + timedelta(hours=1))) == ["cli:sam opened R-BEN", "cli:jo searched"]
    assert said(looks.of_person("p-0000")) == []


@pytest.mark.usefixtures("trail")
def test_by_record_and_by_viewer() -> None:
    """Decisions belong to a record; a viewer is a person or program."""
    assert said(looks.of_record("R-BEN"))[-1] == "cli:sam opened R-BEN"
    assert len(said(looks.of_record("R-BEN"))) == 4
    assert said(looks.of_viewer("cli:jo")) == ["cli:jo opened R-ANN", "cli:jo searched", "cli:jo exported"]
    assert said(looks.of_viewer("cli:jo", NOW + timedelta(hours=3))) == ["cli:jo exported"]
    assert said(looks.of_viewer("relay")) == []


@pytest.mark.usefixtures("trail")
def test_a_recipient_is_a_viewer_by_their_address() -> None:
    """What was done with their links on the pick-up pages; nobody else's, however alike, and not what a relay sent."""
    for recipient in ("cara_j@x.example", "caraxj@x.example", "a.cara_j@x.example"):
        told = {"grant": "G", "recipient": recipient}
        audit.append([audit.Event(NOW, "relay", "pick-up granted", "R-ANN", "", told)])
        read = audit.Event(NOW, "pick-up", "pick-up document read", "R-ANN", "", told | {"document": recipient[:4]})
        audit.append([read])
    (event,) = looks.of_viewer("Cara_J@x.example")
    assert (event.action, event.details["recipient"]) == ("pick-up document read", "cara_j@x.example")
    assert said(looks.of_viewer("cara_j@x.example", NOW + timedelta(hours=1))) == []
    assert said(looks.of_viewer("nobody@x.example")) == []


@pytest.mark.usefixtures("trail")
def test_the_newest() -> None:
    """Oldest of them first; those after a number; with and without the relay's."""
    assert said(looks.last(2, relay=False)) == ["cli:jo exported", "cli:sam listed"]
    assert len(looks.last(100, relay=True)) == 11
    newest = looks.last(1, relay=True)[0]
    assert looks.last(5, relay=True, after=newest.sequence) == []
    looks.note(audit.Event(NOW, "cli:jo", "listed"))
    assert said(looks.last(5, relay=False, after=newest.sequence)) == ["cli:jo listed"]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (f"SELECT sequence FROM vault_auditevent WHERE actor = 'cli:jo' AND {BY_PEOPLE} ORDER BY sequence", "_viewer"),
        (f"SELECT sequence FROM vault_auditevent WHERE {BY_PEOPLE} ORDER BY sequence DESC LIMIT 9", "_people"),
    ],
)
def test_looks_are_found_by_their_index(query: str, index: str) -> None:
    """Not by reading what relays wrote, which is nearly all of it."""
    audit.append([audit.Event(NOW, "relay", "filed")] * 3000)
    audit.append([audit.Event(NOW, "cli:jo", "opened")])
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE vault_auditevent")
        cursor.execute(f"{explain} {query}")
        plan = str(cursor.fetchall())
    fine = {index, "_people"} if connection.vendor == "postgresql" else {index}  # of one row, its planner takes either
    assert any(f"vault_auditevent{name}" in plan for name in fine)


def test_the_indexes_come_back_with_every_migration() -> None:
    """SQLite's rebuilding of a table loses them."""
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX vault_auditevent_viewer")
        install()
        names = connection.introspection.get_constraints(cursor, "vault_auditevent")
    assert {"vault_auditevent_viewer", "vault_auditevent_people"} <= set(names)
