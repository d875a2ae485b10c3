"""From a plan to the set of records that it means, exactly. Reads one state of the database throughout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from vault import sql
from vault.search import looked
from vault.search.blocks import Sets, between, both, count, either, of_numbers, ready, ready_to, without
from vault.search.index import BLOCK_BITS
from vault.search.terms import Plan
from vault.search.textindex import text_index

_WORTH = 1_000
"""Records that a look for all may find for each stretch of blocks that it saves. PostgreSQL takes two milliseconds for
a stretch, as it reads all that its index has of the token, and one for a thousand records."""


@contextmanager
def steady() -> Iterator[None]:
    """All that is read within is of one moment."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.in_atomic_block:
        yield
    elif database.vendor == "sqlite":
        database.ensure_connection()
        with database.wrap_database_errors:
            database.connection.execute("BEGIN")
        try:
            yield
        finally:
            database.connection.rollback()
    else:
        with transaction.atomic():
            sql.update("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", [])
            yield


class Evaluator:
    """Sets of the records with a number from ``low`` to below ``high``. Each token is looked up once.

    ``true_to`` says by block below which number what is ready of it is true.
    """

    def __init__(self, everything: Plan, low: int, high: int) -> None:
        self._low, self._high = low, high
        self._everything = everything
        self._index = text_index()
        self.true_to = ready_to()
        self._known: dict[str, Sets] = {}
        self._ready: dict[str, Sets] = {}

    def prepare(self, *plans: Plan) -> None:
        """Read the sets of all their tokens at once, as each statement costs a way to the database."""
        tokens = sorted({t for plan in (self._everything, *plans) for t in _tokens(plan)} - self._ready.keys())
        self._ready |= ready(tokens)

    def sets(self, plan: Plan) -> Sets:
        """Those that the plan means."""
        kind, *rest = plan
        if kind == "and":
            return self._all(rest)
        if kind == "or":
            found: Sets = {}
            for part in rest:
                found = either(found, self.sets(part))
            return found
        if kind == "not":
            return without(self.sets(self._everything), self.sets(rest[0]))
        name = str(plan)
        if name not in self._known:
            self._known[name] = between(self._leaf(plan), self._low, self._high)
        return self._known[name]

    def _all(self, plans: list[Plan]) -> Sets:
        """What must be absent is taken from the rest, without going by way of everything."""
        found: Sets | None = None
        for plan in sorted(plans, key=_cost):
            if plan[0] == "not" and found is not None:
                found = without(found, self.sets(plan[1]))
            else:
                found = self.sets(plan) if found is None else both(found, self.sets(plan))
            if not found:
                return {}
        return found or {}

    def _leaf(self, plan: Plan) -> Sets:
        if plan[0] == "opened":
            yes = of_numbers(looked.seen(self._low, self._high))
            return (both if plan[1] else without)(self.sets(self._everything), yes)
        if plan[0] == "picked up":
            of_them = (looked.picked_up if plan[1] else looked.left_lying)(self._low, self._high)
            return both(self.sets(self._everything), of_numbers(of_them))
        if plan[0] != "token":
            return of_numbers(self._index.numbers(plan, self._low, self._high))
        self.prepare(plan)
        found = {block: bits for block, bits in self._ready[plan[1]].items() if block in self.true_to}
        stretches = list(self._not_ready(found))
        if len(stretches) > 1 and count(found) < _WORTH * len(stretches):  # one look for all is quicker
            return of_numbers(self._index.numbers(plan, self._low, self._high))
        for low, high in stretches:
            found = either(found, of_numbers(self._index.numbers(plan, low, high)))
        return found

    def _not_ready(self, found: Sets) -> Iterator[tuple[int, int]]:
        """Stretches of blocks that must be asked for."""
        blocks = range(self._low >> BLOCK_BITS, (max(self._high, 1) - 1 >> BLOCK_BITS) + 1)
        for have, some in groupby(blocks, key=found.__contains__):
            stretch = list(some)
            end = stretch[-1] + 1 << BLOCK_BITS
            if not have:
                yield stretch[0] << BLOCK_BITS, end
            else:
                lacking = ((self.true_to[block], block + 1 << BLOCK_BITS) for block in stretch)
                yield from ((low, high) for low, high in lacking if low < min(high, self._high))


def _tokens(plan: Plan) -> Iterator[str]:
    if plan[0] == "token":
        yield plan[1]
    elif plan[0] in {"and", "or", "not"}:
        for part in plan[1:]:
            yield from _tokens(part)


def _cost(plan: Plan) -> int:
    """Tokens first, as they may leave nothing to look for; then what is absent; phrases last."""
    return {"token": 0, "and": 1, "or": 1, "opened": 2, "picked up": 2, "phrase": 3, "near": 3, "not": 4}[plan[0]]
