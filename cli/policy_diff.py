"""``sallyport policy diff OLD NEW``: which real mails another policy would have decided otherwise."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from cli.frame import InputError, command, framed
from cli.looking import looked
from config import policy
from domain.decision import Decision
from domain.model import Address
from domain.replay import Change, Compared, compare
from domain.rules import Rules

if TYPE_CHECKING:
    from vault.recorded import Recorded

_SHOWN = 50
Old = Annotated[Path, typer.Argument(help="A policy file, for example the present one.")]
New = Annotated[Path, typer.Argument(help="The policy file to compare it with.")]


@command
def diff(
    old: Old,
    new: New,
    since: Annotated[int, typer.Option(min=0, help="Only the last so many days; 0 is all that is kept.")] = 0,
    recipients: Annotated[bool, typer.Option("--recipients", help="Show whom the mails were for.")] = False,
    grounds: Annotated[bool, typer.Option("--grounds", help="Also where only rule, ground or duty change.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many to show; all are counted.")] = _SHOWN,
    as_json: Annotated[bool, typer.Option("--json", help="All of them, for a program to read.")] = False,
) -> None:
    """Decide the mails of the last days anew, by two policies, and show where they differ. Changes nothing."""
    before, after = _rules(old), _rules(new)
    waits = bool(framed().pickup.recipient)
    before, after = replace(before, pick_up=waits), replace(after, pick_up=waits)
    from gateway.clock import SystemClock
    from vault import recorded

    looked("decisions replayed", days=since, recipients=recipients)
    first = SystemClock().now() - timedelta(days=since) if since else None
    rows = _watched(recorded.each(first), recorded.count(first))
    found = Found.of(rows, before, after, grounds=grounds)
    if as_json:
        print(json.dumps(found.as_json(recipients=recipients), indent=2))
    else:
        _print(found, limit, recipients=recipients)


def _watched(rows: Iterable[Recorded], total: int) -> Iterable[Recorded]:
    """With a bar on standard error, where somebody sees it."""
    console = Console(stderr=True)
    return track(rows, "Deciding anew", total, console=console, transient=True, disable=not console.is_terminal)


def _rules(path: Path) -> Rules:
    if not path.is_file():
        raise InputError("no such file", public=f"The file {path} cannot be read.")
    return policy.load(path)


@dataclass(frozen=True, slots=True)
class Line:
    """One recipient of one mail that is decided otherwise, or may be."""

    record: str
    at: str
    compared: Compared

    def as_json(self, *, recipients: bool) -> dict[str, Any]:
        """Without anybody's name; with the recipient's address if asked for."""
        known = self.compared.change is not Change.UNKNOWN
        return {
            "record": self.record,
            "at": self.at,
            **({"recipient": self.compared.recipient.key} if recipients else {}),
            "relation": list(self.compared.relations),
            "change": self.compared.change.name.lower(),
            "before": _as_json(self.compared.before) if known else None,
            "after": _as_json(self.compared.after) if known else None,
        }


@dataclass(slots=True)
class Found:
    """What came out, with counts of all."""

    mails: int = 0
    unread: int = 0
    changes: Counter[Change] = field(default_factory=Counter)
    actions: Counter[tuple[str, str]] = field(default_factory=Counter)
    lines: list[Line] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Iterable[Recorded], old: Rules, new: Rules, *, grounds: bool) -> Found:
        """Compares all rows, which come record by record; of a mail that was decided twice the last time counts."""
        found = cls()
        shown = {Change.ACTION, Change.UNKNOWN} | ({Change.GROUND} if grounds else set())
        for row, compared in found._each(rows, old, new):
            found.changes[compared.change] += 1
            if compared.change is Change.ACTION:
                found.actions[_told(compared.before), _told(compared.after)] += 1
            if compared.change in shown:
                found.lines.append(Line(row.record, row.at.isoformat(timespec="seconds"), compared))
        return found

    def _each(self, rows: Iterable[Recorded], old: Rules, new: Rules) -> Iterator[tuple[Recorded, Compared]]:
        from gateway.lookalike import Confusables

        record, seen, looks = "", set[Address](), Confusables()
        for row in rows:
            if row.record != record:
                record, seen = row.record, set()
                self.mails += 1
            if row.facts is None:
                self.unread += 1
                continue
            fresh = [c for c in compare(row.facts, old, new, looks) if c.recipient not in seen]
            seen.update(c.recipient for c in fresh)
            yield from ((row, c) for c in fresh)

    def as_json(self, *, recipients: bool) -> dict[str, Any]:
        """All of it."""
        return {
            "mails": self.mails,
            "recipients": self.changes.total(),
            "unreadable": self.unread,
            "counts": {change.name.lower(): self.changes[change] for change in Change},
            "actions": [{"before": a, "after": b, "count": n} for (a, b), n in self.actions.most_common()],
            "changes": [line.as_json(recipients=recipients) for line in self.lines],
        }


def _as_json(decision: Decision) -> dict[str, Any]:
    return {
        "action": decision.action.name,
        "method": decision.method,
        "rules": _rule_names(decision),
        "grounds": sorted({r.basis for r in decision.decisive if r.basis}),
        "obligations": sorted(decision.obligations),
    }


def _rule_names(decision: Decision) -> list[str]:
    return list(dict.fromkeys(r.rule for r in decision.decisive))


def _told(decision: Decision) -> str:
    return f"{decision.action.name} by {decision.method}" if decision.method else decision.action.name


def _print(found: Found, limit: int, *, recipients: bool) -> None:
    console = Console(highlight=False)
    if found.lines:
        console.print(_drawn(found.lines[:limit], recipients=recipients))
    if len(found.lines) > limit:
        console.print(f"... and {len(found.lines) - limit} more; --limit shows more of them.")
    for (before, after), count in found.actions.most_common():
        console.print(f"{count:6} {before} -> {after}")
    counts = found.changes
    console.print(
        f"{found.mails} mails, {counts.total()} recipients: {counts[Change.ACTION]} with another action, "
        f"{counts[Change.GROUND]} with the same action by another rule, ground or duty, {counts[Change.NONE]} the same."
    )
    if counts[Change.UNKNOWN]:
        console.print(
            f"Of {counts[Change.UNKNOWN]} it cannot be told: their mails were harmless when they were sent, so the "
            "register was not asked, and the addresses in To and Cc were not counted."
        )
    if found.unread:
        console.print(f"{found.unread} decisions were written down by another version, and were left out.")


def _drawn(lines: list[Line], *, recipients: bool) -> Table:
    drawn = Table()
    drawn.add_column("record", no_wrap=True)  # to be copied
    for name in ("decided", *(["recipient"] if recipients else []), "relation", "before", "after"):
        drawn.add_column(name, overflow="fold")
    for line in lines:
        c = line.compared
        known = c.change is not Change.UNKNOWN
        cells = [_cell(d) if known else "?" for d in (c.before, c.after)]
        address = [c.recipient.key] if recipients else []
        drawn.add_row(line.record, line.at[:16].replace("T", " "), *address, ", ".join(c.relations), *cells)
    return drawn


def _cell(decision: Decision) -> str:
    return f"{_told(decision)}: {', '.join(_rule_names(decision))}"
