"""Index rows: written with their records, folded into the text index, forgotten.

A row is written in the transaction of its record, as one small piece (the relay has no time for more). Who searches
folds first what is still waiting, so that nothing is missed; the worker does so often, so that it is little.
What changes the text index takes turns: SQLite has one writer, PostgreSQL an advisory lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import DEFAULT_DB_ALIAS, connections

from domain.errors import VaultUnavailable
from vault import sql
from vault.models import SearchEntry, SearchWaiting
from vault.rows import reading, writing
from vault.search import taken
from vault.search.document import Indexed, decided_anew, opened
from vault.search.textindex import text_index
from vault.search.tokens import Keyed

BLOCK_BITS = 12
"""Records lie in blocks of 4,096 numbers (``vault/search/blocks.py``)."""
_BATCH = 500
_LOCK = 0x5EA2C4
_MANY = 500


def add(record: str, indexed: Indexed | None) -> None:
    """The row of a new record, within the transaction that writes it. None: it is said of it that it is not indexed."""
    row = indexed or Indexed(b"", "", ())
    unread = [[u.part, u.reason] for u in row.unread]
    sql.insert(SearchEntry, [{"record_id": record, "key": row.key, "body": row.body, "unread": unread}])
    if indexed:
        sql.insert(SearchWaiting, [{"record": record}])


def decide(record: str, keyed: Keyed, actions: Sequence[str], recipients: Iterable[str] = ()) -> None:
    """The record's decisions are others now, and perhaps for more recipients. Within the caller's transaction."""
    found = _entry(record)
    if found is None:
        return
    number, body, key = found
    if key != keyed.id:
        open_block(number >> BLOCK_BITS)  # which knows how its records divide
        return
    to = b"".join(keyed.address("to", r) for r in recipients)
    anew = decided_anew(body, [keyed.kept("decided", a) for a in actions], to)
    if anew != body:
        replace(record, Indexed(anew, keyed.id, ()), same_text=True)


def replace(record: str, indexed: Indexed, *, same_text: bool = False) -> None:
    """A record's row becomes another one. Within the caller's transaction. ``same_text`` leaves ``unread`` as it is."""
    take_turns()
    found = _entry(record)
    if found is None:
        add(record, indexed)
        taken.catch_up(record)
        return
    number, body, key = found
    _take_out(record, number, body, key)
    entries = SearchEntry.objects.filter(number=number)
    entries.update(body=indexed.body, key=indexed.key)
    if not same_text:
        entries.update(unread=[[u.part, u.reason] for u in indexed.unread])
    sql.insert(SearchWaiting, [{"record": record}], sql.DO_NOTHING)


def forget(record: str) -> bool:
    """Nothing finds the record any more; whether there was a row. Within the caller's transaction.

    Pages of the database may hold its tokens until :func:`purge` (and PostgreSQL's backups until they are gone).
    """
    take_turns()
    found = _entry(record)
    if found is None:
        return False
    _take_out(record, *found)
    sql.update("DELETE FROM vault_searchwaiting WHERE record = %s", [record])
    for table in ("vault_pickuptaken", "vault_searchentry"):
        sql.update(f"DELETE FROM {table} WHERE number = %s", [found[0]])  # noqa: S608 - constants
    return True


def purge() -> None:
    """What was forgotten is in no page of the index any more. Outside a transaction; minutes at a million records."""
    with reading(VaultUnavailable):
        text_index().purge()


def missing(records: Iterable[str]) -> list[str]:
    """Which of these records no search can find: those without a row, or whose row was never made. In their order."""
    wanted, there = list(records), set[str]()
    with reading(VaultUnavailable):
        for start in range(0, len(wanted), _MANY):
            some = wanted[start : start + _MANY]
            text = f"SELECT record_id FROM vault_searchentry WHERE key <> '' AND record_id IN {sql.places(some)}"  # noqa: S608 - placeholders
            there.update(row[0] for row in sql.select(text, some))
    return [r for r in wanted if r not in there]


def fold(most: int = 0) -> int:
    """Put what is waiting into the text index; how many records (``most`` 0: all). Raises ``VaultUnavailable``."""
    done = 0
    while not most or done < most:
        with reading(VaultUnavailable):
            if not sql.select("SELECT 1 FROM vault_searchwaiting LIMIT 1", []):
                return done
        with writing(VaultUnavailable, lasting=False):  # lost with the power, they wait again
            done += _fold_some()
    return done


def _fold_some() -> int:
    take_turns()
    text = (
        "SELECT e.number, e.body, w.record FROM vault_searchwaiting w LEFT JOIN vault_searchentry e "
        "ON e.record_id = w.record ORDER BY e.number LIMIT %s"
    )
    found = sql.select(text, [_BATCH])
    if not found:
        return 0
    rows = [(number, bytes(body)) for number, body, _ in found if number is not None]
    text_index().add((number, opened(body)) for number, body in rows)
    ends = sql.select("SELECT block, members FROM vault_searchblock WHERE token = ''", [])
    reach = {block: int.from_bytes(bytes(members), "big") for block, members in ends}
    for number, _ in rows:  # mostly none: the newest are above what the sets of their block reach to
        if number < reach.get(number >> BLOCK_BITS, 0):
            open_block(number >> BLOCK_BITS)
    records = [record for *_, record in found]
    sql.update(f"DELETE FROM vault_searchwaiting WHERE record IN {sql.places(records)}", records)  # noqa: S608 - placeholders
    return len(found)


def take_turns() -> None:
    """Until the transaction ends, nobody else changes the text index."""
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        sql.select("SELECT 1 FROM (SELECT pg_advisory_xact_lock(%s)) AS mine", [_LOCK])


def open_block(block: int) -> None:
    """The sets of a block are not true any more."""
    sql.update("DELETE FROM vault_searchblock WHERE block = %s", [block])


def _entry(record: str) -> tuple[int, bytes, str] | None:
    found = sql.select("SELECT number, body, key FROM vault_searchentry WHERE record_id = %s", [record])
    return (found[0][0], bytes(found[0][1]), found[0][2]) if found else None


def _take_out(record: str, number: int, body: bytes, key: str) -> None:
    """Of the text index, if it came that far; and of its block's sets, also of those that are being made."""
    if key and not sql.select("SELECT 1 FROM vault_searchwaiting WHERE record = %s", [record]):
        text_index().remove(number, opened(body))
    open_block(number >> BLOCK_BITS)
