"""``sallyport hold``: what must not be destroyed, whatever its retention says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from cli.account import account
from cli.exits import Exit
from cli.frame import InputError, command, framed
from cli.looking import looked
from cli.whom import council_id_of, person_of
from config.settings import Settings
from domain.here import HERE

if TYPE_CHECKING:  # models exist only once Django is ready
    from vault.holds.mirror import Mirror, Swept
    from vault.models import LegalHold

app = typer.Typer(no_args_is_help=True, help="Legal holds: what must not be destroyed, whatever its retention says.")
_SHOWN = 20


@app.command("set")
@command
def set_(
    why: Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")],
    reference: Annotated[str, typer.Option(help="The case: of the court, the incident, the access request.")],
    review: Annotated[str, typer.Option(help="When somebody looks at it again, as 2027-05-31.")],
    record: Annotated[list[str] | None, typer.Option(help="A record's id (repeat).")] = None,
    person: Annotated[list[str] | None, typer.Option(help="A council ID: all about them, also later (repeat).")] = None,
    incident: Annotated[list[str] | None, typer.Option(help="An incident's reference (repeat).")] = None,
    search: Annotated[
        list[str] | None, typer.Option(help="A saved search's id: what it finds, also later (repeat).")
    ] = None,
    matches: Annotated[Path | None, typer.Option(help="A file of more record ids.")] = None,
) -> None:
    """Put a hold on. From then on nothing that it covers is destroyed, nor what is filed about the person later."""
    settings = framed()
    from gateway.clock import SystemClock
    from vault.holds.setting import NewHold, set_hold
    from vault.models import TargetKind

    targets = {
        TargetKind.RECORD: [r.strip().upper() for r in record or []],
        TargetKind.PERSON: [person_of(p).ref for p in person or []],
        TargetKind.INCIDENT: [i.strip() for i in incident or []],
        TargetKind.SEARCH: [s.strip().upper() for s in search or []],
    }
    with told():
        found = [r for s in targets[TargetKind.SEARCH] for r in _found_by(s)]
        new = NewHold(why, reference, a_day(review, "--review"), targets, [*_ids_of(matches), *found])
        done = set_hold(new, account(), SystemClock().now())
    print(f"Hold {done.hold} is on; it covers {_records(done.covered)} by now.")
    for late in done.too_late:
        print(f"Too late for {late}: its destruction had begun or was done before.")
    _swept(_sweep(settings))


@app.command("lift")
@command
def lift(
    hold: Annotated[str, typer.Argument(help="As `sallyport hold list` shows it.")],
    why: Annotated[str, typer.Option(help="The first step: ask for it, with the reason.")] = "",
    confirm: Annotated[bool, typer.Option(help="The second step, by another person: lift it.")] = False,
) -> None:
    """Take a hold off, in two steps by two people: one asks and says why, another confirms. Other holds stay."""
    settings = framed()
    from gateway.clock import SystemClock
    from vault.holds import setting

    if confirm == bool(why):
        raise InputError("lift", public="Either --why REASON, to ask for it, or --confirm, as the second person.")
    with told():
        if why:
            setting.ask_to_lift(hold.upper(), why, account(), SystemClock().now())
            print(f"Asked. Another person lifts it with: sallyport hold lift {hold.upper()} --confirm")
            return
        setting.lift(hold.upper(), account(), SystemClock().now())
    print(f"Hold {hold.upper()} is lifted.")
    _swept(_sweep(settings))


@app.command("list")
@command
def list_(every: Annotated[bool, typer.Option("--all", help="Also those that were lifted.")] = False) -> None:
    """The holds that are on: the case, since when, what they cover, when somebody looks at them again."""
    framed()
    from gateway.clock import SystemClock
    from vault.holds.coverage import records_of
    from vault.models import LegalHold

    looked("holds listed")

    rows = LegalHold.objects.order_by("id") if every else LegalHold.objects.filter(lifted_at=None).order_by("id")
    today = SystemClock().now().astimezone(HERE).date()
    console = _console()
    console.print(f"{len(rows)} hold{'' if len(rows) == 1 else 's'}")
    for row in rows:
        late = "  REVIEW IS LATE" if row.lifted_at is None and row.review_on <= today else ""
        console.print(f"{row.id}  {row.reference}  {_state(row)}  review {row.review_on}{late}")
        console.print(f"  {_records(records_of(row).count())}; {row.reason}")


@app.command("show")
@command
def show(hold: Annotated[str, typer.Argument(help="As `sallyport hold list` shows it.")]) -> None:
    """One hold: why, by whom, on what, what it covers, and whether the object store has been told."""
    framed()
    from vault.holds.coverage import records_of
    from vault.models import LegalHold, MirroredHold, VaultObject
    from vault.models.holds import TargetKind

    looked("hold shown", hold=hold)

    row = LegalHold.objects.filter(id=hold.upper()).first()
    if row is None:
        raise InputError("hold", public=f"There is no hold {hold}; see `sallyport hold list`.")
    records = records_of(row)
    console = _console()
    console.print(f"{row.id}: {row.reference}. {row.reason}")
    console.print(f"Set by {row.set_by} on {_when(row.set_at)}; {_state(row)}; to be reviewed on {row.review_on}")
    if row.lift_asked_at:
        console.print(f"Lifting asked by {row.lift_asked_by} on {_when(row.lift_asked_at)}: {row.lift_reason}")
    for target in row.targets.order_by("kind", "value"):
        value = council_id_of(target.value) if target.kind == TargetKind.PERSON else target.value
        console.print(f"  on {target.kind} {value}")
    files = VaultObject.objects.filter(record__in=records)
    mirrored = MirroredHold.objects.filter(object__in=files, read_back_at__isnull=False).count()
    console.print(f"Covers {_records(records.count())}; the store holds {mirrored} of their {files.count()} files.")
    for ident, state in records.order_by("-id").values_list("id", "state")[:_SHOWN]:
        console.print(f"  {ident}  {state}")


@app.command("incident")
@command
def incident(
    reference: Annotated[str, typer.Argument(help="The incident's reference.")],
    record: Annotated[list[str], typer.Argument(help="Ids of records that belong to it.")],
) -> None:
    """Say which records belong to an incident. A hold on the incident covers them at once."""
    settings = framed()
    from gateway.clock import SystemClock
    from vault.holds.setting import add_to_incident

    with told():
        fresh = add_to_incident(reference, [r.upper() for r in record], account(), SystemClock().now())
    print(f"{_records(fresh)} added to {reference}.")
    _swept(_sweep(settings))


@app.command("sweep")
@command
def sweep(
    verify: Annotated[bool, typer.Option(help="Also look at every file that should be held, in the store.")] = False,
) -> None:
    """Tell the object store of every hold that it does not know yet. The worker does it, too; safe to break off."""
    _swept(_sweep(framed(), verify=verify))


@contextmanager
def told() -> Iterator[None]:
    """What the rules do not let happen is a sentence and exit code 5."""
    from vault.holds.setting import NotAllowed

    try:
        yield
    except NotAllowed as error:
        raise InputError(error.private, public=error.public) from error


def a_day(text: str, option: str) -> date:
    """As typed. Raises :class:`InputError`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("day", public=f"{option} is a day, written as 2027-05-31.") from None


def build_mirror(settings: Settings, actor: str) -> Mirror:
    """Sweeps over the vault's store."""
    from gateway.bootstrap import build_store
    from vault.holds.mirror import Mirror

    return Mirror(build_store(settings), actor)


def _sweep(settings: Settings, *, verify: bool = False) -> Swept:
    from gateway.clock import SystemClock
    from vault.holds import searching

    mirror, now = build_mirror(settings, account()), SystemClock().now()
    searching.ask_again(account(), now)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("files in the store", total=mirror.waiting() + (mirror.held() if verify else 0))
        done = mirror.sweep(now, lambda n: progress.advance(task, n))
        return done + mirror.verify(now, lambda n: progress.advance(task, n)) if verify else done


def _swept(done: Swept) -> None:
    print(f"In the store: {done.put_on} files held, {done.taken_off} let go, {done.mended} put back.")
    if done.failed:
        print(f"{done.failed} files could not be changed in the store yet; the next sweep tries again.")
        print("What is held is decided by these holds, whatever the store still says.")
        raise typer.Exit(Exit.UNAVAILABLE)


def _found_by(search: str) -> list[str]:
    from vault.search.saved import NoSuchSearch, OldKey, records_of

    try:
        return records_of(search)
    except (NoSuchSearch, OldKey) as error:
        raise InputError(error.private, public=error.public) from error


def _ids_of(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        return file.read_text(encoding="utf-8").upper().split()
    except (OSError, ValueError) as error:
        raise InputError("matches", public=f"The file {file} cannot be read.") from error


def _state(row: LegalHold) -> str:
    if row.lifted_at:
        return f"lifted by {row.lifted_by} on {_when(row.lifted_at)}"
    return "on, lifting asked" if row.lift_asked_at else "on"


def _when(at: datetime) -> str:
    return f"{at.astimezone(HERE):%Y-%m-%d %H:%M}"


def _records(number: int) -> str:
    return f"{number} record{'' if number == 1 else 's'}"


def _console() -> Console:
    """Whole ids and times."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
