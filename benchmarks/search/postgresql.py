"""PostgreSQL: tsvector and GIN over plain words beside ours, what both take, and copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.search.corpus import plain_words
from benchmarks.search.timing import PLAIN_EVERY, log, p95s, worked

_COPIED = 25_000
_IDENT = "lpad((record_id::bigint + %(shift)s)::text, 26, '0')"
_NUMBERED = "WHERE number > %(first)s AND number <= %(last)s"
_COPIES = (
    (
        "INSERT INTO vault_vaultrecord SELECT lpad((id::bigint + %(shift)s)::text, 26, '0'), "
        "lpad((id::bigint + %(shift)s)::text, 64, '0'), sender, plan, received_at, filed_at, classes, retain_until, "
        "decisions, state FROM vault_vaultrecord "
        "WHERE id >= lpad(%(first)s::text, 26, '0') AND id < lpad(%(last)s::text, 26, '0')"
    ),
    (
        f"INSERT INTO vault_vaultsubject (record_id, person) SELECT {_IDENT}, person FROM vault_vaultsubject "
        "WHERE record_id >= lpad(%(first)s::text, 26, '0') AND record_id < lpad(%(last)s::text, 26, '0')"
    ),
    (
        "INSERT INTO vault_searchentry (number, record_id, key, body, unread) "
        f"SELECT number + %(shift)s, {_IDENT}, key, body, unread FROM vault_searchentry {_NUMBERED}"
    ),
    (
        "INSERT INTO vault_searchvector (number, part, tokens) SELECT number + %(shift)s, part, tokens "
        f"FROM vault_searchvector {_NUMBERED}"
    ),
    f"INSERT INTO plain (number, tokens) SELECT number + %(shift)s, tokens FROM plain {_NUMBERED}",
)
"""A range of the first texts once more, shifted by whole rounds. Rows of ``number`` n + 1 are record n's."""


class Postgres:
    """tsvector and GIN over plain words, in the same database. GIN is made after filling, which is quicker."""

    copies = True

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.processes = (raw.info.backend_pid,)
        self.server = worked(raw.info.backend_pid)
        for setting in ("maintenance_work_mem = '768MB'", "synchronous_commit = off", "work_mem = '64MB'"):
            raw.execute(f"SET {setting}")
        raw.execute(
            "CREATE TABLE IF NOT EXISTS plain (number bigint PRIMARY KEY, tokens tsvector) "
            "WITH (toast_tuple_target = 128)"
        )
        raw.execute("ALTER TABLE plain ALTER COLUMN tokens SET STORAGE EXTERNAL")

    def before_filling(self) -> None:
        self._raw.execute("DROP INDEX IF EXISTS vault_searchvector_tokens")
        self._raw.execute("DROP INDEX IF EXISTS plain_tokens")

    def insert_entries(self, entries: Sequence[dict[str, Any]]) -> None:
        with self._raw.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO vault_searchentry (number, record_id, key, body, unread) VALUES (%s, %s, %s, %s, '[]')",
                [(e["number"], e["record_id"], e["key"], e["body"]) for e in entries],
            )

    def add_plain(self, texts: Sequence[tuple[int, str]]) -> None:
        with self._raw.cursor() as cursor:
            cursor.executemany("INSERT INTO plain VALUES (%s, to_tsvector('english', %s))", texts)

    def copy(self, first: int, last: int, texts: int) -> None:
        """Records from ``first`` to ``last`` say what earlier ones say: the n-th what the n-th of ``texts`` says."""
        self.before_filling()
        self._raw.execute("SET session_replication_role = replica")  # no trigger looks at a foreign key of a copy
        while first < last:
            shift = first // texts * texts
            end = min(first + _COPIED, last, shift + texts)
            for statement in _COPIES:
                self._raw.execute(statement, {"first": first - shift, "last": end - shift, "shift": shift})
            log(f"{end:,} copied")
            first = end
        self._raw.execute("SET session_replication_role = origin")
        self.after_filling()

    def after_filling(self) -> None:
        self._raw.execute("CREATE INDEX vault_searchvector_tokens ON vault_searchvector USING gin (tokens)")
        self._raw.execute("CREATE INDEX plain_tokens ON plain USING gin (tokens)")
        self._raw.execute("VACUUM ANALYZE")

    def size(self) -> float:
        tables = ("vault_searchentry", "vault_searchvector", "vault_searchblock", "vault_searchwaiting")
        return sum(self._size(t) for t in tables)

    def plain_size(self) -> float:
        return self._size("plain")

    def _size(self, table: str) -> float:
        return float(self._raw.execute("SELECT pg_total_relation_size(%s)", [table]).fetchone()[0])

    def plain_times(self, size: int) -> dict[str, float]:
        def ask(query: str) -> None:
            words, _ = plain_words(query)
            where = "FROM plain WHERE tokens @@ websearch_to_tsquery('english', %s)"
            self._raw.execute(f"SELECT count(*) {where}", [words]).fetchone()
            self._raw.execute(f"SELECT number {where} ORDER BY number DESC LIMIT 20", [words]).fetchall()

        return p95s(ask, size, self.server, every=PLAIN_EVERY)
