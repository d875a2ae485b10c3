"""The journal's statements. Each is one conditional statement, so that of two who try at once one changes the row.

Plain SQL that SQLite and PostgreSQL read alike, because every mail runs each of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.model import Envelope
from domain.outgoing import Fate
from vault import sql
from vault.models import HeldState, JournalEntry, JournalState

_TABLE = "vault_journalentry"
_DONE, _UNTOLD = JournalState.DONE.value, JournalState.HELD_UNTOLD.value
_CLAIMED, _INTENDED = JournalState.CLAIMED.value, JournalState.INTENDED.value
_FREE = "(lease_until IS NULL OR lease_until < %s)"
_AGAIN = f"state = '{_CLAIMED}' AND fate <> ''"
_MAY_AGAIN = f"""fate IN ('{Fate.HELD.value}', '{Fate.TOLD.value}') AND NOT EXISTS (
SELECT 1 FROM vault_heldmail h JOIN vault_vaultrecord v ON v.id = h.record_id
 WHERE v.digest = {_TABLE}.digest AND v.sender = {_TABLE}.sender AND h.recipient = {_TABLE}.recipient
   AND h.state = '{HeldState.RELEASED.value}')"""  # noqa: S608 - no value is in the text


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as far as a claim needs it. One that is claimed and has a fate was stopped, and is decided anew."""

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
        text = f"SELECT recipient, state, owner, fate, detail, record FROM {_TABLE} WHERE {self._where}"  # noqa: S608 - constants of this module
        return {found[0]: Row(*found) for found in sql.select(text, self._params)}

    def take_over(self, owner: str, now: datetime, lease: timedelta, remember: timedelta) -> None:
        """What nobody holds any more becomes ``owner``'s: held entries stay held, others begin anew.

        That a forgotten one was stopped is kept in mind: then there is a row for reviewers, which must not outlive it.
        """
        mine: dict[str, Any] = {"owner": owner, "lease_until": now + lease}
        self._change(f"state = '{_UNTOLD}' AND {_FREE}", (now,), **mine)
        old, forgotten = f"(state = '{_DONE}' AND changed_at < %s)", now - remember
        anew: dict[str, Any] = {"state": _CLAIMED, "detail": "", "record": "", "changed_at": now} | mine
        self._change(f"{_MAY_AGAIN} AND {old}", (forgotten,), **anew)
        under_way = f"(state IN ('{_CLAIMED}', '{_INTENDED}') AND {_FREE})"
        self._change(f"({under_way} OR {old})", (now, forgotten), fate="", **anew)

    def take_again(self, owner: str, now: datetime, lease: timedelta, resend: timedelta) -> None:
        """What was stopped ``resend`` ago or earlier is to be decided anew, unless a reviewer has let it leave.

        For a mail that was answered for everybody: its sender has sent it again, and no mail system is retrying it.
        """
        condition = f"state = '{_DONE}' AND {_MAY_AGAIN} AND changed_at <= %s"
        self._change(condition, (now - resend,), state=_CLAIMED, owner=owner, lease_until=now + lease)

    def put_back(self, now: datetime) -> None:
        """What was to be decided anew, by somebody who broke off, is as stopped as before."""
        self._change(f"{_AGAIN} AND {_FREE}", (now,), state=_DONE, owner="", lease_until=None)

    def intend(self, owner: str, state: JournalState, record: str, now: datetime, lease: timedelta) -> int:
        """What ``owner`` still holds goes on to ``state``; how many."""
        return self._change(
            f"owner = %s AND state <> '{_DONE}'", (owner,),
            state=state.value, record=record, fate="", lease_until=now + lease, changed_at=now,
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
        """Anybody's again. What is held, or was stopped before, stays so; of the former somebody tells the sender."""
        if not self.recipients:
            return
        self._change(f"owner = %s AND state = '{_UNTOLD}'", (owner,), owner="", lease_until=None)
        self._change(f"owner = %s AND {_AGAIN}", (owner,), state=_DONE, owner="", lease_until=None)
        text = f"DELETE FROM {_TABLE} WHERE {self._where} AND owner = %s AND state IN ('{_CLAIMED}', '{_INTENDED}')"  # noqa: S608 - constants of this module
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
