"""``sallyport account``: who may sign in to the pages, and as what. Each change is in the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import InputError, command, framed
from cli.looking import who
from cli.office import day, print_json, print_table, shown

if TYPE_CHECKING:
    from config.settings import Settings
    from web.accounts.models import Account
    from web.accounts.roles import Role

app = typer.Typer(no_args_is_help=True, help="Accounts of people who use the pages: make, list, give roles, disable.")
Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The person's own e-mail address.")]
_ROLES = "officer, reviewer, breach-team, records-officer, inspector or operator"


@app.command("add")
@command
def add(
    address: Address,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[list[str] | None, typer.Option(help=f"{_ROLES}; repeat it for more.")] = None,
    officer: Annotated[str, typer.Option(help="Their code in the register, if they are an officer there.")] = "",
) -> None:
    """Make an account, and show the link with which its owner makes a password: this once. It works once."""
    settings = framed(pages=True)
    from web import clock
    from web.accounts import making

    if officer:
        _is_in_the_register(officer)
    with _sentences():
        account = making.make(address, name, [_role(r) for r in role or ()], who(), clock.now(), officer)
        _print_invitation(account, settings)


@app.command("invite")
@command
def invite(
    address: Address,
    reset: Annotated[bool, typer.Option("--reset", help="Forget password and second factor: they start anew.")] = False,
) -> None:
    """A new link, for somebody who let theirs run out; with --reset for somebody who lost password or telephone."""
    settings = framed(pages=True)
    from web import clock
    from web.accounts import making

    account = _one(address)
    with _sentences():
        if reset:
            making.forget_secrets(account, who(), clock.now())
        elif account.has_usable_password():
            public = "This account has a password already; add --reset to start anew."
            raise InputError("has a password", public=public)
        _print_invitation(account, settings)


@app.command("list")
@command
def list_(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Every account, its roles now, whether it is protected, and when it was last used."""
    framed(pages=True)
    from web import clock
    from web.accounts.models import Account
    from web.accounts.second_factor import has_factor

    rows = list(Account.objects.order_by("email"))
    told = [
        {
            "address": row.email,
            "name": row.name,
            "roles": sorted(row.roles(clock.now())),
            "active": row.is_active,
            "second_factor": has_factor(row),
            "last_used": row.last_login.isoformat() if row.last_login else None,
        }
        for row in rows
    ]
    if as_json:
        print_json(told)
    elif rows:
        columns = ("address", "name", "roles", "may sign in", "second factor", "last used")
        cells: list[tuple[str, ...]] = [
            (
                *(row.email, row.name, " ".join(sorted(row.roles(clock.now()))) or "none"),
                *("yes" if row.is_active else "no", "yes" if has_factor(row) else "not yet"),
                shown(row.last_login) if row.last_login else "never",
            )
            for row in rows
        ]
        print_table("Accounts", columns, cells)
    else:
        print("There is no account yet; see `sallyport account add --help`.")


@app.command("role")
@command
def role_(
    address: Address,
    give: Annotated[list[str] | None, typer.Option(help=f"{_ROLES}; repeat it for more.")] = None,
    take: Annotated[list[str] | None, typer.Option(help="A role that ends now; repeat it for more.")] = None,
    until: Annotated[str, typer.Option(help="The last day of what is given, as 2026-02-28.")] = "",
) -> None:
    """Give roles, or take them. They count from the next click on."""
    framed(pages=True)
    from web import clock
    from web.accounts import making

    account, last = _one(address), _end_of(until)
    with _sentences():
        for name in give or ():
            making.give(account, _role(name), who(), clock.now(), last)
        for name in take or ():
            making.take(account, _role(name), who(), clock.now())
    print(f"Roles now: {', '.join(sorted(account.roles(clock.now()))) or 'none'}.")


@app.command("disable")
@command
def disable(address: Address) -> None:
    """Nobody signs in with it any more, and whoever is signed in is out with their next click."""
    framed(pages=True)
    from web import clock
    from web.accounts import making

    making.disable(_one(address), who(), clock.now())
    print("Disabled.")


@app.command("enable")
@command
def enable(address: Address) -> None:
    """It may sign in again, with the password and the roles that it has."""
    framed(pages=True)
    from web import clock
    from web.accounts import making

    making.enable(_one(address), who(), clock.now())
    print("Enabled.")


def _print_invitation(account: Account, settings: Settings) -> None:
    from web import clock
    from web.accounts import making

    if not settings.sign_in.passwords:
        print("Made. They sign in with their council account.")
        return
    link = f"{address_of(settings)}{making.invitation(account, who(), clock.now())}"
    print(f"Give this link to {account.name} alone, not by a mail that others read. It works once, for")
    print(f"{settings.sign_in.invitation_hours} hours:\n\n  {link}\n")


def address_of(settings: Settings) -> str:
    """Where people reach the pages."""
    scheme = "https" if settings.web.tls_certificate else "http"
    return settings.console.url or f"{scheme}://{settings.web.host}:{settings.web.port}"


def _one(address: str) -> Account:
    from domain.model import folded
    from web.accounts.models import Account

    found = Account.objects.filter(email=folded(address.strip())).first()
    if found is None:
        raise InputError("no such account", public=f"There is no account '{address}'; see `sallyport account list`.")
    return found


def _role(name: str) -> Role:
    from web.accounts.roles import Role

    try:
        return Role(name)
    except ValueError:
        raise InputError("role", public=f"'{name}' is no role; it must be {_ROLES}.") from None


def _end_of(text: str) -> datetime | None:
    from domain.here import HERE

    last = day(text or None, "--until")
    return datetime.combine(last, time.max, tzinfo=HERE) if last else None


def _is_in_the_register(code: str) -> None:
    from domain.permission import PartyKind
    from register.models import Party

    if not Party.objects.filter(code=code, kind=PartyKind.OFFICER.value).exists():
        raise InputError("no such officer", public=f"The register has no officer with the code '{code}'.")


@contextmanager
def _sentences() -> Iterator[None]:
    """What cannot be made is a sentence and exit code 5."""
    from web.accounts.making import CannotMake

    try:
        yield
    except CannotMake as error:
        raise InputError(error.private, public=error.public) from error
