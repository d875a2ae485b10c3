"""Searches that are kept: run again over new records, or asked for all that they find (a legal hold).

The database holds the query sealed to the masters, and its keyed tokens. To run it takes neither key nor words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.errors import SallyportError, VaultUnavailable
from domain.model import Address
from vault import audit, sql
from vault.ids import new_id
from vault.models import HoldTarget, SavedSearch, TargetKind
from vault.rows import reading, writing
from vault.search import looked
from vault.search.asked import Asker, sealed
from vault.search.blocks import both, newest, of_numbers, settled
from vault.search.evaluate import Evaluator, steady
from vault.search.index import fold
from vault.search.terms import Plan, Terms
from vault.search.tokens import Keyed
from vault.search.tree import And, Field, Not, Or, Tree
from vault.turns import taking_turns

_MANY = 500


class NoSuchSearch(SallyportError):
    """No saved search of that name."""

    public = "There is no such saved search; `sallyport vault searches list` lists them."


class OnHold(SallyportError):
    """A legal hold is on what it finds."""

    public = "A legal hold is on what this search finds, so it stays; see `sallyport hold list`."


class OldKey(SallyportError):
    """It was made with another index key, and would find nothing."""

    public = "This saved search was made with another index key; `sallyport vault index rebuild` makes it anew."


@dataclass(frozen=True, slots=True)
class News:
    """What a saved search found since it was last told of: records' ids, the newest first; up to which number.

    ``heard`` is the last event of the audit trail that it knows; where it asks nothing of the trail, as it was.
    """

    search: SavedSearch
    records: tuple[str, ...]
    seen: int
    heard: int


def save(
    tree: Tree, terms: Terms, keyed: Keyed, owner: Address, masters: Collection[str], asker: Asker, now: datetime
) -> str:
    """Keep it; its id. It tells of records that come, or are opened, from now on. Raises ``VaultUnavailable``."""
    seen, heard = settled(), _last_event()
    row = SavedSearch(
        id=new_id(now),
        owner=owner.key,
        key=keyed.id,
        query=sealed(str(tree), masters),
        terms=_terms(tree, terms),
        seen=seen,
        heard=heard,
        made_at=now,
    )
    with writing(VaultUnavailable):
        row.save(force_insert=True)
        audit.append([audit.Event(now, asker.actor, "search saved", "", asker.why, _details(row))])
    return row.id


def forget(ident: str, asker: Asker, now: datetime) -> None:
    """Raises :class:`NoSuchSearch`, :class:`OnHold`, ``VaultUnavailable``."""
    row = _row(ident)
    with taking_turns():
        if HoldTarget.objects.filter(kind=TargetKind.SEARCH, value=ident, hold__lifted_at=None).exists():
            raise OnHold("a hold is on what it finds", search=ident)
        audit.append([audit.Event(now, asker.actor, "saved search forgotten", "", asker.why, _details(row))])
        row.delete()


def remake(row: SavedSearch, tree: Tree, terms: Terms, keyed: Keyed) -> None:
    """With another index key. Raises ``VaultUnavailable``."""
    with writing(VaultUnavailable):
        SavedSearch.objects.filter(id=row.id).update(terms=_terms(tree, terms), key=keyed.id)


def as_it_was_meant(row: SavedSearch, tree: Tree) -> Tree:
    """``tree`` is what its words say today. When it was made, ``opened:`` may have been what is now ``seen:``."""
    kinds = set(_kinds(row.terms["plan"]))
    return _seen_for_opened(tree) if "opened" in kinds and "picked up" not in kinds else tree


def records_of(ident: str) -> list[str]:
    """The ids of all records that a saved search finds now, the newest first.

    Raises :class:`NoSuchSearch`, :class:`OldKey`, ``VaultUnavailable``.
    """
    row = _row(ident)
    fold()
    _check_key(row)
    with reading(VaultUnavailable), steady():
        return _found(row, 0, _last() + 1)


def news(row: SavedSearch) -> News:
    """What is new since ``row.seen``. Raises :class:`OldKey`, ``VaultUnavailable``."""
    last = settled()
    heard = _last_event() if _asks_who_opened(row.terms["plan"]) else row.heard
    fold()
    _check_key(row)
    with reading(VaultUnavailable), steady():
        opened = looked.picked_up_since(row.heard, heard) if heard > row.heard else []
        found = [*_found(row, row.seen + 1, last + 1), *_of_these(row, [n for n in opened if n <= row.seen])]
        return News(row, tuple(found), last, heard)


def told(about: News, now: datetime) -> None:
    """Its owner knows. Raises ``VaultUnavailable``."""
    values: dict[str, object] = {"seen": about.seen, "heard": about.heard} | ({"told_at": now} if about.records else {})
    with writing(VaultUnavailable):
        SavedSearch.objects.filter(id=about.search.id).update(**values)


def _terms(tree: Tree, terms: Terms) -> dict[str, object]:
    return {"plan": terms.plan(tree), "everything": terms.everything()}


def _details(row: SavedSearch) -> dict[str, object]:
    return {"search": row.id, "owner": row.owner}


def _row(ident: str) -> SavedSearch:
    with reading(VaultUnavailable):
        row = SavedSearch.objects.filter(id=ident).first()
    if row is None:
        raise NoSuchSearch("no such saved search", search=ident)
    return row


def _check_key(row: SavedSearch) -> None:
    """Whether any record is indexed with the key that it was made with (or none is indexed at all)."""
    with reading(VaultUnavailable):
        some = sql.select("SELECT key FROM vault_searchentry WHERE key <> '' ORDER BY number DESC LIMIT 1", [])
    if some and some[0][0] != row.key:
        raise OldKey("another index key", search=row.id)


def _last() -> int:
    return int(sql.select("SELECT coalesce(max(number), 0) FROM vault_searchentry", [])[0][0])


def _last_event() -> int:
    return settled("vault_auditevent", "sequence")


def _asks_who_opened(plan: Plan) -> bool:
    """Whether a record that came long ago can become one that it finds, by being opened."""
    return "picked up" in _kinds(plan)


def _kinds(plan: Plan) -> Iterator[str]:
    yield plan[0]
    if plan[0] in {"and", "or", "not"}:
        for part in plan[1:]:
            yield from _kinds(part)


def _seen_for_opened(tree: Tree) -> Tree:
    match tree:
        case Field(name="opened", value=value, at=at):
            return Field("seen", value, at)
        case Not(item=item):
            return Not(_seen_for_opened(item))
        case And(items=items) | Or(items=items):
            return type(tree)(tuple(_seen_for_opened(i) for i in items))
        case _:
            return tree


def _found(row: SavedSearch, low: int, high: int) -> list[str]:
    evaluator = Evaluator(row.terms["everything"], low, high)
    return list(_records(list(newest(evaluator.sets(row.terms["plan"])))))


def _of_these(row: SavedSearch, numbers: list[int]) -> list[str]:
    if not numbers:
        return []
    evaluator = Evaluator(row.terms["everything"], min(numbers), max(numbers) + 1)
    return list(_records(list(newest(both(of_numbers(numbers), evaluator.sets(row.terms["plan"]))))))


def _records(numbers: list[int]) -> Iterator[str]:
    for start in range(0, len(numbers), _MANY):
        some = numbers[start : start + _MANY]
        text = f"SELECT number, record_id FROM vault_searchentry WHERE number IN {sql.places(some)}"  # noqa: S608 - placeholders
        named = dict(sql.select(text, some))
        yield from (named[n] for n in some if n in named)
