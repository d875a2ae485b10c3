"""``sallyport vault search``: find records without opening one; with a master key also what they say."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.frame import command, framed
from cli.vault.asking import as_json, asker, build_opener, parsed, pointing, read_again
from config.settings import Settings

if TYPE_CHECKING:
    from vault.search.find import Found
    from vault.search.highlight import Snippet
    from vault.search.tree import Tree


class Sort(StrEnum):
    """Which come first."""

    NEWEST = "newest"
    RANK = "rank"


@command
def search(
    query: Annotated[str, typer.Argument(help='Words, "phrases", fields: docs/search.md has the grammar.')],
    sort: Annotated[Sort, typer.Option(help="The newest first, or the best.")] = Sort.NEWEST,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many records a page.")] = 20,
    after: Annotated[str, typer.Option(help="Where the last page ended, as it said.")] = "",
    facets: Annotated[bool, typer.Option("--facets", help="How the hits divide.")] = False,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    identity: Annotated[
        list[Path] | None, typer.Option("--identity", "-i", help="A master's age key file, to show what they say.")
    ] = None,
    why: Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")] = "",
) -> None:
    """Find records: how many, how sure that is, and a page of them. Opens nothing without --identity."""
    settings = framed()
    from gateway.bootstrap import build_keyed
    from gateway.clock import SystemClock
    from vault.search import asked, find
    from web.searching import named

    keyed, clock = build_keyed(settings), SystemClock()
    opener = build_opener(settings, identity, why) if identity else None
    with pointing(query):
        tree, terms = parsed(query, settings, keyed)
        page = find.Page(limit, after, sort is Sort.RANK, facets)
        found = named(find.search(tree, terms, keyed, page))
    asked.record(query, found.total, asker(why), settings.vault.masters, keyed, clock.now())
    shown: dict[str, list[Snippet]] = {}
    if opener and found.hits:
        asked.record_opening([h.record for h in found.hits], asker(why), clock.now())
        shown = _snippets(found, tree, opener, settings)
    if json:
        print(as_json(asdict(found) | {"snippets": {r: [asdict(s) for s in some] for r, some in shown.items()}}))
    else:
        _show(found, shown, opened=opener is not None)


def _snippets(found: Found, tree: Tree, opener: object, settings: Settings) -> dict[str, list[Snippet]]:
    """By record; none for what the keys given do not open."""
    from domain.errors import SealBroken
    from gateway.bootstrap import build_classifiers
    from vault.models import VaultRecord
    from vault.search.highlight import snippets

    classifiers, shown = build_classifiers(settings), {}
    try:
        for hit in found.hits:
            try:
                _, analysis, _ = read_again(VaultRecord.objects.get(id=hit.record), opener, classifiers)  # type: ignore[arg-type]
            except SealBroken:
                continue
            shown[hit.record] = snippets(analysis.texts, tree)
    finally:
        classifiers.close()
    return shown


def _show(found: Found, shown: dict[str, list[Snippet]], *, opened: bool) -> None:
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    console.print(f"{found.total:,} {'record' if found.total == 1 else 'records'}. {found.coverage}.")
    if found.ranked and found.ranked < found.total:
        console.print(f"The best of the newest {found.ranked:,} come first.")
    for hit in found.hits:
        decided = f" ({', '.join(hit.decided)})" if hit.decided else ""
        console.print(f"{hit.record}  {hit.received_at:%Y-%m-%d %H:%M}  {hit.sender or '<>'}{decided}")
        people = f"; about {', '.join(hit.people)}" if hit.people else ""
        console.print(f"  {', '.join(hit.classes)}{people}")
        for part, reason in hit.unread:
            console.print(f"  not searched: {f'part {part}, ' if part else ''}{reason}")
        for snippet in shown.get(hit.record, ()):
            console.print(_marked(snippet))
        if opened and hit.record not in shown:
            console.print("  not opened: the keys given do not open it")
    for name, counts in found.facets.items():
        console.print(f"by {name}: {', '.join(f'{value} {times:,}' for value, times in counts.items()) or 'none'}")
    if found.after:
        console.print(f"More: --after {found.after}")


def _marked(snippet: Snippet) -> Text:
    """In one line; marks are bold on a terminal, and in any case between » and «."""
    text, at = Text("    \u2026"), 0
    for begin, end in snippet.marks:
        text.append(_line(snippet.text[at:begin]))
        text.append(f"\u00bb{_line(snippet.text[begin:end])}\u00ab", "bold")
        at = end
    text.append(f"{_line(snippet.text[at:])}\u2026")
    return text


def _line(text: str) -> str:
    """Without line ends and signs that move a terminal's cursor."""
    return "".join(c if c.isprintable() else " " for c in text)
