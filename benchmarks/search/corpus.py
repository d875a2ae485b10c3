"""What is searched: mails of a made-up language, and the queries. The same in each run."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate

_QUERIES, _WORDS = 120, 50_000
_BEGUN = datetime(2021, 11, 23, 9, tzinfo=UTC)
_YEARS = timedelta(days=5 * 365)
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
PEOPLE = [f"p-{n:020x}" for n in range(300)]
PEOPLE_WEIGHTS = list(accumulate(1 / (rank + 10) for rank in range(300)))
CLASSES = ("correspondence", "correspondence", "medical", "financial", "all-about-me", "incident")


def text_of(number: int) -> str:
    chance = random.Random(number)
    return " ".join(chance.choices(VOCABULARY, cum_weights=_WEIGHTS, k=chance.randint(40, 160)))


def time_of(number: int, size: int) -> datetime:
    return _BEGUN + _YEARS * (number / size)


def queries_of(size: int) -> dict[str, list[str]]:
    """Texts of queries, by kind."""
    chance = random.Random(9)
    middling = range(100, 20_000)

    def word() -> str:
        return VOCABULARY[chance.choice(middling)]

    def phrase() -> str:
        said = text_of(chance.randrange(size)).split()
        at = chance.randrange(len(said) - 3)
        return f'"{" ".join(said[at : at + 3])}"'

    month = f"sent:{time_of(size // 2, size):%Y-%m}"
    makers: Sequence[Callable[[], str]] = (
        word,
        word,
        lambda: f"{word()} {word()}",
        lambda: f"{word()} OR {word()}",
        lambda: f"{word()} about:{chance.choice(PEOPLE)}",
        lambda: f"{word()} {month}",
    )
    return {
        "selective": [makers[n % len(makers)]() for n in range(_QUERIES)],
        "phrase": [phrase() for _ in range(10)],
        "commonest": VOCABULARY[:20],
    }


def plain_words(query: str) -> tuple[str, bool]:
    """The words of a query for an index that has no fields."""
    return " ".join(w for w in query.split() if ":" not in w), " OR " in query
