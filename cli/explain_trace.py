"""The trace of a decision, for people as the rule table they know, for programs as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.decision import Decision
from domain.trace import Option, Trace, TracedCase

_ASKED = ("relation", "permission", "category")


def print_trace(console: Console, decision: Decision, trace: Trace, names: Mapping[str, str]) -> None:
    """One recipient: the conditions, then for each person and category the rows up to the one that fired."""
    console.print(f"[bold]How it came about for {escape(str(decision.recipient))}[/]")
    for word, answer in (("hold", True), ("do not hold", False)):
        told = [c.value for c, holds in trace.conditions if holds is answer]
        if told:
            console.print(f"Conditions that {word}: {', '.join(told)}")
    for case in trace.cases:
        for number, option in enumerate(case.options):
            role = "" if number == case.chosen else " (another role of this address; the gentlest counts)"
            who = f"{names.get(case.person, case.person)}, {case.category.label}"
            console.print(f"{escape(who)}: {option.relation}, {option.state}{role}")
            console.print(_table(option))
        console.print(_outcome(case))


def _table(option: Option) -> Table:
    table = Table("row", *_ASKED, "action", box=SIMPLE, pad_edge=False)
    for look in option.looks:
        marks = ["[red]no[/]" if asked in look.misfits else "[green]fits[/]" for asked in _ASKED]
        action = "" if look.misfits else f"[bold]{option.consequence.action.name}[/]"
        table.add_row(look.rule, *marks, action)
    return table


def _outcome(case: TracedCase) -> str:
    row, reason = case.options[case.chosen].consequence, case.reason
    given = f"So: {row.action.name} by {row.rule}"
    if (reason.rule, reason.action) == (row.rule, row.action):
        return given
    return f"{given}, in the place of which stands {reason.action.name} by {reason.rule}"


def as_json(trace: Trace, names: Mapping[str, str]) -> dict[str, Any]:
    """Conditions by name; cases with each row that was looked at and in what it does not fit."""
    return {
        "conditions": {c.value: holds for c, holds in trace.conditions},
        "cases": [
            {
                "person": names.get(c.person, c.person),
                "category": c.category,
                "rule": c.reason.rule,
                "action": c.reason.action.name,
                "roles": [_option(o, counts=n == c.chosen) for n, o in enumerate(c.options)],
            }
            for c in trace.cases
        ],
    }


def _option(option: Option, *, counts: bool) -> dict[str, Any]:
    return {
        "relation": option.relation,
        "permission": option.state,
        "counts": counts,
        "rule": option.consequence.rule,
        "action": option.consequence.action.name,
        "looked_at": [{"rule": look.rule, "does_not_fit": list(look.misfits)} for look in option.looks],
    }
