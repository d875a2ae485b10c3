"""``sallyport reviews``: what has to be looked at, the overdue first; reviews that were held."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from cli.dues import every_due
from cli.frame import command, framed
from cli.looking import looked
from cli.office import day, in_the_office, print_json, print_table, shown
from cli.permission import Json
from config import policy
from domain.due import Due, Matter, Stage, in_order

app = typer.Typer(help="What has to be looked at, the overdue first; reviews that were held.")

_TITLES = {
    Matter.RELEASE: "Urgent releases to look at: `sallyport reviews release ID --outcome ...`",
    Matter.REQUEST: "Permission in question; ask the person: `sallyport reviews close ID --outcome ...`",
    Matter.PERMISSION: "Permissions to review: `sallyport permission renew ID --outcome ...`",
    Matter.BASIS: "Other grounds for sharing to look at again: `sallyport reviews basis ID --outcome ...`",
    Matter.LEAVING: "Papers and copies of carers who have parted from somebody: `sallyport leaving`",
    Matter.TRAINING: "Carers whose data-protection training is due",
    Matter.APPRAISAL: "Carers whose yearly appraisal is due",
    Matter.ACCESS: "Subject access requests to answer: `sallyport sar`",
    Matter.KEY: "Keys and certificates that expire: `sallyport keys add`",
}
Number = Annotated[int, typer.Argument(metavar="ID", help="As `sallyport reviews` shows it.")]
Outcome = Annotated[str, typer.Option(help="What came of it.")]
By = Annotated[str | None, typer.Option(help="Who held it; else you.")]


@app.callback(invoke_without_command=True)
def _group(context: typer.Context) -> None:
    """What has to be looked at, the overdue first; reviews that were held."""
    if context.invoked_subcommand is None:
        list_()


@app.command("list")
@command
def list_(as_json: Json = False) -> None:
    """Releases, requests, permissions, other grounds, training, access requests; keys within 60 days, others 30."""
    settings = framed()
    from gateway.clock import SystemClock

    looked("reviews listed")
    now = SystemClock().now()
    found = in_order(every_due(settings, now, policy.load(settings.policy_file)), now)
    if as_json:
        print_json([_as_json(stage, item) for stage, item in found])
        return
    for matter, title in _TITLES.items():
        rows = [_row(stage, item) for stage, item in found if item.matter is matter]
        if rows:
            print_table(title, ("id", "about", "when", "due", "note"), rows)
    if not found:
        print("Nothing is overdue, waiting, or due within 30 days; no key expires within 60.")


@app.command("close")
@command
def close(number: Number, outcome: Outcome, by: By = None) -> None:
    """Record that a person was asked whether something may be shared. What they permitted is recorded as a form."""
    framed()
    from gateway.clock import SystemClock
    from register.recording import close_review_request

    with in_the_office():
        close_review_request(number, SystemClock().now(), by=_who(by), outcome=outcome)
    print("Closed.")


@app.command("release")
@command
def release(number: Number, outcome: Outcome, by: By = None) -> None:
    """Record that an urgent release was reviewed."""
    framed()
    from gateway.clock import SystemClock
    from register.recording import review_release

    with in_the_office():
        review_release(number, SystemClock().now(), by=_who(by), outcome=outcome)
    print("Reviewed.")


@app.command("basis")
@command
def basis(
    code: Annotated[str, typer.Argument(metavar="ID", help="As `sallyport reviews` shows it.")],
    outcome: Outcome,
    next_due: Annotated[str | None, typer.Option(help="A day, if it is to be looked at again.")] = None,
    end: Annotated[bool, typer.Option("--end", help="And end it now.")] = False,
) -> None:
    """Record that a decision to share on another ground was looked at again."""
    framed()
    from gateway.clock import SystemClock
    from register.recording import end_basis, review_basis

    now, again = SystemClock().now(), day(next_due, "--next-due")
    with in_the_office():
        review_basis(code, now, outcome=outcome, next_due=again)
        if end:
            end_basis(code, now)
    print("Reviewed, and ended." if end else "Reviewed.")


def _who(by: str | None) -> str:
    return getpass.getuser() if by is None else by


def _row(stage: Stage, due: Due) -> tuple[str, ...]:
    return due.ref, due.about, stage.label.lower(), _until(due), "; ".join(filter(None, (due.note, due.detail)))


def _until(due: Due) -> str:
    if due.until is None or not due.dated:
        return ""
    return shown(due.until) if due.matter is Matter.RELEASE else f"{due.last_day(due.until):%d %B %Y}"


def _as_json(stage: Stage, due: Due) -> dict[str, str | None]:
    return {
        "matter": due.matter.value,
        "id": due.ref,
        "about": due.about,
        "stage": stage.name.lower(),
        "due": due.until.isoformat() if due.until and due.dated else None,
        "note": due.note,
        "detail": due.detail,
    }
