"""``sallyport export incident|inspector``: whole records, sealed to who investigates or inspects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.access.edge import acting, building, there, told
from cli.bundles import prover_of, service_of, signing_keys
from cli.frame import InputError, command, framed
from cli.keys.masters import read_all
from cli.sealing_to import AgeKeys, OpenPGPKey, Passphrase, receiver_of, say_passphrase
from cli.whom import person_of
from config.settings import Settings

if TYPE_CHECKING:
    from vault.export.whole_page import Order

_HELP = "Bundles of whole records: for an incident's investigation, for an inspector."
app = typer.Typer(no_args_is_help=True, help=_HELP)
Identities = Annotated[
    list[Path], typer.Option("--identity", "-i", help="A master's or the service's age key file (repeat).")
]
Out = Annotated[Path, typer.Option(help="A folder for the sealed file.")]
Reference = Annotated[str, typer.Option(help="What others call it: the incident's or the inspection's number.")]


@app.callback()
def _group() -> None:
    """Bundles of whole records: for an incident's investigation, for an inspector."""


@app.command("incident")
@command
def incident(
    identity: Identities,
    reference: Reference,
    purpose: Annotated[str, typer.Option(help="What it is needed for; recorded before anything is opened.")],
    record: Annotated[list[str] | None, typer.Option(help="A record's id (repeat).")] = None,
    person: Annotated[list[str] | None, typer.Option(help="A council ID: every record about them (repeat).")] = None,
    authority: Annotated[
        str, typer.Option(help="The ground.")
    ] = "UK GDPR Art. 33: investigation of a suspected breach",
    out: Out = Path(),
    age: AgeKeys = None,
    pgp: OpenPGPKey = None,
    passphrase: Passphrase = False,
) -> None:
    """Records with their decisions, who saw what, a timeline, and what the ICO asks about a breach.

    Without --record and --person: those that belong to the incident (`sallyport incident`).
    """
    settings = framed()
    from vault.export.whole_page import Order
    from vault.export.wholes import records_of, records_of_incident
    from vault.models import BundleKind

    if record and person:
        raise InputError("records", public="Say which records: --record ID (repeat), or --person COUNCIL-ID (repeat).")
    found = [*(record or ()), *(r for p in person or () for r in records_of(person_of(p).ref))]
    found = found or list(records_of_incident(reference))
    if not found:
        public = f"Say which records, with --record or --person: none belongs to an incident {reference}."
        raise InputError("records", public=public)
    records, title = tuple(dict.fromkeys(found)), f"Incident {reference}"
    order = Order(BundleKind.INCIDENT, reference, purpose, authority, records, title)
    _export(settings, order, identity, out, age, pgp, passphrase=passphrase)


@app.command("inspector")
@command
def inspector(
    person: Annotated[str, typer.Argument(help="The person's council ID.")],
    identity: Identities,
    reference: Reference,
    purpose: Annotated[str, typer.Option(help="What the inspector asked for; recorded before anything is opened.")],
    authority: Annotated[str, typer.Option(help="The ground.")] = "Health and Social Care Act 2008 s.63 (CQC)",
    out: Out = Path(),
    age: AgeKeys = None,
    pgp: OpenPGPKey = None,
    passphrase: Passphrase = False,
) -> None:
    """A person's whole file for reading, nothing redacted."""
    settings = framed()
    from vault.export.whole_page import Order
    from vault.export.wholes import records_of
    from vault.models import BundleKind

    records, title = records_of(person_of(person).ref), f"File of {person.upper()} for inspection {reference}"
    order = Order(BundleKind.INSPECTOR, reference, purpose, authority, records, title)
    _export(settings, order, identity, out, age, pgp, passphrase=passphrase)


def _export(
    settings: Settings,
    order: Order,
    identity: list[Path],
    out: Path,
    age: list[str] | None,
    pgp: Path | None,
    *,
    passphrase: bool,
) -> None:
    from gateway.bootstrap import build_classifiers, build_store
    from gateway.parse import parse
    from vault.export.collecting import Tools
    from vault.export.plain import plain_folder
    from vault.export.wholes import Packing, export
    from vault.unseal import Opener

    identities = read_all(identity)
    receiver, secret = receiver_of(settings, age, pgp, passphrase=passphrase)
    there(out)
    target = out / f"{order.kind.value}-{''.join(c if c.isalnum() else '-' for c in order.reference)}{receiver.suffix}"
    with (
        told(),
        plain_folder(settings.at_home(Path("var/access"))) as work,
        build_classifiers(settings) as readers,
        building("Opening records", len(order.records)) as bar,
    ):
        tools = Tools(Opener(build_store(settings), identities), readers, parse)
        packing = Packing(service_of(settings), signing_keys(settings), tools, work, prover_of(settings))
        sealed = export(order, packing, receiver, target, acting(order.purpose), bar)
    many = "1 record" if len(order.records) == 1 else f"{len(order.records)} records"
    print(f"{sealed.path}: {many}, {sealed.size:,} bytes, sealed to {receiver.name}")
    print(f"SHA-256 {sealed.sha256}")
    say_passphrase(secret)
