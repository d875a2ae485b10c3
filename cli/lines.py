"""``sallyport permission line``: one recipient more on a form, another thing that they may know, a line withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import InputError, command, framed
from cli.office import in_the_office, print_json
from domain.model import Category

if TYPE_CHECKING:
    from register.models import Permission

app = typer.Typer(no_args_is_help=True, help="Who is on a form, and what they may know: add, change, withdraw a line.")

Code = Annotated[str, typer.Argument(help="The permission's id, as `permission show` prints it.")]
Named = Annotated[str, typer.Argument(metavar="WHO", help="The id of a party, or of a whole organisation.")]
May = Annotated[
    list[str],
    typer.Option("--may-know", help=f"A kind; repeat it. 'all', or of: {', '.join(Category)}."),
]
Purposes = Annotated[list[str] | None, typer.Option("--purpose", help="What for, in a few words; repeat it.")]
Why = Annotated[str, typer.Option(help="Why; kept in the history with your name (100 characters).")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.callback()
def _group() -> None:
    """Who is on a form, and what they may know."""


@app.command("add")
@command
def add(code: Code, who: Named, may: May, why: Why, purpose: Purposes = None, as_json: Json = False) -> None:
    """One more on the form, from now on; the person has agreed to it. The same again changes nothing."""
    framed()
    from gateway.clock import SystemClock
    from register.recording import Line, add_line

    line = Line(who, kinds(may), tuple(purpose or ()))
    with in_the_office(_said(why)):
        form = add_line(code, line, SystemClock().now())
    _say(form, who, as_json=as_json)


@app.command("change")
@command
def change(code: Code, who: Named, may: May, why: Why, purpose: Purposes = None, as_json: Json = False) -> None:
    """What somebody on the form may know from now on, all of it; what it was is kept. Purposes stay unless given."""
    framed()
    from gateway.clock import SystemClock
    from register.recording import change_line

    purposes = None if purpose is None else tuple(purpose)
    with in_the_office(_said(why)):
        form = change_line(code, who, kinds(may), SystemClock().now(), purposes=purposes)
    _say(form, who, as_json=as_json)


@app.command("withdraw")
@command
def withdraw(
    code: Code,
    who: Named,
    why: Why,
    by: Annotated[str, typer.Option(help="Who took it back.")] = "",
    as_json: Json = False,
) -> None:
    """Take a line back, at once and for good; the rest of the form stays."""
    framed()
    from gateway.clock import SystemClock
    from register import recording

    with in_the_office(_said(why)):
        form = recording.withdraw(code, SystemClock().now(), by=by, recipients=[who])
    _say(form, who, as_json=as_json)


def _said(why: str) -> str:
    if not why.strip():
        raise InputError("why", public="--why says why; it is kept with your name.")
    return why.strip()


def kinds(names: list[str]) -> frozenset[Category]:
    """As typed. Raises :class:`InputError`."""
    if names == ["all"]:
        return frozenset(Category)
    try:
        return frozenset(Category(name) for name in names)
    except ValueError:
        public = f"--may-know must be 'all', or one of these kinds: {', '.join(Category)}."
        raise InputError("category", public=public) from None


def _say(form: Permission, who: str, *, as_json: bool) -> None:
    """How the line stands now, as it is stored."""
    from register.recording.lines import grants_of

    line = grants_of(form)[who]
    if as_json:
        print_json({
            "permission": form.code, "who": who, "categories": line.categories, "purposes": line.purposes,
            "since": line.since.isoformat() if line.since else None,
            "changed_at": line.changed_at.isoformat() if line.changed_at else None,
            "withdrawn_at": line.withdrawn_at.isoformat() if line.withdrawn_at else None,
        })  # fmt: skip
        return
    if line.withdrawn_at:
        print(f"Withdrawn: {form.code} for {who}. The next mail is decided without it.")
        return
    kinds = "everything" if len(line.categories) == len(Category) else ", ".join(line.categories)
    print(f"{form.code}: {who} may know {kinds}. The next mail is decided by it.")
