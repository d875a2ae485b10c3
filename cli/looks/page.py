"""The lines of ``sallyport check`` that a page may show: quick, read alone, and nothing is started or written for them.

Stores, readers and next hops are tried by the command, which writes, starts processes and signs in.
"""

from __future__ import annotations

from collections.abc import Iterator

from cli.looks import house, mail, vault
from cli.looks.line import safely
from config.settings import Settings
from web.console.outside import Told

_LOOKS = (
    *(house.database, mail.signing_keys, vault.vault_keys, vault.recovery_drill, vault.audit_log, vault.search_index),
    *(mail.held_mails, vault.housekeeping, vault.holds_and_disposal, mail.urgent_releases, mail.webhooks),
)


def lines(settings: Settings) -> Iterator[Told]:
    """Each part, whether it is well, and a sentence without what is for the log."""
    for look in _LOOKS:
        for line in safely(look, settings, private=False):
            yield Told(*line)
