"""Proofs to hand out: that an event is in the log, and that a later log holds all of an earlier one.

For exports: ``inclusion(event.sequence).text()`` is a file of its own (``proof.py`` has its format and its check).
"""

from __future__ import annotations

from collections.abc import Callable

from domain.errors import SallyportError, SealBroken, TryAgain, VaultUnavailable
from vault import audit
from vault.merkle import tree
from vault.merkle.checks import check_consistency, check_inclusion
from vault.merkle.proof import Proof
from vault.merkle.tiles import Tiles
from vault.merkle.tree import Nodes
from vault.models import AuditCheckpoint, AuditEvent, AuditLeaf
from vault.rows import reading

__all__ = ["NoCheckpointYet", "NoSuchCheckpoint", "NoSuchEvent", "Proof", "consistency", "inclusion"]


class NoSuchEvent(SallyportError):
    """No event of that number."""

    public = "There is no such event in the audit trail."


class NoCheckpointYet(TryAgain):
    """The event is too new, or no worker runs."""

    public = "No checkpoint covers this event yet; `sallyport worker` makes one each minute."


class NoSuchCheckpoint(SallyportError):
    """No checkpoint of that size was signed."""

    public = "There is no checkpoint of that size; see `sallyport audit checkpoints`."


def inclusion(sequence: int, size: int | None = None) -> Proof:
    """The proof of an event by its number (its ``sequence``), against the newest checkpoint or the one of ``size``.

    Raises :class:`NoSuchEvent`, :class:`NoCheckpointYet`, :class:`NoSuchCheckpoint`, ``SealBroken`` where the
    event is no longer what was logged, or ``VaultUnavailable``.
    """
    with reading(VaultUnavailable):
        row = AuditEvent.objects.filter(sequence=sequence).first()
        if row is None:
            raise NoSuchEvent("no such event", sequence=sequence)
        place = AuditLeaf.objects.filter(sequence=sequence).first()
        head = _checkpoint(size)
        if place is None or head is None or head.size <= place.index:
            raise NoCheckpointYet("not in a checkpoint", sequence=sequence)
        path = _hashes(lambda nodes: tree.inclusion(place.index, head.size, nodes))
    entry = audit.canonical(audit.of_row(row))
    proof = Proof(entry, place.index, path, head.note)
    check_inclusion(tree.leaf_hash(entry), proof.index, head.size, path, bytes.fromhex(head.root))
    return proof


def consistency(old: int, new: int) -> tuple[bytes, ...]:
    """That the log at the size ``new`` begins with the log at ``old``; both are checkpoints' sizes. Raises as above."""
    with reading(VaultUnavailable):
        heads = [_checkpoint(size) for size in (old, new)] if old else [None, _checkpoint(new)]
        path = _hashes(lambda nodes: tree.consistency(old, new, nodes))
    roots = [bytes.fromhex(head.root) if head else tree.EMPTY for head in heads]
    check_consistency(old, roots[0], new, roots[1], path)
    return path


def _checkpoint(size: int | None) -> AuditCheckpoint | None:
    """The newest; or the one of that size, which must be there."""
    rows = AuditCheckpoint.objects.order_by("-id")
    if size is None:
        return rows.first()
    found = rows.filter(size=size).first()
    if found is None:
        raise NoSuchCheckpoint("no such checkpoint", size=size)
    return found


def _hashes(make: Callable[[Nodes], tuple[bytes, ...]]) -> tuple[bytes, ...]:
    try:
        return make(Tiles().node)
    except LookupError as error:
        message = "Hashes of the audit log are missing; `sallyport audit verify` says more."
        raise SealBroken("tiles missing", public=message) from error
