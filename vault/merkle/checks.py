"""Checking a proof without having the tree (RFC 9162 sections 2.1.3.2 and 2.1.4.2).

Never raises on a hostile proof: it holds, or :class:`ProofFails` says that it does not.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import SealBroken
from vault.merkle.tree import HASH_LENGTH, node_hash


class ProofFails(SealBroken):
    """The proof does not lead from what it is about to the root that was signed."""

    public = "The proof does not hold: what it shows is not what was signed."


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """That ``leaf`` (its hash) is number ``index`` of ``size`` leaves under ``root``. Raises :class:`ProofFails`."""
    _check_lengths(proof)
    if not 0 <= index < size:
        raise ProofFails("no such leaf", index=index, size=size)
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofFails("the proof is too long")
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    if last or found != root:
        raise ProofFails("the proof leads elsewhere", index=index, size=size)


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """That the tree of ``old`` leaves is the beginning of that of ``new``. Raises :class:`ProofFails`."""
    _check_lengths(proof)
    if not 0 <= old <= new:
        raise ProofFails("a tree only grows", old=old, new=new)
    if old in {0, new}:
        if proof or (old == new and old_root != new_root):
            raise ProofFails("one size, two roots" if old_root != new_root else "the proof is too long")
        return
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not path:
        raise ProofFails("the proof is too short")
    old_found, new_found = _climb(path, place, last)
    if old_found != old_root or new_found != new_root:
        raise ProofFails("the proof leads elsewhere", old=old, new=new)


def _climb(path: Sequence[bytes], place: int, last: int) -> tuple[bytes, bytes]:
    """Section 2.1.4.2, steps 5 to 7."""
    old_found = new_found = path[0]
    for step in path[1:]:
        if last == 0:
            raise ProofFails("the proof is too long")
        if place & 1 or place == last:
            old_found, new_found = node_hash(step, old_found), node_hash(step, new_found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new_found = node_hash(new_found, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofFails("the proof is too short")
    return old_found, new_found


def _check_lengths(proof: Sequence[bytes]) -> None:
    if any(len(step) != HASH_LENGTH for step in proof):
        raise ProofFails("a step that is no hash")
