"""``sallyport sar review|exemptions|drop``: what is decided, what is missing; the codes; the end of a folder."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from cli.access.collecting import Folder
from cli.access.edge import acting, told, work_folder
from cli.exits import Exit
from cli.frame import command, framed
from cli.looking import looked
from cli.office import print_table


@command
def review(
    case: Annotated[str, typer.Argument(help="The case: SAR-7.")],
    folder: Folder = None,
) -> None:
    """What the tables say: how many documents are given, redacted, kept back; and all that is still undecided."""
    settings = framed()
    from vault.export import cases
    from vault.export.documents import Collected
    from vault.export.finishing import decide, undecided
    from vault.export.review import judged

    looked("access-reviewed", case=case)

    with told():
        found = cases.must_be_open(cases.find(case))
        work = work_folder(settings, found.code, folder)
        verdicts = judged(work, Collected(work))
        missing = undecided(verdicts)
        counts = Counter(v.choice.value if v.choice else "undecided" for v in verdicts)
        print(f"{found.code}: {len(verdicts)} documents: {', '.join(f'{n} {c}' for c, n in sorted(counts.items()))}.")
        for sentence in missing:
            print(f"  {sentence}")
        if missing:
            print(f"Not ready: {len(missing)} thing{' is' if len(missing) == 1 else 's are'} missing.")
            raise typer.Exit(Exit.CHECK_FAILED)
        decide(found, verdicts, acting("review"))
    print(f"Everything is decided, and recorded in your name. Then: sallyport sar finish {found.code}")


@command
def preview(
    case: Annotated[str, typer.Argument(help="The case: SAR-7.")],
    folder: Folder = None,
) -> None:
    """Make what would be given, in the working folder, blacked out and proven: to be looked at before it leaves."""
    settings = framed()
    from cli.access.people import sought
    from cli.bundles import service_of
    from gateway.bootstrap import build_classifiers
    from vault.export import cases
    from vault.export.finishing import preview as previewed

    who = acting("preview")
    with told():
        found = cases.must_be_open(cases.find(case))
        work = work_folder(settings, found.code, folder)
        with build_classifiers(settings, ocr=False) as readers:
            page, released = previewed(found, work, service_of(settings), readers, who.today)
        own = sought(found.person)
    for each in released:
        for word, times in each.left:
            if not own.is_own(word):
                often = "once" if times == 1 else f"{times} times"
                print(f"{each.document}: '{word}' is still in it, {often}, and is part of what was taken out.")
    print(f"Look at it: {page}")
    print(f"Open every document, and look at every black box. Then: sallyport sar finish {found.code}")


@command
def exemptions() -> None:
    """The codes for keeping something back: the law, what must be true, and what the person is told."""
    framed()
    from vault.export.exemptions import EXEMPTIONS

    rows: list[tuple[str, ...]] = [(e.code, e.source, e.asks, e.says) for e in EXEMPTIONS]
    print_table("Exemptions", ("code", "source", "it must be true that", "the person reads"), rows)


@command
def drop(
    case: Annotated[str, typer.Argument(help="The case: SAR-7.")],
    folder: Folder = None,
) -> None:
    """Wipe a case's working folder: every file is overwritten, then deleted. `finish` does it by itself."""
    settings = framed()
    from vault.export import cases

    with told():
        found = cases.find(case)
        work = work_folder(settings, found.code, folder)
        number = work.wipe()
    print(f"{number} files of {found.code} were overwritten and deleted.")
