"""tantivy over the same texts: its own count and best 20, with English stems."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import tantivy

from benchmarks.search.corpus import plain_words, text_of
from benchmarks.search.timing import alone, p95s


def times(folder: Path, steps: list[int]) -> Iterator[dict[str, float]]:
    """In milliseconds, by kind, at each number of records."""
    folder.mkdir(parents=True)
    schema = tantivy.SchemaBuilder().add_text_field("text", tokenizer_name="en_stem").build()
    index = tantivy.Index(schema, str(folder))
    done = 0
    for step in steps:
        writer = index.writer(heap_size=100_000_000, num_threads=1)
        for number in range(done, step):
            writer.add_document(tantivy.Document(text=_text(number)))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        done = step
        with alone():
            yield {"records": step, **_asked(index, step)}
    shutil.rmtree(folder)


def _text(number: int) -> str:
    """The first ``SEARCH_TEXTS`` come again and again, where it is set."""
    texts = int(os.environ.get("SEARCH_TEXTS", "0"))
    return _kept(number % texts) if texts else text_of(number)


_kept = cache(text_of)


def _asked(index: tantivy.Index, size: int) -> dict[str, float]:
    searcher = index.searcher()

    def ask(query: str) -> None:
        words, either = plain_words(query)
        words = words if either or query.startswith('"') else " AND ".join(words.split())
        searcher.search(index.parse_query(words, ["text"]), 20, count=True)

    return p95s(ask, size)
