"""What a command writes to the audit trail before it shows something, or when it has changed who may."""

from __future__ import annotations

from cli.account import account
from domain.errors import VaultUnavailable

_LONGEST = 100


def who() -> str:
    """The user, as the trail names them."""
    return account()


def looked(action: str, *, record: str = "", why: str = "", **details: object) -> None:
    """An event in the user's name, durable on return. Raises ``VaultUnavailable``: unrecorded is unshown."""
    from gateway.clock import SystemClock
    from vault import audit, looks
    from vault.ids import is_id

    if record and not is_id(record):  # a slip of the pen is no record; the column has room for ids alone
        record, details = "", details | {"asked": record[:_LONGEST]}
    try:
        looks.note(audit.Event(SystemClock().now(), who(), action, record, why, details))
    except VaultUnavailable as error:
        public = "The database cannot be used; `sallyport check` says why."
        raise VaultUnavailable(error.private, public=public) from error
