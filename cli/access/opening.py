"""``sallyport sar open|ask|answer|extend``: what happens to a request before it is answered."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.access.edge import acting, day_or_today, told
from cli.frame import command, framed
from cli.whom import person_of
from domain.access_request import Wanted
from domain.access_words import told_by_clock

Case = Annotated[str, typer.Argument(help="The case, as `sallyport sar list` shows it: SAR-7.")]
Day = Annotated[str | None, typer.Option("--on", help="The day it happened, as 2026-02-28; else today.")]


@command
def open_(
    person: Annotated[str, typer.Argument(help="The person's council ID.")],
    received: Annotated[str | None, typer.Option(help="The day it came, as 2026-02-28, whatever weekday.")] = None,
    asker: Annotated[
        str, typer.Option("--from", help="Who asks: person, representative, solicitor, other.")
    ] = "person",
    scope: Annotated[str, typer.Option(help="What they want, if not everything. Name nobody.")] = "",
) -> None:
    """Open a case for a request that has come. Asked by word of mouth counts as well."""
    framed()
    from vault.export import cases
    from vault.models import Asker

    who = acting()
    if asker not in Asker.values:
        raise typer.BadParameter(f"'{asker}' is none of {', '.join(Asker.values)}", param_hint="--from")
    with told():
        case = cases.open_case(
            person_of(person).ref, day_or_today(received, "--received", who), who, asker=asker, scope=scope
        )
        print(f"{case.code} is open.")
        _say(case.code)


@command
def ask(
    case: Case,
    what: Annotated[
        Wanted, typer.Option(help="clarification stops the clock; identification starts it when it comes.")
    ],
    on: Day = None,
) -> None:
    """The person was asked for something that is needed first."""
    framed()
    from vault.export import cases

    who = acting()
    with told():
        cases.ask(cases.find(case), what, day_or_today(on, "--on", who), who)
        _say(case)


@command
def answer(
    case: Case,
    what: Annotated[Wanted | None, typer.Option(help="Which answer, if two are awaited.")] = None,
    on: Day = None,
) -> None:
    """The answer came, and the clock goes on."""
    framed()
    from vault.export import cases

    who = acting()
    with told():
        cases.answer(cases.find(case), day_or_today(on, "--on", who), who, what)
        _say(case)


@command
def extend(
    case: Case,
    reason: Annotated[str, typer.Option(help="Why it is complex; the person must be told this. Name nobody.")],
    on: Day = None,
) -> None:
    """The person was told that it takes two months more. Only within the first month."""
    framed()
    from vault.export import cases

    who = acting()
    with told():
        cases.extend(cases.find(case), day_or_today(on, "--on", who), reason, cases.bank_holidays(who.today), who)
        _say(case)


@command
def close(
    case: Case,
    outcome: Annotated[str, typer.Option(help="What came of it: withdrawn, refused and why. Name nobody.")],
    on: Day = None,
) -> None:
    """End a request without a bundle: it was withdrawn, refused, or answered another way."""
    framed()
    from vault.export import cases

    who = acting()
    with told():
        cases.close(cases.find(case), day_or_today(on, "--on", who), outcome, who)
        _say(case)


def _say(code: str) -> None:
    """The clock, as it stands after that."""
    from vault.export import cases

    case, today = cases.find(code), acting().today
    for line in told_by_clock(cases.standing(case, cases.bank_holidays(today), today), today):
        print(line)
