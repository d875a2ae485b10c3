"""What the vault can do with the mails just filed: the worker runs once, then commands as anybody would type them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from rich.console import Console

from demo.cast import TOBIAS
from demo.commands import run, show, wrong
from demo.stage import Stage

_STEPS: tuple[tuple[str, str], ...] = (
    ("Medical documents about one person, found without opening any", f"vault search 'class:medical about:{TOBIAS}'"),
    (
        "Words of the documents; the index holds keyed tokens, no words",
        "vault search 'epilepsy OR swallowing' --limit 3",
    ),
    ("What waits for a reviewer, who may release it, give it back or reject it", "held list --limit 4"),
    ("Is the record of who did what as it was signed?", "audit verify"),
    ("What falls due, and when", "retention plan"),
    ("Would a master key open every person's copies, if all else were lost?", "keys drill -i {records}"),
    ("Do the store, the database and the index agree?", "vault reconcile"),
)


def tour(stage: Stage, out: Console) -> Iterator[str]:
    """Show it; gives what went wrong, if anything."""
    out.print("\nIn the vault now. First the worker does once what the clock starts: checkpoints, retention, locks.")
    yield from wrong(run(stage, "worker --once"))
    records = shlex.quote(str(stage.home / "masters" / "records.age-key"))
    for title, words in _STEPS:
        yield from show(stage, out, title, words.format(records=records))
