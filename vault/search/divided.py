"""How records divide by what their rows say: class, decision, month and person.

Of a block whose sets are ready the division is ready, too: for each field its values, and under each the offsets of the
records that have it, however few. So a count is right without a look at the text index, which costs PostgreSQL the more
the more it holds. What is newer is counted by its rows.
"""

from __future__ import annotations

import json
import struct
from array import array
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import islice
from operator import itemgetter

from domain.here import HERE
from vault import sql
from vault.models import VaultRecord, VaultSubject

TOKEN = "divided"  # noqa: S105 - not a secret: under which a block's division stands; the other tokens are hexadecimal
FIELDS = ("class", "decided", "month", "person")
Values = dict[str, dict[str, list[int]]]
"""By field and value, the numbers of the records that have it."""
_HEAD = struct.Struct("<I")
_AT_ONCE = 1_000
_SIDES = 2


def of_rows(low: int, high: int) -> Values:
    """Of all records from ``low`` to below ``high``, by their rows."""
    return _by_rows({"search_entry__number__gte": low, "search_entry__number__lt": high})


def counted_by_rows(numbers: Iterator[int]) -> dict[str, Counter[str]]:
    """Of these records, a thousand at a time: how many have each value."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in FIELDS}
    while some := list(islice(numbers, _AT_ONCE)):
        for name, values in _by_rows({"search_entry__number__in": some}).items():
            counts[name].update({value: len(them) for value, them in values.items()})
    return counts


def packed(values: Values, start: int) -> bytes:
    """For a block that begins with the number ``start``."""
    told = {name: [[value, len(them)] for value, them in values[name].items()] for name in FIELDS}
    head = json.dumps(told, separators=(",", ":")).encode()
    offsets = array("H", [n - start for name in FIELDS for them in values[name].values() for n in them])
    return b"".join((_HEAD.pack(len(head)), head, offsets.tobytes()))


def ready(blocks: Collection[int]) -> dict[int, bytes]:
    """The divisions of these blocks, as far as there are any."""
    found: dict[int, bytes] = {}
    wanted = iter(blocks)
    while some := list(islice(wanted, _AT_ONCE)):
        text = f"SELECT block, members FROM vault_searchblock WHERE token = %s AND block IN {sql.places(some)}"  # noqa: S608 - placeholders
        found |= {block: bytes(members) for block, members in sql.select(text, [TOKEN, *some])}
    return found


def known() -> set[int]:
    """The blocks that have one."""
    return {row[0] for row in sql.select("SELECT block FROM vault_searchblock WHERE token = %s", [TOKEN])}


def counted(division: bytes, flags: bytes) -> Iterator[tuple[str, str, int]]:
    """Field, value and how many of those records have it whose offset has the flag 1 (0 for others)."""
    (length,) = _HEAD.unpack_from(division)
    end = _HEAD.size + length
    told = json.loads(division[_HEAD.size : end])
    offsets = array("H")
    offsets.frombytes(division[end:])
    if len(offsets) < _SIDES:
        offsets.extend([0] * _SIDES)  # itemgetter gives a bare value for one, and none for none
    wanted = bytes(itemgetter(*offsets)(flags))  # in one go: a loop over a million records is ten times dearer
    at = 0
    for name in FIELDS:
        for value, times in told[name]:
            if of_them := wanted.count(1, at, at + times):
                yield name, value, of_them
            at += times


def _by_rows(which: dict[str, object]) -> Values:
    found: Values = {name: {} for name in FIELDS}
    records = VaultRecord.objects.filter(**which).order_by()
    for number, at, classes, decisions in records.values_list(
        "search_entry__number", "received_at", "classes", "decisions"
    ):
        for kind in set(classes):
            found["class"].setdefault(kind, []).append(number)
        for action in {d["action"] for d in decisions}:
            found["decided"].setdefault(action, []).append(number)
        found["month"].setdefault(f"{at.astimezone(HERE):%Y-%m}", []).append(number)
    about = VaultSubject.objects.filter(**{f"record__{name}": value for name, value in which.items()}).order_by()
    for number, person in about.values_list("record__search_entry__number", "person"):
        found["person"].setdefault(person, []).append(number)
    return found
