"""A stopped mail that was sent again and is decided anew: its row for reviewers is closed, in the intent's transaction.

Else a reviewer could let the old copy leave besides the new one. Where one has done so meanwhile, nothing more leaves.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from domain.errors import JournalUnavailable
from vault import audit, sql
from vault.models import HeldState

_OPEN = f"('{HeldState.HELD.value}', '{HeldState.REFUSED.value}')"
_OF_THE_MAIL = "record_id IN (SELECT id FROM vault_vaultrecord WHERE digest = %s AND sender = %s)"


SENT_AGAIN = "sent again by its sender, and decided anew"
BY_REVIEW = "decided anew, as a reviewer ruled"


def close(
    digest: str, sender: str, recipients: Collection[str], actor: str, now: datetime, why: str = SENT_AGAIN
) -> list[audit.Event]:
    """The rows of these recipients (folded) in every record of the mail; what is to be said of it in the audit trail.

    Within the caller's transaction. Raises ``JournalUnavailable`` where a reviewer has let a copy leave.
    """
    keys = sorted(recipients)
    where, params = f"{_OF_THE_MAIL} AND recipient IN {sql.places(keys)}", (digest, sender, *keys)
    # First changed, then read: whoever else would change such a row has done it by now, or waits for us.
    sql.update(f"UPDATE vault_heldmail SET state = %s WHERE {where} AND state IN {_OPEN}", (_SUPERSEDED, *params))  # noqa: S608 - conditions of ours, values apart
    rows = sql.select(f"SELECT record_id, recipient, state FROM vault_heldmail WHERE {where} ORDER BY id", params)  # noqa: S608 - the same
    if any(state == HeldState.RELEASED for _, _, state in rows):
        raise JournalUnavailable("released by a reviewer meanwhile")
    return [
        audit.Event(now, actor, "superseded", record, why, {"recipient": who})
        for record, who, state in rows
        if state == HeldState.SUPERSEDED
    ]


_SUPERSEDED = HeldState.SUPERSEDED.value
