"""From a tree to what the index is asked: the same shape, with keyed tokens for words. Plain lists, to be kept as JSON.

A *plan* is ``["token", t]``, ``["phrase", [t, ...]]``, ``["near", t, t, places]``, ``["opened", yes]`` (by somebody
here), ``["picked up", yes]`` (by a recipient), or ``["and" | "or" | "not", plan, ...]``. Nothing in it can be read
without the index key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, TypeAlias

from domain.errors import SallyportError
from domain.model import folded
from vault.search import fields
from vault.search.tokens import SIZE, Keyed
from vault.search.tree import And, Field, Near, Not, Or, Phrase, Prefix, Sent, Shape, Term, Tree
from vault.search.words import SHAPE, shape, words

Plan: TypeAlias = list[Any]
Resolve: TypeAlias = Callable[[str], Sequence[str]]
"""From what stands after ``about:`` to register references; none for nobody."""


class Nobody(SallyportError):
    """``about:`` names nobody in the register; ``at`` is where it stands in the query."""

    public = 'Nobody in the register has this council ID, reference or whole name; write about:"Ann Lee".'

    def __init__(self, tree: Field) -> None:
        super().__init__("nobody of that name")
        self.at = tree.at + len("about:")
        self.length = len(tree.value)


class Terms:
    """Makes plans with one key. ``resolve`` by default takes what stands after ``about:`` for a reference itself."""

    def __init__(self, keyed: Keyed, resolve: Resolve = lambda text: [text]) -> None:
        self._keyed = keyed
        self._resolve = resolve

    def plan(self, tree: Tree) -> Plan:  # noqa: C901, PLR0911 - one case a kind of node
        """What the index is asked for it."""
        match tree:
            case Term(words=found):
                return self._word(found)
            case Shape(text=text):
                number = _shape(text)
                joined = [self._stems(words(number))] if number.isalnum() else []  # as one word, where no shape is seen
                return _either([self._stems(words(text)), self._token("ref", number), *joined])
            case Phrase(words=(single,)):
                return ["token", self._keyed.pair(single)[SIZE:].hex()]
            case Phrase(words=found):
                return self._stems(found)
            case Near(one=one, other=other, places=places):
                return ["near", self._stem(one), self._stem(other), places]
            case Prefix(name=name, value=value):
                return self._token(f"{name}*", value)
            case Sent(first=first, last=last):
                days = _periods(fields.first_day(first), fields.last_day(last))
                return _either([self._token("sent", d) for d in days])
            case Field():
                return self._field(tree)
            case Not(item=item):
                return ["not", self.plan(item)]
            case And(items=items):
                return ["and", *(self.plan(i) for i in items)]
            case Or(items=items):
                return ["or", *(self.plan(i) for i in items)]

    def everything(self) -> Plan:
        """Every record that is indexed."""
        return self._token("all", "")

    def partial(self) -> Plan:
        """Those with parts that could not be read."""
        return self._token("partial", "")

    def placed(self, tree: Tree) -> list[Plan]:
        """Where a word weighs more: in the subject line, in a file name."""
        if not isinstance(tree, Term | Phrase | Shape):
            return []
        found = tree.words if isinstance(tree, Term | Phrase) else tuple(words(tree.text))
        subject = [["token", self._keyed.stemmed("subject", w).hex()] for w in found]
        return [_all(subject), _all([self._token("name", w) for w in found])]

    def _word(self, found: Sequence[str]) -> Plan:
        if len(found) == 1 and any(c.isdigit() for c in found[0]):
            return _either([self._stems(found), self._token("ref", found[0])])
        return self._stems(found)

    def _field(self, tree: Field) -> Plan:  # noqa: PLR0911 - one case a field
        name, value = tree.name, tree.value
        match name:
            case "about":
                refs = self._resolve(value)
                if not refs:
                    raise Nobody(tree)
                return _either([self._token("about", ref) for ref in refs])
            case "decided":
                return self._token("decided", fields.action_of(value).name)
            case "opened":
                return ["picked up", value == "yes"]
            case "seen":
                return ["opened", value == "yes"]
            case "class":
                return self._token("class", value)
            case "subject":
                return _all([["token", self._keyed.stemmed("subject", w).hex()] for w in words(value)])
            case "to" | "from":
                return self._address(name, folded(value))
            case "ref":
                found = SHAPE.fullmatch(value)
                return self._token("ref", shape(found) if found else "".join(words(value)))
            case _:
                return self._name(value)

    def _name(self, value: str) -> Plan:
        in_words = _all([self._token("name", w) for w in words(value)])
        found = SHAPE.fullmatch(value)
        return _either([in_words, self._token("name", shape(found))]) if found else in_words

    def _address(self, name: str, value: str) -> Plan:
        """A whole address, a domain, or words of the name before the at sign."""
        value = value.removeprefix("@")
        if "@" in value:
            return self._token(name, value)
        return _either([self._token(name, value), _all([self._token(name, w) for w in words(value)])])

    def _token(self, field: str, value: str) -> Plan:
        return ["token", self._keyed.kept(field, value).hex()]

    def _stem(self, word: str) -> str:
        return self._keyed.pair(word)[:SIZE].hex()

    def _stems(self, found: Sequence[str]) -> Plan:
        if len(found) == 1:
            return ["token", self._stem(found[0])]
        return ["phrase", [self._stem(w) for w in found]]


def _shape(text: str) -> str:
    found = SHAPE.fullmatch(text)
    return shape(found) if found else "".join(words(text))


def _either(plans: Sequence[Plan]) -> Plan:
    different = list({str(p): p for p in plans}.values())
    return different[0] if len(different) == 1 else ["or", *different]


def _all(plans: Sequence[Plan]) -> Plan:
    return plans[0] if len(plans) == 1 else ["and", *plans]


def _periods(first: date, last: date) -> Iterator[str]:
    """As few whole years, months and days as make up the time from the one to the other."""
    day = first
    while day <= last:
        for period in (f"{day:%Y}", f"{day:%Y-%m}", f"{day:%Y-%m-%d}"):
            if fields.first_day(period) == day and fields.last_day(period) <= last:
                yield period
                day = fields.last_day(period) + timedelta(days=1)
                break
