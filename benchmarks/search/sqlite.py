"""SQLite: FTS5 over plain words beside ours, and what both take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.search.corpus import plain_words
from benchmarks.search.timing import PLAIN_EVERY, p95s


class Sqlite:
    """FTS5 over plain words, in the same file."""

    copies = False
    server = None
    processes = ()

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        raw.execute("PRAGMA cache_size=-200000")
        raw.execute("PRAGMA wal_autocheckpoint=20000")
        raw.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS plain "
            "USING fts5(text, content='', columnsize=0, tokenize='porter unicode61')"
        )

    def before_filling(self) -> None:
        """Nothing."""

    def insert_entries(self, entries: Sequence[dict[str, Any]]) -> None:
        rows = [(e["number"], e["record_id"], e["key"], e["body"], "[]") for e in entries]
        self._raw.executemany(
            "INSERT INTO vault_searchentry (number, record_id, key, body, unread) VALUES (?, ?, ?, ?, ?)", rows
        )

    def add_plain(self, texts: Sequence[tuple[int, str]]) -> None:
        self._raw.execute("BEGIN")
        self._raw.executemany("INSERT INTO plain(rowid, text) VALUES (?, ?)", texts)
        self._raw.commit()

    def after_filling(self) -> None:
        """Nothing."""

    def size(self) -> float:
        return self._pages("vault_search%")

    def plain_size(self) -> float:
        return self._pages("plain%")

    def _pages(self, like: str) -> float:
        """Page by page: dbstat's own sums of a table end at 4 GB, and begin anew."""
        pages = "SELECT sum(pgsize) FROM (SELECT pgsize FROM dbstat WHERE name LIKE ?)"
        return float(self._raw.execute(pages, [like]).fetchone()[0])

    def plain_times(self, size: int) -> dict[str, float]:
        def ask(query: str) -> None:
            words, _ = plain_words(query)
            self._raw.execute("SELECT count(*) FROM plain WHERE plain MATCH ?", [words]).fetchone()
            self._raw.execute(
                "SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY rowid DESC LIMIT 20", [words]
            ).fetchall()

        return p95s(ask, size, every=PLAIN_EVERY)
