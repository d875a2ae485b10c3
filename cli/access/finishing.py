"""``sallyport sar finish``: black out, prove, pack, sign, seal to the receiver, wipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.access.collecting import Folder
from cli.access.edge import acting, day_or_today, there, told, work_folder
from cli.frame import command, framed
from cli.sealing_to import AgeKeys, OpenPGPKey, Passphrase, receiver_of, say_passphrase
from domain.errors import VaultUnavailable

if TYPE_CHECKING:
    from vault.export.folder import WorkFolder


@command
def finish(
    case: Annotated[str, typer.Argument(help="The case: SAR-7.")],
    out: Annotated[Path, typer.Option(help="A folder for the sealed file.")] = Path(),
    age: AgeKeys = None,
    pgp: OpenPGPKey = None,
    passphrase: Passphrase = False,
    on: Annotated[
        str | None, typer.Option("--on", help="The day it is handed over, as 2026-02-28; else today.")
    ] = None,
    closed_is_known: Annotated[
        bool, typer.Option(help="Some records cannot be opened by anybody; the person is told.")
    ] = False,
    keep_folder: Annotated[bool, typer.Option(help="Do not wipe the working folder.")] = False,
    folder: Folder = None,
) -> None:
    """Pack the answer and seal it to who receives it. Refuses while anything is undecided or a proof fails."""
    settings = framed()
    from cli.bundles import finishing_of
    from gateway.bootstrap import build_classifiers
    from vault.export import cases
    from vault.export.finishing import finish as finished

    who = acting("answer to the request")
    with told():
        found = cases.must_be_open(cases.find(case))
        work = work_folder(settings, found.code, folder)
        receiver, secret = receiver_of(settings, age, pgp, passphrase=passphrase)
        there(out)
        target = out / f"{found.code}{receiver.suffix}"
        with build_classifiers(settings, ocr=False) as readers:
            sealed = finished(
                found, work, receiver, target, finishing_of(settings, readers), who, day_or_today(on, "--on", who),
                closed_is_known=closed_is_known,
            )  # fmt: skip
    print(f"{sealed.path}: {sealed.size:,} bytes, sealed to {receiver.name}")
    print(f"SHA-256 {sealed.sha256}")
    say_passphrase(secret)  # before anything else can fail: it is handed over, and opens with nothing else
    if keep_folder:
        print("The working folder is kept: wipe it with `sallyport sar drop`.")
        return
    _wipe(work)


def _wipe(work: WorkFolder) -> None:
    """Raises ``VaultUnavailable``: the answer is out, and the folder is not gone."""
    try:
        work.wipe()
    except OSError as error:
        public = f"The answer is handed over, but {work.path} could not be wiped: sallyport sar drop {work.code}"
        raise VaultUnavailable("wiping", public=public) from error
    print("The working folder is wiped.")
