"""What other tables hold of a record that has gone: addresses, decisions, reasons. Each is forgotten with its row.

Whoever keeps something of a record adds a forgetter here. It runs within the transaction that makes the
record's row a stub, and gives back how many rows it dropped, which the certificate says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vault.models import (
    AddressWarning,
    DecidedFacts,
    HeldCopy,
    HeldMail,
    JournalEntry,
    PickupGrant,
    ReleaseRequest,
    RetentionMark,
    Settlement,
)
from vault.search import index

Forgetter = Callable[[str], int]
"""A record's id to the number of rows that were dropped."""


def _rulings(record: str) -> int:
    """What reviewers ruled, and why, as they typed it. Before the held mails that they are about."""
    return Settlement.objects.filter(held__record=record).delete()[0]


def _requests(record: str) -> int:
    """Why the officer asked for it to leave, as they typed it. Before the held mails that they are about."""
    return ReleaseRequest.objects.filter(held__record=record).delete()[0]


def _copies(record: str) -> int:
    """A copy that has not gone yet is a file without a row then, and is swept (``vault/held/room.py``)."""
    return HeldCopy.objects.filter(record=record).delete()[0]


def _pickups(record: str) -> int:
    """The link opens nothing from now on; the copy is a file without a row, and is swept (``vault/pickup/room.py``)."""
    return PickupGrant.objects.filter(record=record).delete()[0]


def _held_mails(record: str) -> int:
    return HeldMail.objects.filter(record=record).delete()[0]


def _journal(record: str) -> int:
    return JournalEntry.objects.filter(record=record).delete()[0]


def _facts(record: str) -> int:
    return DecidedFacts.objects.filter(record=record).delete()[0]


def _warnings(record: str) -> int:
    return AddressWarning.objects.filter(record=record).delete()[0]


def _marks(record: str) -> int:
    """Their reasons are as people typed them; which variant counted stands on the certificate."""
    return RetentionMark.objects.filter(record=record).delete()[0]


def _index(record: str) -> int:
    return int(index.forget(record))


FORGETTERS: Mapping[str, Forgetter] = {
    "reviewers' rulings": _rulings,
    "officers' requests": _requests,
    "copies for reviewers": _copies,
    "held mails": _held_mails,
    "pick-ups": _pickups,
    "journal entries": _journal,
    "facts of decisions": _facts,
    "warnings about addresses": _warnings,
    "index rows": _index,
    "retention marks": _marks,
}
"""By what they forget, as it stands on certificates."""
