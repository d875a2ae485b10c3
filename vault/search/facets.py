"""How the hits of a search divide: by class, decision, whether a recipient opened it, month and person.

Each number is the count of a set: exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice

from domain.decision import Action
from vault.search import divided, fields
from vault.search.blocks import Sets, between, both, count, flags, newest
from vault.search.evaluate import Evaluator
from vault.search.index import BLOCK_BITS

MOST_PEOPLE = 20
"""So many people, those of the most records, are told of."""


def facets(hits: Sets, evaluator: Evaluator) -> dict[str, dict[str, int]]:
    """Values of ``class``, ``decided``, ``opened``, ``month`` and ``person`` with how many hits have them.

    A value that no hit has is not among them.
    """
    found = _divided(hits, evaluator.true_to)
    opened = {v: count(both(hits, evaluator.sets(["picked up", v == "yes"]))) for v in ("yes", "no")}
    return {
        "class": _ordered(found["class"]),
        "decided": _ordered({fields.written(Action[name]): n for name, n in found["decided"].items()}),
        "opened": _ordered(opened),
        "month": dict(sorted(found["month"].items(), reverse=True)),
        "person": dict(islice(_ordered(found["person"]).items(), MOST_PEOPLE)),
    }


def _divided(hits: Sets, true_to: Mapping[int, int]) -> dict[str, Counter[str]]:
    """By what is ready of each block, up to where that is true; the rest by its rows."""
    rest = dict(hits)
    counts: dict[str, Counter[str]] = {name: Counter() for name in divided.FIELDS}
    for block, division in divided.ready(hits.keys() & true_to.keys()).items():
        end = true_to[block]
        for name, value, times in divided.counted(division, flags(between({block: hits[block]}, 0, end), block)):
            counts[name][value] += times
        rest |= {block: between({block: rest[block]}, end, block + 1 << BLOCK_BITS).get(block, 0)}
    for name, more in divided.counted_by_rows(newest(rest)).items():
        counts[name].update(more)
    return counts


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(((k, n) for k, n in counts.items() if n), key=lambda pair: (-pair[1], pair[0])))
