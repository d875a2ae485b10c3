"""How the breach team's pages say things: counts, coverage, facets, a hit, what is wrong with a query. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from vault.search.find import Coverage, Found, Hit
from vault.search.grammar import QueryError
from web.console.breach.forms import CLASSES, DECIDED, OPENED

_NAMED = 3
_FACETS = {
    "class": "Kind of document",
    "decided": "Decision",
    "opened": "Picked up",
    "month": "Month",
    "person": "About whom",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A query that was not understood: why, and the query in three pieces, the middle one is at fault."""

    says: str
    before: str
    word: str
    behind: str

    @classmethod
    def of(cls, error: QueryError) -> Wrong:
        """The pieces; past the end stands a sign for the missing word."""
        text, end = re.sub(r"\s", " ", error.query), error.at + error.length
        return cls(error.public, text[: error.at], text[error.at : end] or "?", text[end:])


@dataclass(frozen=True, slots=True)
class Line:
    """A hit as a line of the list. No word of the mail: the index has none."""

    record: str
    at: datetime
    sender: str
    to: str
    people: tuple[str, ...]
    classes: tuple[str, ...]
    decided: tuple[str, ...]
    unread: tuple[str, ...]

    @classmethod
    def of(cls, hit: Hit) -> Line:
        """In people's words."""
        return cls(
            hit.record,
            hit.received_at,
            hit.sender or "nobody (a notice)",
            _few(hit.recipients),
            hit.people,
            tuple(CLASSES.get(c, c) for c in hit.classes),
            tuple(DECIDED.get(d, d) for d in hit.decided),
            tuple(f"part {part}: {reason}" if part else reason for part, reason in hit.unread),
        )


def _few(recipients: tuple[str, ...]) -> str:
    """The first, and how many more."""
    more = len(recipients) - _NAMED
    return ", ".join(recipients[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def sentences(found: Found, *, filtered: bool = False) -> list[str]:
    """The exact total, what could have been missed (promise 7), and of how many the best come first.

    ``filtered``: besides words there are conditions, and the words were looked for in what those leave alone.
    """
    total = "1 mail was found." if found.total == 1 else f"{found.total:,} mails were found."
    said = [total, *_coverage(found.coverage, " that its filters leave" if filtered else "")]
    if found.ranked and found.ranked < found.total:
        said.append(f"The best of the newest {found.ranked:,} come first.")
    return said


def _coverage(coverage: Coverage, left: str) -> Iterator[str]:
    whole = coverage.records - coverage.partial
    yield f"The search looked through {_mails(coverage.records)}{left}, of which {whole:,} could be read in full."
    if coverage.partial:
        have = "has" if coverage.partial == 1 else "have"
        yield f"{_mails(coverage.partial)} {have} parts that could not be read: what is only there is not found."
    if coverage.unindexed:
        yield (
            f"{_mails(coverage.unindexed)} more cannot be searched until the index is made anew: "
            "ask whoever runs the service."
        )


def _mails(number: int) -> str:
    return "1 mail" if number == 1 else f"{number:,} mails"


def facets(found: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[str, str, list[tuple[str, str, int]]]]:
    """Name, title, and for each value its label, itself, and how many. Those without values are left out."""
    for name, counts in found.items():
        if counts:
            yield name, _FACETS[name], [(_label(name, value), value, times) for value, times in counts.items()]


def _label(facet: str, value: str) -> str:
    if facet == "month":
        return f"{date.fromisoformat(f'{value}-01'):%B %Y}"
    return {"class": CLASSES, "decided": DECIDED, "opened": OPENED}.get(facet, {}).get(value, value)


def command(*words: str, why: str = "") -> str:
    """A line for the records officer's terminal, ready to be copied; whatever was typed is one word of it."""
    keys = ["-i", "records.age-key", "-i", "service.age-key"]
    return shlex.join(["sallyport", *words, *keys, "--why", why or "what it is needed for"])
