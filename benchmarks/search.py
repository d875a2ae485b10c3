"""The search at 10 thousand, 100 thousand and a million records: beside plain text, and beside tantivy.

``make bench ARGS=search`` takes ``SEARCH_RECORDS`` (20,000 where it is not set). Records are short mails, 40 to 160
words of a made-up language whose words are as frequent as Zipf's law says, about 300 people, over five years. Timed is
all that ``sallyport vault search`` does between parsing a query and printing: the exact count, the coverage and the
newest 20 records. *Selective* are words that some hundred or thousand records have, two such words, a word about one
person, a word in one month; *commonest* are the twenty most frequent words, which nearly every record has. The plain
index is the same database's own over the same words unkeyed, asked for count and the newest 20; tantivy likewise.
``python -m benchmarks.search_picture FILE ... > picture.svg`` draws what ``--within`` printed.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from benchmarks.report import Row
from tests.support import postgres

_STEPS = (10_000, 100_000, 300_000, 1_000_000)
_SELECTIVE_MS, _COMMONEST_MS = 50.0, 200.0
_BATCH, _QUERIES, _WORDS = 2_000, 120, 50_000
_BEGUN = datetime(2021, 11, 23, 9, tzinfo=UTC)
_YEARS = timedelta(days=5 * 365)


def measure(folder: Path) -> Iterator[Row]:
    """Rows for each database that is installed."""
    size = int(os.environ.get("SEARCH_RECORDS", "20000"))
    tantivy = _tantivy(folder / "tantivy", size)
    yield from _rows("SQLite", f"sqlite:///{folder}/search.sqlite3", size, tantivy)
    if list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        with postgres.running() as url:
            yield from _rows("PostgreSQL", url, size, tantivy)


def _rows(name: str, url: str, size: int, tantivy: dict[str, float]) -> Iterator[Row]:
    *_, last = run(url, size)
    for kind, target in (("selective", _SELECTIVE_MS), ("commonest", _COMMONEST_MS)):
        ours, plain, other = last[kind], last[f"plain {kind}"], tantivy[kind]
        what = f"search, {size:,} records, {kind} words, p95, {name}"
        yield Row(what, f"{ours:.1f} ms", f"{target:g} ms", ours / target, -1)
        yield Row("  beside the same index over plain words", f"{ours:.1f} ms", f"{plain:.1f} ms", ours / plain)
        yield Row("  beside tantivy", f"{ours:.1f} ms", f"{other:.2f} ms", ours / other)
    what = f"  index of a record: {last['bytes a record']:.0f} bytes"
    yield Row(what, f"{last['index ms a record']:.2f} ms", f"{last['plain bytes a record']:.0f} bytes plain", 0)


def run(url: str, size: int) -> list[dict[str, float]]:
    """One mapping of figures a step, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.search", "--within", str(size)],
        env=os.environ | {"SALLYPORT_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.django"},
        check=True,
        stdout=subprocess.PIPE,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


# What is searched.

_SYLLABLES = [c + v + e for c in "bcdfghklmnprstvw" for v in "aeiou" for e in ("", "n", "r", "l", "st")]


def _vocabulary() -> list[str]:
    """Words of two or three syllables, the most frequent first; some with an English ending."""
    chance = random.Random(4)
    endings = ("", "", "", "s", "ed", "ing", "ly")
    found = dict.fromkeys(
        "".join(chance.choices(_SYLLABLES, k=chance.choice((2, 2, 3)))) + chance.choice(endings)
        for _ in range(_WORDS * 2)
    )
    return list(found)[:_WORDS]


VOCABULARY = _vocabulary()
_WEIGHTS = list(accumulate(1 / (rank + 2.7) for rank in range(_WORDS)))
_PEOPLE = [f"p-{n:020x}" for n in range(300)]
_PEOPLE_WEIGHTS = list(accumulate(1 / (rank + 10) for rank in range(300)))
_CLASSES = ("correspondence", "correspondence", "medical", "financial", "all-about-me", "incident")


def _text(number: int) -> str:
    chance = random.Random(number)
    return " ".join(chance.choices(VOCABULARY, cum_weights=_WEIGHTS, k=chance.randint(40, 160)))


def _at(number: int, size: int) -> datetime:
    return _BEGUN + _YEARS * (number / size)


def _queries(size: int) -> dict[str, list[str]]:
    """Texts of queries, by kind."""
    chance = random.Random(9)
    middling = range(100, 20_000)

    def word() -> str:
        return VOCABULARY[chance.choice(middling)]

    def phrase() -> str:
        said = _text(chance.randrange(size)).split()
        at = chance.randrange(len(said) - 3)
        return f'"{" ".join(said[at : at + 3])}"'

    month = f"sent:{_at(size // 2, size):%Y-%m}"
    makers: Sequence[Callable[[], str]] = (
        word,
        word,
        lambda: f"{word()} {word()}",
        lambda: f"{word()} OR {word()}",
        lambda: f"{word()} about:{chance.choice(_PEOPLE)}",
        lambda: f"{word()} {month}",
    )
    return {
        "selective": [makers[n % len(makers)]() for n in range(_QUERIES)],
        "phrase": [phrase() for _ in range(20)],
        "commonest": VOCABULARY[:20],
    }


# Within the process that has Django's settings.


def within(size: int) -> Iterator[dict[str, float]]:
    """Fills to each step, and measures there."""
    from django.core.management import call_command  # noqa: PLC0415 - after the environment is set

    from vault.models import VaultRecord  # noqa: PLC0415 - the same
    from vault.search.tokens import Keyed  # noqa: PLC0415 - the same

    call_command("migrate", verbosity=0)
    keyed, database = Keyed(b"the benchmark's own key, 32 bytes"), _database()
    there = done = VaultRecord.objects.count()  # a database that is kept is filled on from where it was
    spent = 0.0
    for step in [s for s in _STEPS if done <= s < size] + [size]:
        begun = time.perf_counter()
        texts = min(step, int(os.environ.get("SEARCH_TEXTS", step))) if database.copies else step
        if done < texts:
            _fill(done, texts, size, keyed, database)
        if texts < step:
            database.copy(max(done, texts), step, texts)
        _make_blocks()
        spent += time.perf_counter() - begun
        _log(f"{step:,} records are indexed")
        done = step
        with _alone():
            yield {
                "records": step,
                "index ms a record": spent * 1e3 / max(step - there, 1),
                "bytes a record": database.size() / step,
                "plain bytes a record": database.plain_size() / step,
                **_ours(step, keyed),
                **{f"plain {k}": v for k, v in database.plain_times(step).items()},
            }


@contextmanager
def _alone() -> Iterator[None]:
    """While nobody else measures, where ``BENCH_LOCK`` names the file that those who measure lock."""
    name = os.environ.get("BENCH_LOCK")
    if not name:
        yield
        return
    with Path(name).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fill(first: int, last: int, size: int, keyed: Any, database: Any) -> None:
    from domain.errors import VaultUnavailable  # noqa: PLC0415 - after the environment is set
    from domain.model import PageText, Place  # noqa: PLC0415 - the same
    from vault import sql  # noqa: PLC0415 - the same
    from vault.models import VaultRecord, VaultSubject  # noqa: PLC0415 - the same
    from vault.records import NewRecord  # noqa: PLC0415 - the same
    from vault.rows import writing  # noqa: PLC0415 - the same
    from vault.search import document  # noqa: PLC0415 - the same
    from vault.search.textindex import text_index  # noqa: PLC0415 - the same

    database.before_filling()
    for start in range(first, last, _BATCH):
        numbers = range(start, min(start + _BATCH, last))
        records, subjects, entries, opened, texts = [], [], [], [], []
        for n in numbers:
            ident, at, text = f"{n:026}", _at(n, size), _text(n)
            chance = random.Random(-n)
            kind, person = chance.choice(_CLASSES), chance.choices(_PEOPLE, cum_weights=_PEOPLE_WEIGHTS)[0]
            records.append(vars(NewRecord(ident, f"{n:064}", "officer@council.example", "", at, at, [kind], at, [])))
            subjects.append({"record_id": ident, "person": person})
            page = PageText("1", Place.BODY, 1, text)
            made = document.index(
                document.Source([page], "", [], "officer@council.example", ["carer@carers.example"], [person], [kind],
                                [chance.choice(("RELAY", "ENCRYPT", "HOLD"))], at), keyed,
            )  # fmt: skip
            entries.append({"number": n + 1, "record_id": ident, "key": keyed.id, "body": made.body})
            opened.append((n + 1, document.opened(made.body)))
            texts.append((n + 1, text))
        with writing(VaultUnavailable):
            sql.insert(VaultRecord, records)
            sql.insert(VaultSubject, subjects)
            database.insert_entries(entries)
            text_index().add(opened)
        database.add_plain(texts)
        if start % 50_000 == 0:
            _log(f"{start:,}")
    database.after_filling()


def _make_blocks() -> None:
    from vault.search import blocks  # noqa: PLC0415 - after the environment is set

    while made := blocks.make_ready():
        _log(f"{made} blocks are ready")


def _ours(size: int, keyed: Any) -> dict[str, float]:
    from vault.search.find import search  # noqa: PLC0415 - after the environment is set
    from vault.search.grammar import parse  # noqa: PLC0415 - the same
    from vault.search.terms import Terms  # noqa: PLC0415 - the same

    terms = Terms(keyed)

    def ask(query: str) -> None:
        search(parse(query), terms, keyed)

    return _p95s(ask, size)


def _p95s(ask: Callable[[str], object], size: int) -> dict[str, float]:
    """In milliseconds, by kind; and this thread's processor time, which other work on the machine does not lengthen.

    Each query is asked twice, the first time to warm the pages, as a server in use has them.
    """
    found = {}
    for kind, queries in _queries(size).items():
        wall, processor = [], []
        for query in queries:
            ask(query)
            begun, used = time.perf_counter_ns(), time.thread_time_ns()
            ask(query)
            wall.append((time.perf_counter_ns() - begun) / 1e6)
            processor.append((time.thread_time_ns() - used) / 1e6)
        found[kind] = statistics.quantiles(wall, n=20)[-1]
        found[f"{kind} cpu"] = statistics.quantiles(processor, n=20)[-1]
    return found


def _database() -> Any:
    from django.db import connection  # noqa: PLC0415 - after the environment is set

    connection.ensure_connection()
    return _Sqlite(connection.connection) if connection.vendor == "sqlite" else _Postgres(connection.connection)


def _plain_words(query: str) -> tuple[str, bool]:
    """The words of a query for an index that has no fields."""
    return " ".join(w for w in query.split() if ":" not in w), " OR " in query


class _Sqlite:
    """FTS5 over plain words, in the same file."""

    copies = False

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
        return float(
            self._raw.execute("SELECT sum(pgsize) FROM dbstat WHERE aggregate = 1 AND name LIKE ?", [like]).fetchone()[
                0
            ]
        )

    def plain_times(self, size: int) -> dict[str, float]:
        def ask(query: str) -> None:
            words, _ = _plain_words(query)
            self._raw.execute("SELECT count(*) FROM plain WHERE plain MATCH ?", [words]).fetchone()
            self._raw.execute(
                "SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY rowid DESC LIMIT 20", [words]
            ).fetchall()

        return _p95s(ask, size)


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


class _Postgres:
    """tsvector and GIN over plain words, in the same database. GIN is made after filling, which is quicker."""

    copies = True

    def __init__(self, raw: Any) -> None:
        self._raw = raw
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
            _log(f"{end:,} copied")
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
            words, _ = _plain_words(query)
            where = "FROM plain WHERE tokens @@ websearch_to_tsquery('english', %s)"
            self._raw.execute(f"SELECT count(*) {where}", [words]).fetchone()
            self._raw.execute(f"SELECT number {where} ORDER BY number DESC LIMIT 20", [words]).fetchall()

        return _p95s(ask, size)


def _tantivy(folder: Path, size: int) -> dict[str, float]:
    """Its own count and best 20, with English stems."""
    import tantivy  # noqa: PLC0415 - a package for development alone

    folder.mkdir(parents=True)
    schema = tantivy.SchemaBuilder().add_text_field("text", tokenizer_name="en_stem").build()
    index = tantivy.Index(schema, str(folder))
    writer = index.writer(heap_size=100_000_000, num_threads=1)
    for number in range(size):
        writer.add_document(tantivy.Document(text=_text(number)))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def ask(query: str) -> None:
        words, either = _plain_words(query)
        words = words if either or query.startswith('"') else " AND ".join(words.split())
        searcher.search(index.parse_query(words, ["text"]), 20, count=True)

    found = _p95s(ask, size)
    shutil.rmtree(folder)
    return found


def _log(words: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    import django

    django.setup()
    for figures in within(int(sys.argv[-1])):
        print(json.dumps(figures), flush=True)
