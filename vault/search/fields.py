"""The fields of a query: which there are, what may stand in them, and how their values are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from domain.decision import Action
from domain.model import Category, folded
from domain.retention import CORRESPONDENCE
from vault.search.tokens import PREFIX_TO
from vault.search.tree import Field, Prefix, Sent, Tree, both
from vault.search.words import DATES, SHAPE, shape, words

CLASSES = (*(c.value for c in Category), CORRESPONDENCE)
_DECIDED = {
    Action.RELAY: ("relay", "relayed", "plain"),
    Action.ENCRYPT: ("encrypt", "encrypted"),
    Action.HOLD: ("hold", "held"),
    Action.REJECT: ("reject", "rejected", "refused"),
    Action.DEFER: ("defer", "deferred"),
}
_OPENED = {
    "opened": "Whether a recipient opened it on the pick-up page",
    "seen": "Whether anybody here opened the sealed copy",
}
ONLY_NAMES = (
    "Only names and references can be cut short with a star: name:care*, to:ann*, from:ann*, ref:SL-0*. "
    "A word is found in all its forms without."
)
FIRST_YEAR, LAST_YEAR = 1980, 2099
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 - as people read it
_MONTH_YEAR = re.compile(r"([a-z]{3,9})[ -](\d{4})")
_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{4})")
_DECEMBER = 12
_LETTERS = 2


class WrongValue(ValueError):
    """``says`` what would be right; ``of_name`` where the field's name is wrong."""

    def __init__(self, says: str, *, of_name: bool = False) -> None:
        super().__init__(says)
        self.says, self.of_name = says, of_name


def field(name: str, text: str, at: int) -> Tree:
    """``name:text`` as it was typed. Raises :class:`WrongValue`."""
    make = _MAKERS.get(name)
    if make is None:
        raise WrongValue(f"There is no such field; there are {', '.join(_MAKERS)}.", of_name=True)
    value = " ".join(text.strip('"').split())
    if not value:
        raise WrongValue(f"Something must follow {name}: without a space.", of_name=True)
    return make(name, value, at)


def _name_like(name: str, value: str, at: int) -> Tree:
    """File names, addresses and references may be cut short."""
    value = folded(value) if name in {"to", "from"} else value.lower()
    if value.endswith("*"):
        return _begun(name, value[:-1], at)
    if "*" in value:
        raise WrongValue("A star can only stand at the end.")
    if not words(value):
        raise WrongValue("There is no word in this.")
    return Field(name, value, at)


def _begun(name: str, value: str, at: int) -> Tree:
    """Of several words of a file name the last is cut short.

    What is longer than the index's beginnings finds nothing, so it must not look as if it did.
    """
    if name == "name":
        *before, begun = words(value) or [""]
    else:
        before, begun = [], "".join(words(value)) if name == "ref" else value.removeprefix("@")
    if len(begun) < _LETTERS:
        raise WrongValue(f"At least {_LETTERS} letters must stand before a star.")
    if len(begun) > PREFIX_TO:
        raise WrongValue(f"At most {PREFIX_TO} letters can stand before a star; write fewer, or the whole.")
    return both([*(Field(name, w, at) for w in before), Prefix(name, begun)])


def _plain(name: str, value: str, at: int) -> Tree:
    if "*" in value:
        raise WrongValue(ONLY_NAMES)
    if not words(value):
        raise WrongValue("There is no word in this.")
    return Field(name, value, at)


def _class(name: str, value: str, at: int) -> Tree:
    kind = "-".join(words(value))
    if kind not in CLASSES:
        raise WrongValue(f"There is no such class; there are {', '.join(CLASSES)}.")
    return Field(name, kind, at)


def _decided(name: str, value: str, at: int) -> Tree:
    for action, said in _DECIDED.items():
        if value.lower() in said:
            return Field(name, written(action), at)
    raise WrongValue("What was decided is one of plain, encrypt, hold, reject, defer.")


def written(action: Action) -> str:
    """How it is said in a query and in a facet."""
    return "plain" if action is Action.RELAY else _DECIDED[action][0]


def action_of(value: str) -> Action:
    """The action that a ``decided:`` value means."""
    return next(action for action, said in _DECIDED.items() if value in said)


def _opened(name: str, value: str, at: int) -> Tree:
    if value.lower() not in {"yes", "no"}:
        raise WrongValue(f"{_OPENED[name]}: {name}:yes or {name}:no.")
    return Field(name, value.lower(), at)


def _sent(_name: str, value: str, _at: int) -> Tree:
    first, dots, last = (v.strip() for v in value.partition(".."))
    if not dots:
        return Sent(_period(value), _period(value))
    if not first and not last:
        raise WrongValue("A range has a beginning or an end: sent:2026-03..2026-05.")
    begun, ended = _period(first) if first else "", _period(last) if last else ""
    if begun and ended and first_day(begun) > last_day(ended):
        raise WrongValue("This range ends before it begins.")
    return Sent(begun, ended)


def _period(text: str) -> str:
    """A year, a month or a day, as ISO 8601 writes it. Raises :class:`WrongValue`."""
    parts = _parts(text.lower())
    if parts is None:
        raise WrongValue('Write a date as 2026, 2026-03, 2026-03-12, 12/03/2026 or "12 March 2026".')
    try:
        date(*(*parts, 1, 1)[:3])
    except ValueError:
        raise WrongValue("There is no such day.") from None
    if not FIRST_YEAR <= parts[0] <= LAST_YEAR:
        raise WrongValue(f"Years from {FIRST_YEAR} to {LAST_YEAR} can be looked for.")
    return "-".join(f"{p:02}" for p in parts)


def _parts(text: str) -> tuple[int, ...] | None:
    if found := _ISO.fullmatch(text):
        return tuple(int(g) for g in found.groups() if g)
    if (found := _MONTH_YEAR.fullmatch(text)) and found[1][:3] in _MONTH_NAMES:
        return int(found[2]), _MONTH_NAMES.index(found[1][:3]) + 1
    if found := _MONTH_FIRST.fullmatch(text):
        return int(found[2]), int(found[1])
    found = SHAPE.fullmatch(text)
    if found and found.lastgroup in DATES and (day := shape(found)):
        return tuple(int(p) for p in day.split("-"))
    return None


def first_day(period: str) -> date:
    """Of a year, a month or a day; of all time where there is none."""
    if not period:
        return date(FIRST_YEAR, 1, 1)
    return date.fromisoformat((period + "-01-01")[:10])


def last_day(period: str) -> date:
    """Of a year, a month or a day; of all time where there is none."""
    year, *rest = (int(p) for p in period.split("-")) if period else (LAST_YEAR,)
    if len(rest) > 1:
        return date.fromisoformat(period)
    month = rest[0] if rest else _DECEMBER
    return (date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


_MAKERS: dict[str, Callable[[str, str, int], Tree]] = {
    "about": _plain,
    "to": _name_like,
    "from": _name_like,
    "class": _class,
    "decided": _decided,
    "sent": _sent,
    "opened": _opened,
    "seen": _opened,
    "subject": _plain,
    "name": _name_like,
    "ref": _name_like,
}
