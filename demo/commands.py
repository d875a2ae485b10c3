"""Commands in the demo, as anybody would type them.

Each is a process of its own with the demo's settings, so what is shown is what the command prints. One that fails
makes the demo fail.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator

from rich.console import Console

from demo.stage import Stage


def show(stage: Stage, out: Console, title: str, words: str) -> Iterator[str]:
    """Print the title, the command and what it says; gives what went wrong, if anything."""
    out.print(f"\n{title.rstrip('?')}{'?' if title.endswith('?') else ':'}\n  $ sallyport {words}", soft_wrap=True)
    done = run(stage, words)
    for line in done.stdout.splitlines():
        out.print(f"  {line}", soft_wrap=True)
    yield from wrong(done)


def run(stage: Stage, words: str) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    environment = stage.environment() | {"COLUMNS": "116"}
    return subprocess.run(
        [sys.executable, "-m", "cli", *shlex.split(words)], env=environment, capture_output=True, text=True, check=False
    )


def wrong(done: subprocess.CompletedProcess[str]) -> Iterator[str]:
    """What the command complained of, if it did."""
    if done.returncode:
        yield f"`sallyport {shlex.join(done.args[3:])}` ended with {done.returncode}: {done.stderr.strip()[-400:]}"
