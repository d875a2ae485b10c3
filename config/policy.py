"""Reads ``policy.toml`` into :class:`domain.rules.Rules`. A file that cannot be used is refused with the row named."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from domain.decision import Action, Basis, Method, Obligation
from domain.errors import ConfigurationError
from domain.guard import GuardRules
from domain.model import Category
from domain.permission import OTHER_BASES, PermissionState, Relation, ReviewIntervals
from domain.rules import MISDIRECTED, Condition, Consequence, Rules, SharingRule, Urgency, check
from domain.ruling import ReviewRules
from domain.tags import Concern, TagKind, TagWords

_Word = TypeVar("_Word", bound=StrEnum)


def load(path: Path) -> Rules:
    """The checked rules of a file. Raises ``ConfigurationError`` with a sentence that names the row."""
    return check(read(path))


def read(path: Path) -> Rules:
    """The rules of a file as they stand there, to be looked at (``domain/tables.py``). Raises as :func:`load`."""
    try:
        return _rules(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigurationError("policy file", public=f"The policy file {path} cannot be read.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "policy syntax", public=f"The policy file {path} is not well formed: {error}."
        ) from error
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigurationError(
            "policy value", public=f"The policy file {path} has a value of the wrong kind: {error}."
        ) from error


_PARTS = {
    "": "version threshold threshold_named methods tags reviews training urgent held guard conditions sharing",
    "reviews": "days days_fluctuating",
    "training": "days appraisal_days",
    "urgent": "review_hours overrides reasons",
    "held": "acceptable two_people",
    "guard": "remember_days often visible sender_settles digest_hours",
}
"""What may stand in the file and its sections: a misspelt word would otherwise lose its meaning without a sound."""
_TOLD = frozenset({"action", "basis", "why", "fix", "obligations"})
_REACH = frozenset({"id", "relation", "permission", "category"})


def _no_other(table: Mapping[str, Any], known: Collection[str], where: str) -> None:
    for name in table.keys() - set(known):
        raise ConfigurationError(
            "unknown setting", public=f"The policy cannot be used: {where} says '{name}', which is not known there."
        )


def _rules(table: Mapping[str, Any]) -> Rules:
    for part, words in _PARTS.items():
        _no_other(table.get(part, {}) if part else table, words.split(), f"[{part}]" if part else "the file")
    conditions = table.get("conditions", {})
    return Rules(
        version=str(table.get("version", "")),
        threshold=float(table.get("threshold", 0)),
        threshold_named=float(table.get("threshold_named", 0)),
        sharing=tuple(_sharing(row) for row in table.get("sharing", ())),
        conditions={_word(Condition, name): _condition(name, row) for name, row in conditions.items()},
        methods=tuple(_word(Method, m) for m in table.get("methods", ())),
        tags=_tags(table.get("tags", {})),
        reviews=ReviewIntervals(_days(table, "reviews", "days"), _days(table, "reviews", "days_fluctuating")),
        training=_days(table, "training", "days"),
        appraisal=_days(table, "training", "appraisal_days"),
        urgency=_urgency(table.get("urgent", {})),
        held=_held(table.get("held", {})),
        guard=_guard(table.get("guard", {})),
    )


def _tags(table: Mapping[str, Any]) -> TagWords:
    return {str(word).casefold(): _word(TagKind, kind) for kind, words in table.items() for word in words}


def _days(table: Mapping[str, Any], section: str, name: str) -> timedelta:
    days = table.get(section, {}).get(name)
    if not isinstance(days, int):
        raise ConfigurationError(
            "policy number", public=f"The policy cannot be used: [{section}] must say {name} as a whole number."
        )
    return timedelta(days=days)


def _urgency(table: Mapping[str, Any]) -> Urgency:
    bases = {_word(Concern, concern): _word(Basis, basis) for concern, basis in table.get("reasons", {}).items()}
    for basis in set(bases.values()) - set(OTHER_BASES):
        raise ConfigurationError(
            "urgent basis", public=f"The policy cannot be used: '{basis}' is no ground for an urgent release."
        )
    hours = timedelta(hours=int(table.get("review_hours", 72)))
    return Urgency(frozenset(map(str, table.get("overrides", ()))), bases, hours)


def _held(table: Mapping[str, Any]) -> ReviewRules:
    return ReviewRules(*(frozenset(map(str, table.get(name, ()))) for name in ("acceptable", "two_people")))


def _guard(table: Mapping[str, Any]) -> GuardRules:
    usual = GuardRules()
    return GuardRules(
        remember=timedelta(days=int(table.get("remember_days", usual.remember.days))),
        often=int(table.get("often", usual.often)),
        visible=int(table.get("visible", usual.visible)),
        sender_settles=frozenset(map(str, table.get("sender_settles", ()))),
        digest=timedelta(hours=int(table.get("digest_hours", 4))),
    )


def _condition(name: str, row: Mapping[str, Any]) -> Consequence:
    _no_other(row, _TOLD, f"[conditions.{name}]")
    return _consequence(name, row)


def _sharing(row: Mapping[str, Any]) -> SharingRule:
    name = str(row.get("id", ""))
    if not name:
        raise ConfigurationError("rule without id", public="The policy cannot be used: a [[sharing]] row has no id.")
    _no_other(row, _TOLD | _REACH, f"'{name}'")
    return SharingRule(
        relations=_words(Relation, row.get("relation", ()), name),
        states=_words(PermissionState, row.get("permission", ()), name),
        categories=_words(Category, row.get("category", ()), name),
        consequence=_consequence(name, row),
    )


def _consequence(name: str, row: Mapping[str, Any]) -> Consequence:
    basis = row.get("basis")
    if not row.get("why"):
        raise ConfigurationError("rule without why", public=f"The policy cannot be used: '{name}' does not say why.")
    action, obligations = str(row.get("action", "")), {_word(Obligation, o) for o in row.get("obligations", ())}
    warns = action == _WARN and name in MISDIRECTED
    return Consequence(
        rule=name,
        action=Action.RELAY if warns else _action(name, action),
        why=str(row["why"]),
        fix=str(row.get("fix", "")),
        basis=_word(Basis, basis) if basis else None,
        obligations=frozenset(obligations | ({Obligation.WARN_SENDER} if warns else set())),
    )


_WARN = "warn"
"""Of the guard's conditions alone: the mail leaves as it would, and its sender is told in the next digest."""


def _action(name: str, text: str) -> Action:
    allowed = {a.name.lower(): a for a in (Action.RELAY, Action.ENCRYPT, Action.HOLD, Action.REJECT)}
    if text not in allowed:
        raise ConfigurationError(
            "unknown action",
            public=f"The policy cannot be used: '{name}' has the action '{text}', not one of {', '.join(allowed)}.",
        )
    return allowed[text]


def _words(kind: type[_Word], names: Iterable[str], row: str) -> frozenset[_Word]:
    """``*`` is all of them; ``!name`` takes one out."""
    listed = list(names)
    plain = {n for n in listed if n != "*" and not n.startswith("!")}
    chosen = set(kind) if "*" in listed else {_word(kind, n) for n in plain}
    chosen -= {_word(kind, n[1:]) for n in listed if n.startswith("!")}
    if not chosen:
        raise ConfigurationError(
            "empty row",
            public=f"The policy cannot be used: '{row}' names no {kind.__name__.lower()}; write [\"*\"] for all.",
        )
    return frozenset(chosen)


def _word(kind: type[_Word], name: str) -> _Word:
    try:
        return kind(name)
    except ValueError as error:
        known = ", ".join(kind)
        raise ConfigurationError(
            "unknown word", public=f"The policy cannot be used: '{name}' is not known; it must be one of {known}."
        ) from error
