"""The best first: records weigh as much as the words that they have say about them.

The weight of a word is that of Robertson and Sparck Jones (1976) without relevance information: the rarer, the heavier;
it counts once more in the subject line, and in a file name. How often a text says it does not count: a mail that
says a name ten times is not ten times about it. Both databases give the same order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice

from vault.search.blocks import Sets, count, has, newest
from vault.search.evaluate import Evaluator
from vault.search.terms import Plan, Terms
from vault.search.tree import Tree, wanted

RANKED = 1_000
"""Of so many hits, the newest, the best come first; the search says so."""
UNIT = 1_000_000
"""Weights are whole numbers, so that a cursor can hold one."""


def scores(tree: Tree, terms: Terms, evaluator: Evaluator, hits: Sets) -> dict[int, int]:
    """Of the newest hits, by number."""
    found = dict.fromkeys(islice(newest(hits), RANKED), 0)
    everything = count(evaluator.sets(terms.everything()))
    for plan in _weighed(tree, terms):
        having = evaluator.sets(plan)
        times = count(having)
        weight = round(math.log1p((everything - times + 0.5) / (times + 0.5)) * UNIT)
        for number in found:
            if has(having, number):
                found[number] += weight
    return found


def _weighed(tree: Tree, terms: Terms) -> Iterator[Plan]:
    for item in wanted(tree):
        yield terms.plan(item)
        yield from terms.placed(item)
