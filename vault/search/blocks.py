"""Sets of records, and those that are kept ready for the common tokens of full blocks.

The text index is quick where few records have a token, and slow to count where a million have it. So for each block of
4,096 numbers that is full, the set of those that have a token is stored for every token that many have: as a bitmap,
or as a list of offsets where that is shorter (after Roaring bitmaps, Lemire et al. 2016). The sets are made from the
entries, hold what is in the text index already, and are dropped when a record of their block changes.
"""

from __future__ import annotations

import secrets
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator

from django.db import DEFAULT_DB_ALIAS, connections

from domain.errors import VaultUnavailable
from vault import sql
from vault.models import SearchBlock
from vault.rows import reading, writing
from vault.search.document import opened
from vault.search.index import BLOCK_BITS, fold, take_turns

BLOCK = 1 << BLOCK_BITS
COMMON = 16
"""As many records of a block must have a token for it to have a set."""
_BITMAP = BLOCK // 8
_READ = 1_000
_DONE = b"done"

Sets = dict[int, int]
"""By block, the bits of the records that are in: bit n is number ``block * BLOCK + n``."""


def of_numbers(numbers: Iterable[int]) -> Sets:
    """A set of these."""
    bits: dict[int, bytearray] = {}
    for number in numbers:
        block = number >> BLOCK_BITS
        if block not in bits:
            bits[block] = bytearray(_BITMAP)
        offset = number & BLOCK - 1
        bits[block][offset >> 3] |= 1 << (offset & 7)
    return {block: int.from_bytes(found, "little") for block, found in bits.items()}


def both(one: Sets, other: Sets) -> Sets:
    """In both."""
    return {block: bits for block in one.keys() & other.keys() if (bits := one[block] & other[block])}


def either(one: Sets, other: Sets) -> Sets:
    """In one of them."""
    return {block: one.get(block, 0) | other.get(block, 0) for block in one.keys() | other.keys()}


def without(one: Sets, other: Sets) -> Sets:
    """In the one, not in the other."""
    return {block: rest for block, bits in one.items() if (rest := bits & ~other.get(block, 0))}


def count(sets: Sets) -> int:
    """How many."""
    return sum(bits.bit_count() for bits in sets.values())


def between(sets: Sets, low: int, high: int) -> Sets:
    """Those from ``low`` to below ``high``."""
    kept = {}
    for block, bits in sets.items():
        start = block << BLOCK_BITS
        if start + BLOCK > high:
            bits &= (1 << max(0, high - start)) - 1  # noqa: PLW2901 - cut at both ends
        if start < low:
            bits = bits >> (low - start) << (low - start)  # noqa: PLW2901 - the same
        if bits:
            kept[block] = bits
    return kept


def has(sets: Sets, number: int) -> bool:
    """Whether it is in."""
    return bool(sets.get(number >> BLOCK_BITS, 0) >> (number & BLOCK - 1) & 1)


def newest(sets: Sets) -> Iterator[int]:
    """Their numbers, the greatest first."""
    for block in sorted(sets, reverse=True):
        octets = sets[block].to_bytes(_BITMAP, "little")
        for place in range(_BITMAP - 1, -1, -1):
            if octets[place]:
                for bit in range(7, -1, -1):
                    if octets[place] >> bit & 1:
                        yield (block << BLOCK_BITS) + place * 8 + bit


def full_blocks() -> set[int]:
    """Those whose sets are ready."""
    text = "SELECT block FROM vault_searchblock WHERE token = '' AND members = %s"
    return {row[0] for row in sql.select(text, [_DONE])}


def ready(token: str) -> Sets:
    """The token's sets in full blocks where it is common."""
    text = "SELECT block, members FROM vault_searchblock WHERE token = %s"
    return {block: _unpacked(bytes(members)) for block, members in sql.select(text, [token])}


def make_ready(most: int = 50) -> int:
    """The sets of full blocks that have none; how many blocks. For the worker: a second each, no lock meanwhile.

    Raises ``VaultUnavailable``.
    """
    fold()
    made = 0
    with reading(VaultUnavailable):
        last = settled()
        done = full_blocks()
    for block in range((last + 1) >> BLOCK_BITS):
        if block not in done and made < most:
            made += _make(block)
    return made


def settled() -> int:
    """The last number below which none will come any more (numbers are given before their transactions end)."""
    greatest = "SELECT coalesce(max(number), 0) FROM vault_searchentry"
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
        return int(sql.select(greatest, [])[0][0])
    with writing(VaultUnavailable):
        sql.update("LOCK TABLE vault_searchentry IN SHARE MODE", [])  # all who have a number have ended, or wait
        return int(sql.select(greatest, [])[0][0])


def _make(block: int) -> bool:
    """False if a record of it changed meanwhile; it will be tried again."""
    mark = secrets.token_bytes(16)
    with writing(VaultUnavailable):
        take_turns()
        sql.update("DELETE FROM vault_searchblock WHERE block = %s", [block])
        if _waiting(block):
            return False
        sql.insert(SearchBlock, [{"block": block, "token": "", "members": mark}])
    sets = _gathered(block)
    with writing(VaultUnavailable):
        take_turns()
        text = "UPDATE vault_searchblock SET members = %s WHERE block = %s AND token = '' AND members = %s"
        if not sql.update(text, [_DONE, block, mark]):
            return False
        rows = [{"block": block, "token": t, "members": _packed(members)} for t, members in sets.items()]
        sql.insert(SearchBlock, rows)
    return True


def _waiting(block: int) -> bool:
    text = (
        "SELECT 1 FROM vault_searchwaiting w JOIN vault_searchentry e ON e.record_id = w.record "
        "WHERE e.number >= %s AND e.number < %s LIMIT 1"
    )
    return bool(sql.select(text, [block << BLOCK_BITS, (block + 1) << BLOCK_BITS]))


def _gathered(block: int) -> dict[str, bytearray]:
    """Twice over the entries: first which tokens are common, then who has them."""
    counts: Counter[str] = Counter()
    for _, tokens in _entries(block):
        counts.update(tokens)
    sets = {token: bytearray(_BITMAP) for token, times in counts.items() if times >= COMMON}
    common = sets.keys()
    for offset, tokens in _entries(block):
        place, bit = offset >> 3, 1 << (offset & 7)
        for token in tokens & common:
            sets[token][place] |= bit
    return sets


def _entries(block: int) -> Iterator[tuple[int, set[str]]]:
    """The offset and the tokens of each entry of a block that is indexed."""
    text = "SELECT number, body FROM vault_searchentry WHERE number >= %s AND number < %s AND key <> '' ORDER BY number"
    start = block << BLOCK_BITS
    for low in range(start, start + BLOCK, _READ):
        with reading(VaultUnavailable):
            found = sql.select(text, [low, min(low + _READ, start + BLOCK)])
        for number, body in found:
            yield number - start, opened(bytes(body)).tokens


def _packed(bits: bytearray) -> bytes:
    members = int.from_bytes(bits, "little")
    if members.bit_count() * 2 >= _BITMAP:
        return bytes(bits)
    return array("H", list(newest({0: members}))).tobytes()


def _unpacked(members: bytes) -> int:
    if len(members) == _BITMAP:
        return int.from_bytes(members, "little")
    offsets = array("H")
    offsets.frombytes(members)
    return of_numbers(offsets).get(0, 0)
