"""From the fields of a form to a query, and from a query to a narrower one. Pure: the grammar is the engine's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from vault.search.grammar import parse
from vault.search.tree import Or

FIELDS = {"person": "about", "recipient": "to", "officer": "from", "class": "class", "decided": "decided"}
"""Names of the form and of the grammar."""
FACETS = {"class": "class", "decided": "decided", "month": "sent", "opened": "opened", "person": "about"}
"""Names of facets, and by which field one narrows."""
_QUOTES = re.compile('["\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02]')
"""All that the grammar takes for a quotation mark: none may end a value early."""
_BARE = re.compile(r"[\w@.+*'/-]+")


def composed(given: Mapping[str, str | date | None]) -> str:
    """The query that the filled fields mean; empty where none is filled. Keys as in the form."""
    words = str(given.get("words") or "").strip()
    parts = [f"{name}:{_value(str(given[key]))}" for key, name in FIELDS.items() if given.get(key)]
    if domain := str(given.get("domain") or "").strip().lstrip("@"):
        parts.append(f"to:{_value(f'@{domain}')}")
    first, last = given.get("first"), given.get("last")
    if isinstance(first, date) or isinstance(last, date):
        parts.append(f"sent:{_day(first)}..{_day(last)}")
    parts += [f"{name}:{given[name]}" for name in ("opened", "seen") if given.get(name)]
    return " ".join([*([_bound(words) if parts else words] if words else []), *parts])


def narrowed(query: str, facet: str, value: str) -> str:
    """The same, and one value of a facet. Raises ``QueryError`` for a query that is none."""
    return f"{_bound(query)} {FACETS[facet]}:{_value(value)}"


def _bound(query: str) -> str:
    """Words bind closer than OR; what is added must hold for both sides of it."""
    return f"({query})" if re.search(r"\bOR\b", query) and isinstance(parse(query), Or) else query


def _value(text: str) -> str:
    bare = " ".join(_QUOTES.sub(" ", text).split())
    return bare if _BARE.fullmatch(bare) else f'"{bare}"'


def _day(day: object) -> str:
    return day.isoformat() if isinstance(day, date) else ""
