"""``sallyport vault list``: the newest records."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from cli.frame import command, framed
from cli.looking import looked


@command
def list_(limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20) -> None:
    """The newest records: when, from whom, what kind, how many files. Opens nothing."""
    framed()
    from vault.models import RecordState, VaultRecord

    looked("listed", records=limit)
    rows = VaultRecord.objects.order_by("-filed_at").prefetch_related("subjects", "objects_filed")[:limit]
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)  # whole ids, times and addresses
    console.print(f"Newest of {VaultRecord.objects.count()}: record, when it was filed, from whom; what is in it")
    for row in rows:
        people, files = len(row.subjects.all()), len(row.objects_filed.all())
        gone = row.state == RecordState.DISPOSED
        sender = "(the sender is not kept)" if gone else row.sender or "<>"
        console.print(f"{row.id}  {row.filed_at:%Y-%m-%d %H:%M}  {sender}")
        kept = "disposed of" if gone else _count(files, "file", "files")
        console.print(f"  {', '.join(row.classes)}; {_count(people, 'person', 'people')}; {kept}")


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
