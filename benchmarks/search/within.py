"""Within the process that has Django's settings: filled to each step, and measured there."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.search.corpus import CLASSES, PEOPLE, PEOPLE_WEIGHTS, text_of, time_of
from benchmarks.search.postgresql import Postgres
from benchmarks.search.sqlite import Sqlite
from benchmarks.search.timing import Clock, alone, log, p95s

STEPS = (10_000, 100_000, 300_000, 1_000_000)
_BATCH = 2_000


def within(size: int) -> Iterator[dict[str, float]]:
    """Fills to each step, and measures there."""
    from django.core.management import call_command  # noqa: PLC0415 - after the environment is set

    from vault.models import VaultRecord  # noqa: PLC0415 - the same
    from vault.search.tokens import Keyed  # noqa: PLC0415 - the same

    call_command("migrate", verbosity=0)
    keyed, database = Keyed(b"the benchmark's own key, 32 bytes"), _database()
    there = done = VaultRecord.objects.count()  # a database that is kept is filled on from where it was
    spent = 0.0
    for step in [s for s in STEPS if done <= s < size] + [size]:
        begun = time.perf_counter()
        texts = min(step, int(os.environ.get("SEARCH_TEXTS", step))) if database.copies else step
        if done < texts:
            _fill(done, texts, size, keyed, database)
        if texts < step:
            database.copy(max(done, texts), step, texts)
        _make_blocks()
        spent += time.perf_counter() - begun
        log(f"{step:,} records are indexed")
        done = step
        with alone(*database.processes):
            ours = _ours(step, keyed, database.server)
            log(", ".join(f"{kind} {value:.1f} ms" for kind, value in ours.items()))
            yield {
                "records": step,
                "index ms a record": spent * 1e3 / max(step - there, 1),
                "bytes a record": database.size() / step,
                "plain bytes a record": database.plain_size() / step,
                **ours,
                **{f"plain {k}": v for k, v in database.plain_times(step).items()},
            }


def _fill(first: int, last: int, size: int, keyed: Any, database: Any) -> None:
    from domain.errors import VaultUnavailable  # noqa: PLC0415 - after the environment is set
    from vault import sql  # noqa: PLC0415 - the same
    from vault.models import VaultRecord, VaultSubject  # noqa: PLC0415 - the same
    from vault.rows import writing  # noqa: PLC0415 - the same
    from vault.search import document  # noqa: PLC0415 - the same
    from vault.search.textindex import text_index  # noqa: PLC0415 - the same

    database.before_filling()
    for start in range(first, last, _BATCH):
        numbers = range(start, min(start + _BATCH, last))
        records, subjects, entries, texts = zip(*(_made(n, size, keyed) for n in numbers), strict=True)
        with writing(VaultUnavailable):
            sql.insert(VaultRecord, records)
            sql.insert(VaultSubject, subjects)
            database.insert_entries(entries)
            text_index().add([(e["number"], document.opened(e["body"])) for e in entries])
        database.add_plain(texts)
        if start % 50_000 == 0:
            log(f"{start:,}")
    database.after_filling()


def _made(n: int, size: int, keyed: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], tuple[int, str]]:
    """Rows of record, person and entry, and the text with its number."""
    from domain.model import PageText, Place  # noqa: PLC0415 - after the environment is set
    from vault.records import NewRecord  # noqa: PLC0415 - the same
    from vault.search import document  # noqa: PLC0415 - the same

    ident, at, text = f"{n:026}", time_of(n, size), text_of(n)
    chance = random.Random(-n)
    kind, person = chance.choice(CLASSES), chance.choices(PEOPLE, cum_weights=PEOPLE_WEIGHTS)[0]
    record = vars(NewRecord(ident, f"{n:064}", "officer@council.example", "", at, at, [kind], at, []))
    page = PageText("1", Place.BODY, 1, text)
    decided = [chance.choice(("RELAY", "ENCRYPT", "HOLD"))]
    to = ["carer@carers.example"]
    source = document.Source([page], "", [], "officer@council.example", to, [person], [kind], decided, at)
    entry = {"number": n + 1, "record_id": ident, "key": keyed.id, "body": document.index(source, keyed).body}
    return record, {"record_id": ident, "person": person}, entry, (n + 1, text)


def _make_blocks() -> None:
    from vault.search import blocks  # noqa: PLC0415 - after the environment is set

    while made := blocks.make_ready():
        log(f"{made} blocks are ready")


def _ours(size: int, keyed: Any, server: Clock | None) -> dict[str, float]:
    from vault.search.find import search  # noqa: PLC0415 - after the environment is set
    from vault.search.grammar import parse  # noqa: PLC0415 - the same
    from vault.search.terms import Terms  # noqa: PLC0415 - the same

    terms = Terms(keyed)

    def ask(query: str) -> None:
        search(parse(query), terms, keyed)

    return p95s(ask, size, server)


def _database() -> Any:
    from django.db import connection  # noqa: PLC0415 - after the environment is set

    connection.ensure_connection()
    return Sqlite(connection.connection) if connection.vendor == "sqlite" else Postgres(connection.connection)
