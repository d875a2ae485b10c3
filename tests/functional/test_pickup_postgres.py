"""The pick-up process on PostgreSQL by a role of its own: the pages work with it, and it can read nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.support import postgres
from tests.support.house import NO_KEY, SECRET, House, free_port, letter
from tests.support.pickups import Pages, Visitor, link_in, picking_up

ROLE = "pickup_pages"
_NUMBER = iter(range(100))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with postgres.running() as url:
        yield url


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


@pytest.fixture
def link(house, sink, relay) -> str:
    """Of a new mail."""
    sink.received.clear()
    assert house.submit(letter(Message_ID=f"<pg{next(_NUMBER)}@council.example>"), (NO_KEY,)).startswith("250")
    return link_in(next(m.content for m in sink.received if m.recipients == (NO_KEY,)))


def test_one_code_given_by_many_at_the_same_moment_lets_one_in(pages, link) -> None:
    visitors = [Visitor(pages, link) for _ in range(8)]
    for visitor in visitors:
        visitor.get()
    visitors[0].post("/send")
    code = pages.codes[-1]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda v: v.post("/code", code=code).status, visitors))
    assert replies.count(303) == 1


def test_that_it_was_opened_is_kept_where_the_role_may_not_look(url, as_role, pages, link) -> None:
    """The breach team's search counts it; the database writes it by its owner's rights."""
    visitor = Visitor(pages, link)
    visitor.get()
    visitor.post("/send")
    kept = "SELECT opened FROM vault_pickuptaken ORDER BY number DESC LIMIT 1"
    with psycopg.connect(url, autocommit=True) as owner:
        assert owner.execute(kept).fetchall() == [(False,)]
        assert visitor.post("/code", code=pages.codes[-1]).status == 303
        assert owner.execute(kept).fetchall() == [(True,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_role.execute(kept)


def test_many_tries_at_the_same_moment_are_counted_one_by_one(url, pages, link) -> None:
    """Twenty a day of a link, and not one more, however many come together; from two sides at once."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DELETE FROM vault_pickupattempt")
    visitors = [Visitor(pages, link) for _ in range(32)]
    for visitor in visitors:
        visitor.get("/code")
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda v: v.post("/code", code="000000").status, visitors))
    assert (replies.count(422), replies.count(429)) == (20, 12)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DELETE FROM vault_pickupattempt")


@pytest.fixture(scope="module")
def other_node(house) -> Iterator[Pages]:
    with Pages(house, free_port()).serving() as node:
        yield node


def test_two_nodes_are_one_to_a_reader(url, pages, other_node, link) -> None:
    """A code of one node, given at both at once, lets one in; who is in at one reads and leaves at the other.

    Tries are counted for both together, so that a second node gives nobody a second go.
    """
    visitors = [Visitor(node, link) for node in (pages, other_node) for _ in range(6)]
    for visitor in visitors:
        visitor.get("/code")
    visitors[0].post("/send")
    code = pages.codes[-1]
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda v: v.post("/code", code=code).status, visitors))
    assert (replies.count(303), replies.count(422)) == (1, 11)
    inside = visitors[replies.index(303)]
    elsewhere = Visitor(other_node if inside.pages is pages else pages, link)
    elsewhere.cookies = inside.cookies
    assert SECRET in elsewhere.get("/document/1").text
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda v: v.post("/code", code="000000").status, visitors))
    assert (replies.count(422), replies.count(429)) == (8, 4)  # twelve were tried before: twenty of a link in a day
    copied = dict(inside.cookies)
    assert elsewhere.post("/leave").status == 303
    inside.cookies = copied
    assert inside.get("/message").status == 303
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DELETE FROM vault_pickupattempt")


def test_it_gets_the_number_of_who_has_the_link_and_of_nobody_else(house, as_role, link) -> None:
    house.command("pickup", "contact", NO_KEY, "--mobile", "07700 900123")
    house.command("pickup", "contact", "other@carers.example", "--mobile", "07700 900456")
    ask = "SELECT address, mobile FROM pickup_contact(%s)"
    assert as_role.execute(ask, [link]).fetchall() == [(NO_KEY, "+447700900123")]
    for other in ("", "x" * 43, hashlib.sha256(link.encode()).hexdigest()):
        assert as_role.execute(ask, [other]).fetchall() == []
    house.command("pickup", "contact", NO_KEY, "--mobile", "")


def test_the_pages_work_with_it(house, pages, link) -> None:
    visitor = Visitor(pages, link)
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
