"""A query as a value, and how it is written. ``parse(str(tree)) == tree`` (``vault/search/grammar.py``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

NEAR = 10
"""How many words apart, where nothing is said."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word in any of its forms. Several ``words`` are one that is written with a hyphen or the like."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        digits = any(c.isdigit() for w in self.words for c in w)
        return ("_" if digits else "-").join(self.words)  # with a hyphen it could be a reference


@dataclass(frozen=True, slots=True)
class Shape:
    """A number, reference or date, however it is spaced: as it was written, in small letters."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words next to each other, in this order, each in any of its forms; a single word in this form only."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        return f'"{" ".join(self.words)}"'


@dataclass(frozen=True, slots=True)
class Near:
    """Two words at most so many words apart, in either order."""

    one: str
    other: str
    places: int = NEAR

    def __str__(self) -> str:
        return f"NEAR({self.one} {self.other}, {self.places})"


@dataclass(frozen=True, slots=True)
class Field:
    """``name:value``. ``at`` is where it stands in the query."""

    name: str
    value: str
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f'{self.name}:"{self.value}"' if " " in self.value else f"{self.name}:{self.value}"


@dataclass(frozen=True, slots=True)
class Prefix:
    """``name:value*``, for names and references."""

    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}:{self.value}*"


@dataclass(frozen=True, slots=True)
class Sent:
    """When a mail was received here: from the first of ``first`` to the last of ``last``: ``2026``, ``2026-03`` or
    ``2026-03-12``; empty where the range has no such end.
    """  # noqa: D205 - one sentence that needs two lines

    first: str
    last: str

    def __str__(self) -> str:
        return f"sent:{self.first}" if self.first == self.last else f"sent:{self.first}..{self.last}"


@dataclass(frozen=True, slots=True)
class Not:
    """Everything else."""

    item: Tree

    def __str__(self) -> str:
        return f"NOT {_inner(self.item)}"


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    items: tuple[Tree, ...]

    def __str__(self) -> str:
        return " ".join(_inner(i) for i in self.items)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    items: tuple[Tree, ...]

    def __str__(self) -> str:
        return " OR ".join(_inner(i) for i in self.items)


Tree: TypeAlias = Term | Shape | Phrase | Near | Field | Prefix | Sent | Not | And | Or


def both(items: Iterator[Tree] | list[Tree]) -> Tree:
    """``And`` without ands inside."""
    flat = tuple(i for item in items for i in (item.items if isinstance(item, And) else (item,)))
    return flat[0] if len(flat) == 1 else And(flat)


def either(items: Iterator[Tree] | list[Tree]) -> Tree:
    """``Or`` without ors inside."""
    flat = tuple(i for item in items for i in (item.items if isinstance(item, Or) else (item,)))
    return flat[0] if len(flat) == 1 else Or(flat)


def other_than(item: Tree) -> Tree:
    """Twice is not at all."""
    return item.item if isinstance(item, Not) else Not(item)


def conditions(tree: Tree) -> tuple[Tree, ...]:
    """What must be so of every hit besides its words: the fields that stand beside all the rest.

    A number or a file's name is a word in this: it may stand in what could not be read.
    """
    items = tree.items if isinstance(tree, And) else (tree,)
    return tuple(i for i in items if _is_known(i.item if isinstance(i, Not) else i))


def _is_known(item: Tree) -> bool:
    return isinstance(item, Sent) or (isinstance(item, Field | Prefix) and item.name not in {"name", "ref"})


def wanted(tree: Tree) -> Iterator[Tree]:
    """The words and numbers that are looked for (not those that must be absent, and no fields)."""
    if isinstance(tree, And | Or):
        for item in tree.items:
            yield from wanted(item)
    elif isinstance(tree, Term | Shape | Phrase | Near):
        yield tree


def _inner(item: Tree) -> str:
    return f"({item})" if isinstance(item, And | Or) else str(item)
