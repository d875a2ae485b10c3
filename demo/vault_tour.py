"""What the vault can do with the mails just filed: the worker runs once, then commands as anybody would type them.

Each is a process of its own with the demo's settings, so what is shown is what the command prints. One that fails
makes the demo fail.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator

from rich.console import Console

from demo.cast import TOBIAS
from demo.stage import Stage

_STEPS: tuple[tuple[str, str], ...] = (
    ("Medical documents about one person, found without opening any", f"vault search 'class:medical about:{TOBIAS}'"),
    (
        "Words of the documents; the index holds keyed tokens, no words",
        "vault search 'epilepsy OR swallowing' --limit 3",
    ),
    ("What waits for a reviewer, who may release it, give it back or reject it", "held list"),
    ("Is the record of who did what as it was signed?", "audit verify"),
    ("What falls due, and when", "retention plan"),
    ("Do the store, the database and the index agree?", "vault reconcile"),
)


def tour(stage: Stage, out: Console) -> Iterator[str]:
    """Show it; gives what went wrong, if anything."""
    out.print("\nIn the vault now. First the worker does once what the clock starts: checkpoints, retention, locks.")
    yield from _wrong(_run(stage, "worker --once"))
    for title, words in _STEPS:
        out.print(f"\n{title.rstrip('?')}{'?' if title.endswith('?') else ':'}\n  $ sallyport {words}")
        done = _run(stage, words)
        for line in done.stdout.splitlines():
            out.print(f"  {line}", soft_wrap=True)
        yield from _wrong(done)


def _run(stage: Stage, words: str) -> subprocess.CompletedProcess[str]:
    environment = stage.environment() | {"COLUMNS": "116"}
    return subprocess.run(
        [sys.executable, "-m", "cli", *shlex.split(words)], env=environment, capture_output=True, text=True, check=False
    )


def _wrong(done: subprocess.CompletedProcess[str]) -> Iterator[str]:
    if done.returncode:
        yield f"`sallyport {shlex.join(done.args[3:])}` ended with {done.returncode}: {done.stderr.strip()[-400:]}"
