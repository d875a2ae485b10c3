"""The journal's statements. Each is one conditional statement, so that of two who try at once one changes the row.

Plain SQL that SQLite and PostgreSQL read alike, because every mail runs each of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.model import Envelope
from vault import sql
from vault.models import JournalEntry, JournalState

_TABLE = "vault_journalentry"
_DONE, _UNTOLD = JournalState.DONE.value, JournalState.HELD_UNTOLD.value
_CLAIMED, _INTENDED = JournalState.CLAIMED.value, JournalState.INTENDED.value


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as far as a claim needs it."""

    recipient: str
    state: str
    owner: str
    fate: str
    detail: str
    record: str


@dataclass(frozen=True, slots=True)
class Entries:
    """Those of one (digest, sender) and these recipients (folded, at least one)."""

    digest: str
    sender: str
    recipients: tuple[str, ...]

    @classmethod
    def of(cls, digest: str, envelope: Envelope, recipients: Collection[str]) -> Entries:
        """Sorted: everybody who locks several rows does it in one order."""
        return cls(digest, envelope.sender.key, tuple(sorted(recipients)))

    def add(self, state: JournalState, now: datetime, **more: Any) -> int:
        """New rows where there are none; how many."""
        common = {"digest": self.digest, "sender": self.sender, "state": state.value, "changed_at": now} | more
        return sql.insert(JournalEntry, [common | {"recipient": r} for r in self.recipients], sql.DO_NOTHING)

    def read(self) -> dict[str, Row]:
        """By recipient."""
        text = f"SELECT recipient, state, owner, fate, detail, record FROM {_TABLE} WHERE {self._where}"  # noqa: S608
        return {found[0]: Row(*found) for found in sql.select(text, self._params)}

    def take_over(self, owner: str, now: datetime, lease: timedelta, remember: timedelta) -> None:
        """What nobody holds any more becomes ``owner``'s: held entries stay held, others begin anew."""
        free = "(lease_until IS NULL OR lease_until < %s)"
        self._change(f"state = '{_UNTOLD}' AND {free}", (now,), owner=owner, lease_until=now + lease)
        self._change(
            f"((state IN ('{_CLAIMED}', '{_INTENDED}') AND {free}) OR (state = '{_DONE}' AND changed_at < %s))",
            (now, now - remember),
            state=_CLAIMED, fate="", detail="", record="", changed_at=now, owner=owner, lease_until=now + lease,
        )  # fmt: skip

    def intend(self, owner: str, state: JournalState, record: str, now: datetime, lease: timedelta) -> int:
        """What ``owner`` still holds goes on to ``state``; how many."""
        return self._change(
            f"owner = %s AND state <> '{_DONE}'", (owner,),
            state=state.value, record=record, lease_until=now + lease, changed_at=now,
        )  # fmt: skip

    def renew(self, owner: str, until: datetime) -> int:
        """What ``owner`` still holds is theirs until then; how many."""
        return self._change(f"owner = %s AND state <> '{_DONE}'", (owner,), lease_until=until)

    def finish(self, fate: str, detail: str, now: datetime) -> None:
        """Done, once: the first durable outcome stays, whoever comes later; a row that is gone is made again."""
        done: dict[str, Any] = {"fate": fate, "detail": detail}
        changed = self._change(
            f"state <> '{_DONE}'", (), state=_DONE, owner="", lease_until=None, changed_at=now, **done
        )
        if changed != len(self.recipients):
            self.add(JournalState.DONE, now, **done)

    def free(self, owner: str) -> None:
        """Anybody's again. What is held stays held, and waits for whoever tells the sender."""
        if not self.recipients:
            return
        self._change(f"owner = %s AND state = '{_UNTOLD}'", (owner,), owner="", lease_until=None)
        text = f"DELETE FROM {_TABLE} WHERE {self._where} AND owner = %s AND state IN ('{_CLAIMED}', '{_INTENDED}')"  # noqa: S608
        sql.update(text, (*self._params, owner))

    def _change(self, condition: str, params: Sequence[Any], **columns: Any) -> int:
        assignments = ", ".join(f"{name} = %s" for name in columns)
        text = f"UPDATE {_TABLE} SET {assignments} WHERE {self._where} AND {condition}"  # noqa: S608 - no value is in the text
        return sql.update(text, (*columns.values(), *self._params, *params))

    @property
    def _where(self) -> str:
        return f"digest = %s AND sender = %s AND recipient IN {sql.places(self.recipients)}"

    @property
    def _params(self) -> tuple[str, ...]:
        return (self.digest, self.sender, *self.recipients)
