"""The pick-up process on PostgreSQL by a role of its own: the pages work with it, and it can read nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.support import postgres
from tests.support.house import NO_KEY, SECRET, House, free_port, letter
from tests.support.pickups import Pages, Visitor, link_in, picking_up
from tests.support.sink import Sink

ROLE = "pickup_pages"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with postgres.running() as url:
        yield url


@pytest.fixture(scope="module")
def sink():
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def house(tmp_path_factory, sink, url) -> House:
    house = House(tmp_path_factory.mktemp("pickup-pg"), sink.port, database_url=url)
    house.set_up()
    picking_up(house, free_port())
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {ROLE} LOGIN")
        owner.execute(house.command("pickup", "role", ROLE).stdout)
    house.extra["SALLYPORT_PICKUP__DATABASE_URL"] = url.replace("tests@", f"{ROLE}@")
    return house


@pytest.fixture(scope="module")
def as_role(url, house) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url.replace("tests@", f"{ROLE}@"), autocommit=True) as connection:
        yield connection


def test_the_pages_work_with_it(house, sink) -> None:
    with house.relay():
        assert house.submit(letter(), (NO_KEY,)).startswith("250")
    (notice,) = sink.received
    with Pages(house, int(house.extra["SALLYPORT_PICKUP__PORT"])).serving() as pages:
        visitor = Visitor(pages, link_in(notice.content))
        visitor.come_in()
        assert "please find the letter attached" in visitor.get("/message").text
        assert SECRET in visitor.get("/document/1").text
        visitor.post("/leave")
        house.command("permission", "withdraw", "F-1")
        assert visitor.get().status == 404


def test_it_reads_no_record_no_name_and_nothing_of_the_console(url, as_role) -> None:
    """Every table that there is, and every column of those of which it reads some."""
    from cli.pickup.role import OWN, READS

    with psycopg.connect(url) as owner:
        rows = owner.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        ).fetchall()
    tables: dict[str, list[str]] = {}
    for table, column in rows:
        tables.setdefault(table, []).append(column)
    whole = {t for t, columns in READS.items() if not columns} | set(OWN)
    assert len(tables) > 60
    for table, columns in tables.items():
        may = set(columns) if table in whole else set(READS.get(table, "").split())
        assert may <= set(columns), table
        for column in columns:
            assert _reads(as_role, f'SELECT "{column}" FROM "{table}" LIMIT 1') is (column in may), (table, column)
    for secret in ("name", "date_of_birth", "nhs_number", "council_id"):
        assert not any(secret in columns.split() for columns in READS.values())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vault_pickupgrant SET ended = ''",
        "UPDATE vault_pickupgrant SET until = until + interval '1 year'",
        "DELETE FROM vault_pickupgrant",
        "INSERT INTO vault_pickupcontact (address, mobile, passphrase, changed_at) VALUES ('a', '', '', now())",
        "UPDATE register_permission SET withdrawn_at = NULL",
        "DELETE FROM vault_auditevent",
        "TRUNCATE vault_auditevent",
        "CREATE TABLE mine (id int)",
    ],
)
def test_it_changes_nothing_but_its_own(as_role, statement) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_role.execute(statement)


def test_it_may_add_to_the_audit_trail(as_role) -> None:
    as_role.execute(
        "INSERT INTO vault_auditevent (at, actor, action, record, why, details, leaf) "
        "VALUES (now(), 'pick-up', 'tried', '', '', '{}', repeat('0', 64))"
    )


def _reads(connection: psycopg.Connection, statement: str) -> bool:
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True
