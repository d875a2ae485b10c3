"""Sets of records, and those that are kept ready for the common tokens of full blocks.

The text index is quick where few records have a token, and slow to count where a million have it. So for each block of
4,096 numbers, the set of those that have a token is stored for every token that many have: as a bitmap, or as a list of
offsets where that is shorter (after Roaring bitmaps, Lemire et al. 2016). The sets are made from the entries and hold
what is in the text index already; those of the last block reach up to a number, and the text index is asked for what is
newer. They are dropped when a record among them changes.
"""

from __future__ import annotations

import secrets
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from django.db import DEFAULT_DB_ALIAS, connections

from domain.errors import VaultUnavailable
from vault import sql
from vault.models import SearchBlock
from vault.rows import reading, writing
from vault.search import divided
from vault.search.document import opened
from vault.search.index import BLOCK_BITS, fold, take_turns

BLOCK = 1 << BLOCK_BITS
COMMON = 16
"""As many records of a block must have a token for it to have a set."""
ENOUGH = 256
"""As many new records of a block make it worth while to make its sets again."""
_BITMAP = BLOCK // 8
_BY_DIGITS = 100
"""Offsets from which on it is quicker to write the set's number than to add its bits."""
_NONE, _ONE = b"0" * BLOCK, ord("1")
_AS_FLAGS = bytes.maketrans(b"01", b"\0\1")
_READ = 1_000
_AT_WORK = "at work"

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


def flags(sets: Sets, block: int) -> bytes:
    """For each offset of a block 1 or 0, whether it is in."""
    return f"{sets.get(block, 0):0{BLOCK}b}".encode().translate(_AS_FLAGS)[::-1]


def newest(sets: Sets) -> Iterator[int]:
    """Their numbers, the greatest first."""
    for block in sorted(sets, reverse=True):
        octets = sets[block].to_bytes(_BITMAP, "little")
        for place in range(_BITMAP - 1, -1, -1):
            if octets[place]:
                for bit in range(7, -1, -1):
                    if octets[place] >> bit & 1:
                        yield (block << BLOCK_BITS) + place * 8 + bit


def ready_to() -> dict[int, int]:
    """By block, below which number its sets are true."""
    text = "SELECT block, members FROM vault_searchblock WHERE token = ''"
    return {block: int.from_bytes(bytes(members), "big") for block, members in sql.select(text, [])}


def ready(tokens: Sequence[str]) -> dict[str, Sets]:
    """Each token's sets, in the blocks where it is common."""
    found: dict[str, Sets] = {token: {} for token in tokens}
    for start in range(0, len(tokens), _READ):
        some = tokens[start : start + _READ]
        text = f"SELECT token, block, members FROM vault_searchblock WHERE token IN {sql.places(some)}"  # noqa: S608 - placeholders
        for token, block, members in sql.select(text, some):
            found[token][block] = _unpacked(bytes(members))
    return found


def make_ready(most: int = 50) -> int:
    """The sets of blocks that have none, or lack many; how many blocks. For the worker: a second each, no lock.

    Raises ``VaultUnavailable``.
    """
    with reading(VaultUnavailable):
        end = settled() + 1
        true_to = ready_to()
        whole = divided.known()
    fold()
    made = 0
    for block in range((end - 1 >> BLOCK_BITS) + 1):
        start, to = block << BLOCK_BITS, min(end, (block + 1) << BLOCK_BITS)
        lacks = to - (true_to[block] if block in whole else start)  # an earlier version made no division
        if made < most and (lacks >= ENOUGH or (lacks and to == start + BLOCK)):
            made += _make(block, to)
    return made


def settled(table: str = "vault_searchentry", number: str = "number") -> int:
    """The last number below which none will come any more (numbers are given before their transactions end)."""
    greatest = f"SELECT coalesce(max({number}), 0) FROM {table}"  # noqa: S608 - constants
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
        return int(sql.select(greatest, [])[0][0])
    with writing(VaultUnavailable):
        sql.update(f"LOCK TABLE {table} IN SHARE MODE", [])  # all who have a number have ended, or wait
        return int(sql.select(greatest, [])[0][0])


def _make(block: int, to: int) -> bool:
    """False if a record of it changed meanwhile; it will be tried again."""
    mark, start = secrets.token_bytes(16), block << BLOCK_BITS
    with writing(VaultUnavailable):
        take_turns()
        sql.update("DELETE FROM vault_searchblock WHERE block = %s AND token = %s", [block, _AT_WORK])
        if _waiting(block, to):
            return False
        sql.insert(SearchBlock, [{"block": block, "token": _AT_WORK, "members": mark}])
    rows = [{"block": block, "token": t, "members": _packed(m)} for t, m in _gathered(block, to).items()]
    with reading(VaultUnavailable):
        division = divided.packed(divided.of_rows(start, to), start)
    rows.append({"block": block, "token": divided.TOKEN, "members": division})
    rows.append({"block": block, "token": "", "members": to.to_bytes(8, "big")})
    with writing(VaultUnavailable):
        take_turns()
        text = "DELETE FROM vault_searchblock WHERE block = %s AND token = %s AND members = %s"
        if not sql.update(text, [block, _AT_WORK, mark]):
            return False
        sql.update("DELETE FROM vault_searchblock WHERE block = %s", [block])
        sql.insert(SearchBlock, rows)
    return True


def _waiting(block: int, to: int) -> bool:
    text = (
        "SELECT 1 FROM vault_searchwaiting w JOIN vault_searchentry e ON e.record_id = w.record "
        "WHERE e.number >= %s AND e.number < %s LIMIT 1"
    )
    return bool(sql.select(text, [block << BLOCK_BITS, to]))


def _gathered(block: int, to: int) -> dict[str, bytearray]:
    """Twice over the entries: first which tokens are common, then who has them."""
    counts: Counter[str] = Counter()
    for _, tokens in _entries(block, to):
        counts.update(tokens)
    sets = {token: bytearray(_BITMAP) for token, times in counts.items() if times >= COMMON}
    common = sets.keys()
    for offset, tokens in _entries(block, to):
        place, bit = offset >> 3, 1 << (offset & 7)
        for token in tokens & common:
            sets[token][place] |= bit
    return sets


def _entries(block: int, to: int) -> Iterator[tuple[int, set[str]]]:
    """The offset and the tokens of each entry of a block that is indexed."""
    text = "SELECT number, body FROM vault_searchentry WHERE number >= %s AND number < %s AND key <> '' ORDER BY number"
    start = block << BLOCK_BITS
    for low in range(start, to, _READ):
        with reading(VaultUnavailable):
            found = sql.select(text, [low, min(low + _READ, to)])
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
    return _bits(offsets) if len(offsets) < _BY_DIGITS else _digits(offsets)


def _bits(offsets: Iterable[int]) -> int:
    bits = bytearray(_BITMAP)
    for offset in offsets:
        bits[offset >> 3] |= 1 << (offset & 7)
    return int.from_bytes(bits, "little")


def _digits(offsets: Iterable[int]) -> int:
    """The same, as a number that is written in binary: the dearest part of a search of a million records was this."""
    digits = bytearray(_NONE)
    for offset in offsets:
        digits[offset] = _ONE
    return int(digits[::-1], 2)
