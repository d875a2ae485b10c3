"""The decision table looked at as a whole: what it leaves open, which rows stand in each other's way, how it reads.

Pure. Cases are (relation, permission state, category); sets of cases are told as blocks, so that a hundred cases that
lie together are one line. :func:`domain.rules.check` refuses the first thing wrong; here are all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import TypeVar

from domain.decision import Action
from domain.model import Category
from domain.permission import PermissionState, Relation
from domain.rules import Case, Consequence, Rules, SharingRule, unfit

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V", bound=Hashable)

EVERY_CASE: tuple[Case, ...] = tuple(product(Relation, PermissionState, Category))


@dataclass(frozen=True, slots=True)
class Block:
    """All cases of these relations, these states and these categories."""

    relations: tuple[Relation, ...]
    states: tuple[PermissionState, ...]
    categories: tuple[Category, ...]

    def __str__(self) -> str:
        told = named(self.relations, Relation), named(self.states, PermissionState), named(self.categories, Category)
        return "; ".join(f"any {what}" if t == ALL else t for t, what in zip(told, _WHAT, strict=True))


_WHAT = ("relation", "permission", "category")
ALL = "all"


def named(words: Collection[str], of: Iterable[str]) -> str:
    """As people tell some words of a list: "all", "all but x", or the words themselves."""
    chosen, left = [w for w in of if w in words], [w for w in of if w not in words]
    if not left:
        return ALL
    return f"all but {', '.join(left)}" if len(left) < len(chosen) else ", ".join(chosen)


@dataclass(frozen=True, slots=True)
class Shadow:
    """How many of a row's cases earlier rows take (``taken_by``: their numbers and how many cases each)."""

    row: SharingRule
    cases: int
    taken_by: tuple[tuple[SharingRule, int], ...]

    @property
    def taken(self) -> int:
        """By all of them."""
        return sum(n for _, n in self.taken_by)

    @property
    def whole(self) -> bool:
        """The row can never apply."""
        return self.taken == self.cases


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rows that both fit these cases, with different actions; the earlier one wins. Harmless, but worth a look."""

    earlier: SharingRule
    later: SharingRule
    blocks: tuple[Block, ...]


def gaps(rules: Rules) -> tuple[Block, ...]:
    """The cases that no row answers."""
    return blocks(case for case, row in _winners(rules).items() if row is None)


def shadows(rules: Rules) -> tuple[Shadow, ...]:
    """The rows of which earlier rows take some cases, or all."""
    winners, found = _winners(rules), []
    for number, row in enumerate(rules.sharing):
        taken: dict[int, int] = {}
        for case in _cases(row):
            winner = winners[case]
            if winner is not None and winner < number:
                taken[winner] = taken.get(winner, 0) + 1
        by = tuple((rules.sharing[n], count) for n, count in sorted(taken.items()))
        found.append(Shadow(row, sum(1 for _ in _cases(row)), by))
    return tuple(s for s in found if s.taken)


def overlaps(rules: Rules) -> tuple[Overlap, ...]:
    """Every two rows that disagree about some case."""
    pairs = ((a, b) for a, b in combinations(rules.sharing, 2) if a.consequence.action is not b.consequence.action)
    found = ((a, b, blocks(case for case in _cases(b) if a.fits(case))) for a, b in pairs)
    return tuple(Overlap(a, b, both) for a, b, both in found if both)


def problems(rules: Rules) -> Iterator[str]:
    """Everything for which start-up refuses this policy, as sentences without a full stop."""
    yield from unfit(rules)
    yield from (f"no rule for {block}" for block in gaps(rules))
    for shadow in shadows(rules):
        if shadow.whole:
            by = ", ".join(f"'{row.consequence.rule}'" for row, _ in shadow.taken_by)
            yield f"the rule '{shadow.row.consequence.rule}' can never apply: its cases are taken by {by} above it"


def notes(rules: Rules) -> Iterator[str]:
    """What is in order, but easily not meant: rows that lose cases to rows above, rows that disagree."""
    for shadow in shadows(rules):
        by = ", ".join(f"'{row.consequence.rule}' ({count})" for row, count in shadow.taken_by)
        if not shadow.whole:
            yield f"'{shadow.row.consequence.rule}' loses {shadow.taken} of its {shadow.cases} cases to {by} above it"
    for overlap in overlaps(rules):
        first, second = overlap.earlier.consequence, overlap.later.consequence
        where = " | ".join(map(str, overlap.blocks))
        yield (
            f"'{first.rule}' ({_word(first.action)}) comes before '{second.rule}' ({_word(second.action)}) for {where}"
        )


def _word(action: Action) -> str:
    return action.name.lower()


def _winners(rules: Rules) -> dict[Case, int | None]:
    """For every case the number of the row that answers it."""
    rows = list(enumerate(rules.sharing))
    return {case: next((n for n, row in rows if row.fits(case)), None) for case in EVERY_CASE}


def _cases(row: SharingRule) -> Iterator[Case]:
    return product(row.relations, row.states, row.categories)


def blocks(cases: Iterable[Case]) -> tuple[Block, ...]:
    """These cases as few blocks, in the enumerations' order; each case is in exactly one."""
    chosen = frozenset(cases)
    lines = {(r, s): tuple(c for c in Category if (r, s, c) in chosen) for r, s in product(Relation, PermissionState)}
    found: dict[tuple[tuple[PermissionState, ...], tuple[Category, ...]], list[Relation]] = {}
    for related in Relation:
        for categories, states in grouped(PermissionState, lambda s, r=related: lines[r, s]):  # type: ignore[misc]
            if categories:
                found.setdefault((states, categories), []).append(related)
    return tuple(Block(tuple(relations), states, categories) for (states, categories), relations in found.items())


def grouped(keys: Iterable[_K], of: Callable[[_K], _V]) -> list[tuple[_V, tuple[_K, ...]]]:
    """The keys that have the same value, together; in the order in which each value first comes."""
    found: dict[_V, list[_K]] = {}
    for key in keys:
        found.setdefault(of(key), []).append(key)
    return [(value, tuple(keys)) for value, keys in found.items()]


@dataclass(frozen=True, slots=True)
class Row:
    """The permission states for which the same follows in each column; a cell is None where no rule answers."""

    states: tuple[PermissionState, ...]
    cells: tuple[Consequence | None, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What follows for these relations, which are treated alike: ``columns`` are categories that are, too."""

    relations: tuple[Relation, ...]
    columns: tuple[tuple[Category, ...], ...]
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        """What the recipient is to the person."""
        return "everybody" if len(self.relations) == len(Relation) else ", ".join(self.relations)

    def head(self) -> Iterator[str]:
        """What was found."""
        return (
            f"{named(c, Category)} categories" if c == tuple(Category) else named(c, Category) for c in self.columns
        )

    def states(self, row: Row) -> str:
        """How the permission stands; "all but" is said of the states on this page."""
        return named(row.states, [s for r in self.rows for s in r.states])


def pages(rules: Rules) -> tuple[Page, ...]:
    """The whole table as it is in force, each case in exactly one cell; first what follows for everybody alike."""
    winners = _winners(rules)
    common = [s for s in PermissionState if len({winners[r, s, c] for r, c in product(Relation, Category)}) == 1]
    others = [s for s in PermissionState if s not in common]

    def answer(related: Relation) -> tuple[int | None, ...]:
        return tuple(winners[related, s, c] for s, c in product(others, Category))

    parts = [(tuple(Relation), common), *((relations, others) for _, relations in grouped(Relation, answer))]
    return tuple(_page(relations, states, rules, winners) for relations, states in parts if states)


def _page(
    relations: tuple[Relation, ...], states: list[PermissionState], rules: Rules, winners: Mapping[Case, int | None]
) -> Page:
    first = relations[0]
    columns = grouped(Category, lambda c: tuple(winners[first, s, c] for s in states))
    lines = grouped(states, lambda s: tuple(winners[first, s, group[0]] for _, group in columns))
    cells = {n: row.consequence for n, row in enumerate(rules.sharing)}
    rows = tuple(Row(same, tuple(None if n is None else cells[n] for n in numbers)) for numbers, same in lines)
    return Page(relations, tuple(group for _, group in columns), rows)
