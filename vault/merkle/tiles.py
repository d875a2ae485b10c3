"""The tree's hashes in the database, 256 side by side (tiles of height 8, as c2sp.org/tlog-tiles cuts them).

Ten million events are some 39,000 tiles, 320 MB; a root or a proof reads at most a handful of them, and adding
events rewrites the last tile of each level. Reads raise what the database raises; callers are within ``vault.rows``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from vault.merkle import tree
from vault.merkle.tree import HASH_LENGTH
from vault.models import AuditTile

HEIGHT = 8
WIDTH = 1 << HEIGHT


class Tiles:
    """Reads nodes by way of tiles, of which some (``kept``) stay in memory. For one look at one state of the tree."""

    def __init__(self, kept: int = 64) -> None:
        self._tile = lru_cache(kept)(_read)

    def node(self, level: int, index: int) -> bytes:
        """A :data:`~vault.merkle.tree.Nodes`. ``LookupError`` for what is not there."""
        tile_level, above = divmod(level, HEIGHT)
        first = index << above
        hashes = self._tile(tile_level, first // WIDTH)
        found = hashes[first % WIDTH : first % WIDTH + (1 << above)]
        if len(found) != 1 << above:
            raise LookupError("a hash of the tree is missing")
        return tree.folded(list(found))

    def root(self, size: int) -> bytes:
        """Of the first ``size`` leaves. ``LookupError`` where the tree has fewer."""
        return tree.root(size, self.node)

    def leaves(self, index: int) -> tuple[bytes, ...]:
        """The leaf hashes of one tile, as many as there are."""
        return self._tile(0, index)

    def entries(self, level: int, index: int) -> tuple[bytes, ...]:
        """The hashes of any tile, as many as there are."""
        return self._tile(level, index)


def extended(size: int, leaves: Sequence[bytes]) -> list[AuditTile]:
    """The tiles that are new or changed when these leaves come after the first ``size``. Nothing is written."""
    changed = []
    level, added = 0, list(leaves)
    while added:
        start = size >> HEIGHT * level
        hashes = list(_read(level, start // WIDTH))[: start % WIDTH] + added
        first = start // WIDTH
        rows = [hashes[n : n + WIDTH] for n in range(0, len(hashes), WIDTH)]
        changed += [AuditTile(level=level, index=first + n, hashes=b"".join(row)) for n, row in enumerate(rows)]
        added = [tree.folded(row) for row in rows if len(row) == WIDTH]
        level += 1
    return changed


def write(tiles: Sequence[AuditTile]) -> None:
    """Within the caller's transaction."""
    AuditTile.objects.bulk_create(
        tiles, update_conflicts=True, unique_fields=["level", "index"], update_fields=["hashes"], batch_size=100
    )


def _read(level: int, index: int) -> tuple[bytes, ...]:
    found = AuditTile.objects.filter(level=level, index=index).values_list("hashes", flat=True).first()
    return split(bytes(found)) if found is not None else ()


def split(data: bytes) -> tuple[bytes, ...]:
    """The hashes of a tile."""
    return tuple(data[n : n + HASH_LENGTH] for n in range(0, len(data), HASH_LENGTH))
