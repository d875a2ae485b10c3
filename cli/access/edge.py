"""What the commands about access requests share: who acts and when, bank holidays, people by council ID."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.account import account
from cli.exits import Exit
from cli.frame import InputError, say_error
from cli.office import day as typed_day
from config.settings import Settings
from domain.errors import VaultUnavailable

if TYPE_CHECKING:
    from vault.acting import Acting
    from vault.export.collecting import Progress as Told
    from vault.export.folder import WorkFolder


@contextmanager
def told() -> Iterator[None]:
    """What cannot be done with a case is a sentence and exit code 5; what fails its proof 6; what a disk refuses 4."""
    from vault.export.cases import CaseError
    from vault.export.contained import NotPainted
    from vault.export.proof import ProofFailed

    try:
        yield
    except CaseError as error:
        raise InputError(error.private, public=error.public) from error
    except (NotPainted, ProofFailed) as error:
        say_error(error.public)
        raise typer.Exit(Exit.CHECK_FAILED) from error
    except BrokenPipeError:  # who reads what is printed has enough
        raise
    except OSError as error:
        public = (
            f"A file cannot be read or written: {error.strerror or 'the disk may be full'}. Nothing was handed over."
        )
        raise VaultUnavailable("files", public=public) from error


def acting(why: str = "") -> Acting:
    """The user of the command line, now."""
    from gateway.clock import SystemClock
    from vault.acting import Acting

    return Acting(account(), SystemClock().now(), why)


def day_or_today(text: str | None, option: str, who: Acting) -> date:
    """A day as typed, else today."""
    return typed_day(text, option) or who.today


def there(folder: Path) -> None:
    """Raises :class:`InputError` where the sealed file could not be put."""
    if not folder.is_dir():
        raise InputError("out", public=f"The folder {folder} is not there; make it, or name another with --out.")


def work_path(settings: Settings, code: str) -> Path:
    """Where a case's working folder is, if nobody named another."""
    return settings.at_home(Path("var/access") / code)


def work_folder(settings: Settings, code: str, folder: Path | None, *, make: bool = False) -> WorkFolder:
    """The case's: the named one, else below the settings' home. Raises ``CaseError``."""
    from gateway.secrecy import no_core_file
    from vault.export.folder import WorkFolder

    no_core_file()  # what is read from it is plain
    path = folder or work_path(settings, code)
    return WorkFolder.make(path, code) if make else WorkFolder.existing(path, code)


@contextmanager
def building(what: str, total: int) -> Iterator[Told]:
    """A bar on standard error, for long work."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)

        def told_of(done: int, found: int) -> None:
            bar.update(task, completed=done, description=f"{what}: {found} documents")

        yield told_of
