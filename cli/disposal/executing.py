"""``sallyport disposal execute``: carry out what two people approved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from cli.account import account
from cli.disposal.proposing import build_viewer
from cli.exits import Exit
from cli.frame import InputError, command, framed
from cli.holds import build_mirror, told
from config.settings import Settings


@command
def execute(
    proposal: Annotated[str, typer.Argument(help="As `sallyport disposal list` shows it.")],
) -> None:
    """Destroy what is approved: every stored version, then the rows down to a stub; then file a certificate.

    Safe to break off and run again. What a hold or the store keeps stays open with the reason, and the rest goes on.
    """
    settings = framed()
    from vault.models import DisposalBatch

    batch = DisposalBatch.objects.filter(id=proposal.upper()).first()
    if batch is None:
        raise InputError("proposal", public=f"There is no proposal {proposal}; see `sallyport disposal list`.")
    with told(), Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("lines", total=batch.lines.filter(state__in=["open", "begun", "erased"]).count())
        gone, kept = carry_out(settings, batch.id, lambda _: progress.advance(task), account())
    certificates = certify(settings, batch.id, account())
    for name, why in kept.items():
        print(f"kept: {name}: {why}")
    print(f"{len(gone)} destroyed, {len(kept)} kept.")
    for certificate in certificates:
        print(f"Certificate {certificate}: sallyport disposal certificate {certificate}")
    if kept:
        raise typer.Exit(Exit.CHECK_FAILED)


def carry_out(
    settings: Settings, batch: str, progress: Callable[[str], None], actor: str
) -> tuple[list[str], dict[str, str]]:
    """What is approved; what is gone and, with the reason, what is kept. ``progress`` is told of each line."""
    from gateway.bootstrap import build_escrow, build_store
    from gateway.clock import SystemClock
    from vault.disposal.executing import Records
    from vault.disposal.shredding import Keys, overwrite_what_is_deleted, scrub
    from vault.search.index import purge

    clock, viewer = SystemClock(), build_viewer(settings)
    overwrite_what_is_deleted()
    build_mirror(settings, actor).sweep(clock.now())  # a hold that was lifted must be off in the store, too
    records = Records(build_store(settings), viewer, clock, actor).run(batch, progress)
    if records.disposed:
        purge()
        scrub()
    keys = Keys(build_escrow(settings), viewer, clock, actor, settings.disposal.key_grace).run(batch, progress)
    return records.disposed + keys.disposed, records.kept | keys.kept


def certify(settings: Settings, batch: str, actor: str) -> list[str]:
    """A certificate for each run that destroyed something; their numbers."""
    from gateway.bootstrap import build_store
    from gateway.clock import SystemClock
    from vault.disposal.certificates import Registrar

    return Registrar(build_store(settings), actor, settings.disposal.certificate).issue(batch, SystemClock().now())
