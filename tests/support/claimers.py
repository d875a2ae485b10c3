"""Run as a program: one relay among several that claims the same mails. Prints the digests it won.

``python -m tests.support.claimers OWNER START_FILE COUNT``: waits for the file, then claims mail 0 to COUNT.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path


def main(owner: str, start: str, count: str) -> None:
    import django

    django.setup()
    from domain.ports import Standing
    from tests.build import envelope
    from tests.fakes import NOW
    from vault.journal import RowJournal

    journal = RowJournal(lease=timedelta(minutes=10), remember=timedelta(days=14), owner=owner)
    sys.stderr.write("ready\n")
    sys.stderr.flush()
    while not Path(start).exists():
        time.sleep(0.002)
    for number in range(int(count)):
        (claim,) = journal.claim(f"mail-{number}", envelope(), NOW)
        if claim.standing is Standing.NEW:
            sys.stdout.write(f"mail-{number}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
