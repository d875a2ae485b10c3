"""How the hits of a search divide: by class, decision, whether a recipient opened it, month and person.

Each number is the count of a set: exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice

from django.db.models import Count

from domain.decision import Action
from vault.models import VaultSubject
from vault.search import fields
from vault.search.blocks import Sets, both, count, newest
from vault.search.evaluate import Evaluator
from vault.search.terms import Terms

MOST_PEOPLE = 20
"""So many people, those of the most records, are told of."""
_FEW = 2_000
_DECEMBER = 12
_Having = Callable[[str, str], int]


def facets(hits: Sets, terms: Terms, evaluator: Evaluator) -> dict[str, dict[str, int]]:
    """Values of ``class``, ``decided``, ``opened``, ``month`` and ``person`` with how many hits have them.

    A value that no hit has is not among them.
    """
    evaluator.prepare(*(terms.value("class", c) for c in fields.CLASSES))

    def having(name: str, value: str) -> int:
        return count(both(hits, evaluator.sets(terms.value(name, value))))

    return {
        "class": _ordered({c: having("class", c) for c in fields.CLASSES}),
        "decided": _ordered({fields.written(a): having("decided", a.name) for a in Action}),
        "opened": _ordered({v: count(both(hits, evaluator.sets(["picked up", v == "yes"]))) for v in ("yes", "no")}),
        "month": _months(count(hits), having),
        "person": _people(hits, having),
    }


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(((k, n) for k, n in counts.items() if n), key=lambda pair: (-pair[1], pair[0])))


def _months(left: int, having: _Having) -> dict[str, int]:
    """The newest first, until all are counted: each record has one month."""
    found: dict[str, int] = {}
    for year in range(fields.LAST_YEAR, fields.FIRST_YEAR - 1, -1):
        if not left:
            break
        if having("sent", f"{year}"):
            months = (f"{year}-{month:02}" for month in range(_DECEMBER, 0, -1))
            found |= {month: times for month in months if (times := having("sent", month))}
            left = left - sum(times for month, times in found.items() if month.startswith(f"{year}-"))
    return found


def _people(hits: Sets, having: _Having) -> dict[str, int]:
    numbers = list(islice(newest(hits), _FEW + 1))
    if len(numbers) <= _FEW:
        subjects = VaultSubject.objects.filter(record__search_entry__number__in=numbers).order_by()
        counts = dict(subjects.values_list("person").annotate(times=Count("person")))
    else:
        people = VaultSubject.objects.order_by().values_list("person", flat=True).distinct()
        counts = {person: having("about", person) for person in people}
    return dict(islice(_ordered(counts).items(), MOST_PEOPLE))
