"""``sallyport incident judge|report|no-report|tell|no-tell|close|reopen``: what the law asks of us."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from cli.access.edge import acting
from cli.frame import command, framed
from cli.incident.edge import At, Case, say, told
from cli.office import moment
from domain.incident import Risk

if TYPE_CHECKING:
    from vault.acting import Acting
    from vault.models import Incident

Because = Annotated[str, typer.Option(help="The reason. It is kept in the register of breaches; name nobody.")]


@command
def judge(incident: Case, risk: Annotated[Risk, typer.Argument(help="How likely a risk to the people is.")]) -> None:
    """Judge the risk. Likely: the Commissioner is told. High: the people are told, too. Unlikely: say why not."""
    _do(incident, lambda book, row, who: book.judge(row, risk, who))


@command
def report(
    incident: Case,
    number: Annotated[str, typer.Option(help="The Commissioner's number for it.")],
    at: At = None,
    late_because: Annotated[str, typer.Option(help="After 72 hours: why so late.")] = "",
) -> None:
    """The Commissioner was told."""
    _do(incident, lambda book, row, who: book.report(row, moment(at, "--at") or who.now, number, who, late_because))


@command
def no_report(incident: Case, because: Because) -> None:
    """It is not reported, because a risk to the people is unlikely."""
    _do(incident, lambda book, row, who: book.do_not_report(row, because, who))


@command
def tell(incident: Case, at: At = None) -> None:
    """The people concerned, or who acts for them, were told."""
    _do(incident, lambda book, row, who: book.told_people(row, moment(at, "--at") or who.now, who))


@command
def no_tell(incident: Case, because: Because) -> None:
    """The people need not be told, for one of the reasons of UK GDPR Art. 34(3)."""
    _do(incident, lambda book, row, who: book.do_not_tell_people(row, because, who))


@command
def close(incident: Case) -> None:
    """Nothing is left to do. It stays in the register of breaches."""
    _do(incident, lambda book, row, who: book.close(row, who))


@command
def reopen(incident: Case, because: Because) -> None:
    """Something new has come to light."""
    _do(incident, lambda book, row, who: book.reopen(row, because, who))


def _do(reference: str, step: Callable[[ModuleType, Incident, Acting], None]) -> None:
    """A step of ``vault/incidents/casebook.py``, which can be loaded once the settings are."""
    framed()
    from vault.incidents import casebook

    who = acting()
    with told():
        step(casebook, casebook.find(reference), who)
        say(casebook.find(reference), who.now)
