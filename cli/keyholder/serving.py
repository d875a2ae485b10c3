"""``sallyport keyholder``: takes what the pages ask for, one at a time, and does it where the keys are.

It listens nowhere: it reads rows and writes rows. Whoever breaks into the pages can ask, and no more.
"""

from __future__ import annotations

import signal
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import structlog
import typer
from rich.console import Console

from cli.account import account
from cli.frame import command, framed
from cli.keyholder.tools import NotDone, Tools, made
from cli.keys.masters import Identities, read_all
from domain.errors import SallyportError, TryAgain

if TYPE_CHECKING:
    from vault.models import Errand

_PAUSE_SECONDS = 1.0
_EVERY = timedelta(seconds=30)


@command
def keyholder(
    identity: Identities,
    ask: Annotated[bool, typer.Option("--ask", help="Ask here before each: who wants what, and why.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Do what waits, and end.")] = False,
) -> None:
    """Open mails, pack evidence, answer requests and carry out disposals for the pages, which have no key.

    Until Ctrl-C or SIGTERM.
    """
    settings = framed(pages=True)
    from gateway import logs

    identities = read_all(identity)
    logs.set_up()
    stop = threading.Event()
    if not ask:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    with made(settings, identities, account()) as tools:
        there = tools.clock.now()
        while not stop.is_set():
            if tools.clock.now() >= there:
                there = tools.clock.now() + _EVERY
                _be_there(tools)
            if not serve_one(tools, ask=ask):
                if once:
                    return
                stop.wait(_PAUSE_SECONDS)


def serve_one(tools: Tools, *, ask: bool = False) -> bool:
    """The oldest that waits; whether there was one. Nothing that goes wrong with one keeps it from the next."""
    from vault.errands import answering

    try:
        answering.forget(tools.clock.now())
        row = answering.take(tools.clock.now())
    except TryAgain as error:
        structlog.get_logger("keyholder").warning("unavailable", reason=error.private)
        return False
    if row is None:
        return False
    try:
        says = _do(row, tools, ask=ask)
    except SallyportError as error:
        structlog.get_logger("keyholder").warning("errand refused", errand=row.pk, kind=row.kind, reason=error.private)
        says = error.public
    except Exception as error:  # noqa: BLE001 - whatever a mail made of it, the next one is served
        name = type(error).__name__
        structlog.get_logger("keyholder").warning("errand failed", errand=row.pk, kind=row.kind, error=name)
        says = "Something went wrong here. Ask whoever runs the service."
    if says:
        answering.refuse(row, says, tools.clock.now())
    return True


def _do(row: Errand, tools: Tools, *, ask: bool) -> str:
    """Empty, or why it is refused."""
    from cli.keyholder import requests
    from cli.keyholder.destroying import destroy
    from cli.keyholder.looking import look
    from cli.keyholder.packing import pack
    from vault.models import ErrandKind

    _may(row, tools)
    if ask and row.kind != ErrandKind.DECIDE and not _agreed(row):  # what was decided opens nothing
        return "The key holder refused it. Ask them why."
    do = {
        ErrandKind.LOOK: look,
        ErrandKind.EVIDENCE: pack,
        ErrandKind.DISPOSAL: destroy,
        ErrandKind.COLLECT: requests.collect,
        ErrandKind.REVIEW: requests.review,
        ErrandKind.DECIDE: requests.decide,
        ErrandKind.PREVIEW: requests.preview,
        ErrandKind.ANSWER: requests.answer,
        ErrandKind.DROP: requests.drop,
    }
    do[ErrandKind(row.kind)](row, tools)
    structlog.get_logger("keyholder").info("errand done", errand=row.pk, kind=row.kind)
    return ""


def _may(row: Errand, tools: Tools) -> None:
    """Asked once more, of the accounts as they are now. Raises :class:`NotDone`."""
    from vault.models import ErrandKind
    from web.accounts.models import Account
    from web.console.may import TABLE, Action

    needed = {
        ErrandKind.LOOK: (Action.RECORD_READ,),
        ErrandKind.EVIDENCE: (Action.EVIDENCE_ASK, Action.EVIDENCE_AGREE),
        ErrandKind.DISPOSAL: (Action.DISPOSAL_EXECUTE,),
    }.get(ErrandKind(row.kind), (Action.REQUESTS_ANSWER, Action.REQUESTS_ANSWER))
    people = (row.asked_by, *([row.agreed_by] if row.agreed_by else []))
    for actor, action in zip(people, needed, strict=False):
        found = Account.objects.filter(email=actor.removeprefix("console:"), is_active=True).first()
        if found is None or not found.roles(tools.clock.now()) & TABLE[action]:
            raise NotDone("not allowed", public="Whoever asked may not have this any more.")


def _agreed(row: Errand) -> bool:
    """Asked on the terminal."""
    console = Console(markup=False, highlight=False, emoji=False)
    console.print(f"{row.asked_by} asks for {row.get_kind_display()} ({row.target}): {_line(row.why)}")
    if row.agreed_by:
        console.print(f"{row.agreed_by} agreed.")
    return typer.confirm("Do it?", default=False)


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _be_there(tools: Tools) -> None:
    """So that the pages can say whether somebody will answer."""
    from vault.errands.asking import HOLDER
    from vault.operations import note_job

    try:
        note_job(HOLDER, _EVERY, tools.clock.now())
    except TryAgain as error:
        structlog.get_logger("keyholder").warning("unavailable", reason=error.private)
