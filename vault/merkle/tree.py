"""Merkle tree hashing, and which subtrees make up a root or a proof (RFC 9162 section 2.1; the same as RFC 6962).

A node is named by its level (leaves are 0) and its index from the left; it stands for ``2**level`` leaves. Only such
complete subtrees are ever stored; ``Nodes`` reads one. A range of leaves that is not complete (the right edge of a
tree) is put together from complete ones, so roots and proofs need O(log n) of them.

Pure: no clock, no database. Hashes are 32 bytes (SHA-256).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

HASH_LENGTH = 32
EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

Nodes = Callable[[int, int], bytes]
"""The hash of the complete subtree at (level, index)."""

Range = tuple[int, int]
"""Leaves from the first number to before the second."""


def leaf_hash(entry: bytes) -> bytes:
    """Section 2.1.1: a zero byte sets leaves apart from nodes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Section 2.1.1: a node over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(size: int, nodes: Nodes) -> bytes:
    """The root of the first ``size`` leaves."""
    return range_hash((0, size), nodes) if size else EMPTY


def inclusion(index: int, size: int, nodes: Nodes) -> tuple[bytes, ...]:
    """The audit path of a leaf (section 2.1.3.1), its sibling first. ``ValueError`` for a leaf that is not there."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in this tree")
    return tuple(range_hash(r, nodes) for r in inclusion_ranges(index, size))


def consistency(old: int, new: int, nodes: Nodes) -> tuple[bytes, ...]:
    """The proof that the tree of ``old`` leaves is the beginning of that of ``new`` (section 2.1.4.1).

    Empty for equal sizes and from the empty tree. ``ValueError`` for a tree that would shrink.
    """
    if not 0 <= old <= new:
        raise ValueError("a tree only grows")
    return tuple(range_hash(r, nodes) for r in consistency_ranges(old, new)) if old else ()


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """What each hash of an audit path stands for."""
    start, end, found = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """What each hash of a consistency proof stands for: SUBPROOF of section 2.1.4.1, without its recursion."""
    start, end, found = 0, new, []
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    if start:  # the old tree as a whole is known to whoever asks; a part of it is not
        found.append((start, end))
    return found[::-1]


def range_hash(leaves: Range, nodes: Nodes) -> bytes:
    """The hash over a range that stands in the tree as one subtree, complete or at the right edge."""
    *rest, last = [nodes(level, index) for level, index in complete(leaves)]
    for left in reversed(rest):
        last = node_hash(left, last)
    return last


def complete(leaves: Range) -> Iterator[tuple[int, int]]:
    """The complete subtrees that a range consists of, from the left: level and index of each."""
    start, end = leaves
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield level, start >> level
        start += 1 << level


def folded(hashes: list[bytes]) -> bytes:
    """The root of a complete subtree from the hashes of one of its levels (a power of two of them)."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[n], hashes[n + 1]) for n in range(0, len(hashes), 2)]
    return hashes[0]


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << (size - 1).bit_length() - 1
