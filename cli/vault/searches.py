"""``sallyport vault searches``: searches that are kept and tell of new records; and who searched what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.frame import InputError, command, framed, mailbox
from cli.keys.masters import read_all
from cli.looking import looked
from cli.vault.asking import asker, parsed, pointing

app = typer.Typer(no_args_is_help=True, help="Searches that are kept, and who searched what.")
_Identity = Annotated[list[Path], typer.Option("--identity", "-i", help="A master's age key file (repeat).")]


@app.command("save")
@command
def save(
    query: Annotated[str, typer.Argument(help="As for `sallyport vault search`.")],
    to: Annotated[str, typer.Option(help="Who is told of new records by mail; a mailbox of the council.")],
    why: Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")],
) -> None:
    """Keep a search; its owner gets a short mail when new records are found. The mail holds no words."""
    settings = framed()
    from domain.model import folded
    from gateway.bootstrap import build_keyed
    from gateway.clock import SystemClock
    from vault.search import saved

    owner = mailbox(to)
    if not owner.belongs_to([folded(d) for d in settings.service.domains]):
        raise InputError("owner", public=f"{owner} is not a mailbox of the council (service.domains).")
    if not why.strip():
        raise InputError("no reason", public="A reason is needed: --why goes to the audit trail with your name.")
    keyed = build_keyed(settings)
    with pointing(query):
        tree, terms = parsed(query, settings, keyed)
    print(saved.save(tree, terms, keyed, owner, settings.vault.masters, asker(why), SystemClock().now()))


@app.command("list")
@command
def list_(identity: _Identity = []) -> None:  # noqa: B006 - typer's
    """Those that are kept: id, who is told, since when. With a master key also what they look for."""
    framed()
    from vault.models import SavedSearch

    looked("searches listed")
    found = read_all(identity)
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for row in SavedSearch.objects.order_by("id"):
        last = f"; told last {row.told_at:%Y-%m-%d %H:%M}" if row.told_at else ""
        console.print(f"{row.id}  {row.owner}  made {row.made_at:%Y-%m-%d}{last}")
        if found:
            console.print(f"  {_opened(bytes(row.query), found)}")


@app.command("forget")
@command
def forget(
    search: Annotated[str, typer.Argument(help="Its id, as `sallyport vault searches list` shows it.")],
    why: Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")],
) -> None:
    """Keep it no longer."""
    framed()
    from gateway.clock import SystemClock
    from vault.search import saved

    try:
        saved.forget(search, asker(why), SystemClock().now())
    except (saved.NoSuchSearch, saved.OnHold) as error:
        raise InputError(error.private, public=error.public) from None
    print("Forgotten.")


@app.command("asked")
@command
def asked(
    identity: _Identity,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 50,
) -> None:
    """Who searched what, from the audit trail: only a master key can read the words."""
    framed()
    from vault.search.asked import events
    from vault.unseal import CannotOpen

    found, none_opens = read_all(identity), None
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for event, sealed in events(limit):
        try:
            words, none_opens = _opened(sealed, found), False
        except CannotOpen:  # never sealed anew: the trail is not changed
            words, none_opens = (
                "(none of the keys given opens these words; a master of that time does)",
                none_opens is None or none_opens,
            )
        console.print(f"{event.at:%Y-%m-%d %H:%M}  {event.actor}  found {event.details['found']:,}  {event.why}")
        console.print(f"  {words}")
    if none_opens:
        raise CannotOpen("no search opens", public="The keys given open none of these searches.")


def _opened(sealed: bytes, identities: list[Any]) -> str:
    from vault.unseal import decrypt

    words = decrypt(sealed, identities, "query").decode()
    return "".join(c if c.isprintable() else " " for c in words)
