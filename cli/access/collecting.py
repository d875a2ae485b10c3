"""``sallyport sar collect``: everything about the person, opened into the case's working folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.access.edge import acting, building, told, work_folder
from cli.frame import InputError, command, framed
from cli.keys.masters import read_all

Folder = Annotated[
    Path | None, typer.Option(help="The case's working folder; else var/access/CASE beside the settings.")
]


@command
def collect(
    case: Annotated[str, typer.Argument(help="The case: SAR-7.")],
    identity: Annotated[
        list[Path], typer.Option("--identity", "-i", help="An age key file (repeat): a master's, the service's.")
    ],
    why: Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")],
    also: Annotated[list[str] | None, typer.Option(help="A record that is filed under others (repeat).")] = None,
    folder: Folder = None,
) -> None:
    """Open everything about the person, each document once, and write the two tables for the review.

    Safe to run again: it goes on where it ended, and what was filled in stays.
    """
    settings = framed()
    from cli.access.gathering import closed_in, gather
    from gateway.bootstrap import build_classifiers, build_store
    from gateway.parse import parse
    from vault.export import cases
    from vault.export.collecting import Tools, to_look_at
    from vault.export.passages import PASSAGES
    from vault.export.review import DOCUMENTS
    from vault.unseal import Opener

    if not why.strip():
        raise InputError("no reason", public="A reason is needed: --why goes to the audit trail with your name.")
    identities = read_all(identity)
    who, named = acting(why), tuple(also or ())
    with told():
        found = cases.must_be_open(cases.find(case))
        work = work_folder(settings, found.code, folder, make=True)
        with (
            build_classifiers(settings) as readers,
            building("Opening records", len(to_look_at(found.person, named))) as told_of,
        ):
            tools = Tools(Opener(build_store(settings), identities), readers, parse)
            collected = gather(found, work, tools, who, told_of, named)
    occurrences = sum(len(d.occurrences) for d in collected.documents.values())
    print(f"{len(collected.documents)} documents, which occur {occurrences} times, are in {work.path}")
    if closed := closed_in(collected):
        print(f"{len(closed)} records could not be opened, or not wholly, with these keys: {', '.join(closed[:5])}")
        print("What is filed under nobody known opens with the service's key; the rest with a master's. Run it again.")
    print(f"Now decide, in a spreadsheet: {work.path / DOCUMENTS} and {work.path / PASSAGES}")
    print(f"Then: sallyport sar review {found.code}")
