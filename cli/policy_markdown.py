"""The whole policy as Markdown that a data-protection officer can read, and in which a change shows as a few lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from domain.decision import Action
from domain.rules import Consequence, Rules
from domain.tables import Page, pages

_HEAD = """\
# The decision table

Written by `sallyport policy table --markdown`; a test keeps it true to `config/policy.toml`.

Each mail is judged for every recipient, once for each person it is about and each category found in it; the strictest
answer counts. Headings say what the recipient is to the person, lines how the person's permission stands, columns what
was found. An answer is the action, the ground on which something is shared, and the row of the policy that says so. A
dagger (†) marks what gives way when an officer asks for an urgent release. What stands under Everybody comes first;
further down, "all" and "all but" speak of the rest.
"""


def markdown(rules: Rules) -> str:
    """All of it: the table, the rows' sentences, what holds whatever the permission, the numbers."""
    return "\n".join(_lines(rules)).rstrip() + "\n"


def _lines(rules: Rules) -> Iterator[str]:
    yield _HEAD
    for page in pages(rules):
        yield from _page(page, rules)
    yield "## What each row says\n"
    yield from _table(_WORDS, (_told(row.consequence, rules) for row in rules.sharing))
    yield "## Whatever the permission\n"
    yield from _table(_WORDS, (_told(consequence, rules) for consequence in rules.conditions.values()))
    yield "## Numbers\n"
    yield from _table(["what", "value"], _numbers(rules))


_WORDS = ("row", "action", "ground", "also", "why, and what to do")


def _page(page: Page, rules: Rules) -> Iterator[str]:
    yield f"## {page.title.capitalize()}\n"
    rows = ([page.states(row), *(_cell(c, rules) for c in row.cells)] for row in page.rows)
    yield from _table(["permission", *page.head()], rows)


def _cell(consequence: Consequence | None, rules: Rules) -> str:
    if consequence is None:
        return "**nothing is said**"
    ground = f" ({consequence.basis})" if consequence.basis else ""
    return f"{_action(consequence)}{ground}: {consequence.rule}{_dagger(consequence, rules)}"


def _action(consequence: Consequence) -> str:
    """In bold what does not leave."""
    word = "warn" if consequence.warns else consequence.action.name.lower()
    return f"**{word}**" if consequence.action >= Action.HOLD else word


def _dagger(consequence: Consequence, rules: Rules) -> str:
    return " †" if consequence.rule in rules.urgency.overrides else ""


def _told(consequence: Consequence, rules: Rules) -> tuple[str, ...]:
    words = f"{consequence.why}. {consequence.fix}".strip()
    also = ", ".join(sorted(consequence.obligations))
    return consequence.rule, _action(consequence) + _dagger(consequence, rules), consequence.basis or "", also, words


def _numbers(rules: Rules) -> Iterator[tuple[str, str]]:
    yield "version of the policy", rules.version
    yield "a finding counts from likelihood", f"{rules.threshold:g}"
    yield "the same where somebody of the register is named", f"{rules.threshold_named:g}"
    yield "ways of protecting, best first", ", ".join(rules.methods)
    yield "a permission is reviewed after at most", _time(rules.reviews.usual)
    yield "the same where capacity fluctuates", _time(rules.reviews.fluctuating)
    yield "a carer's training lasts", _time(rules.training)
    yield "an urgent release is reviewed within", _time(rules.urgency.review)
    for concern, basis in rules.urgency.bases.items():
        yield f"urgent: {concern}", f"{basis}, because {concern.label}"
    for word, kind in rules.tags.items():
        yield f"tag [{word}]", kind
    yield "a reviewer may let give way", ", ".join(sorted(rules.held.acceptable)) or "nothing"
    yield "of these with a second reviewer", ", ".join(sorted(rules.held.two_people)) or "none"


def _time(length: timedelta) -> str:
    days, rest = divmod(length, timedelta(days=1))
    hours = f"{length // timedelta(hours=1)} hours"
    return hours if rest or days < _FEW_DAYS else f"{days} days"


_FEW_DAYS = 7


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Columns as wide as they must be, so that the file can be read as it is; sentences are not filled up."""
    lines = [[cell.replace("|", "\\|") for cell in line] for line in (head, *rows)]
    longest = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    widths = [w if w <= _WIDEST else 0 for w in longest]
    lines.insert(1, ["-" * max(3, w) for w in widths])
    yield from ("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines)
    yield ""


_WIDEST = 60
