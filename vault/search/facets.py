"""How the hits of a search divide: by class, decision, whether a recipient opened it, month and person.

Each number is the count of a set: exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice

from django.db.models import Count

from domain.decision import Action
from domain.here import HERE
from vault.models import VaultRecord, VaultSubject
from vault.search import fields
from vault.search.blocks import Sets, both, count, newest
from vault.search.evaluate import Evaluator
from vault.search.terms import Terms

MOST_PEOPLE = 20
"""So many people, those of the most records, are told of."""
_FEW = 2_000
"""So many hits, and no more, are counted by their rows."""
_DECEMBER = 12
_Having = Callable[[str, Iterable[str]], dict[str, int]]


def facets(hits: Sets, terms: Terms, evaluator: Evaluator) -> dict[str, dict[str, int]]:
    """Values of ``class``, ``decided``, ``opened``, ``month`` and ``person`` with how many hits have them.

    A value that no hit has is not among them.
    """

    def having(name: str, values: Iterable[str]) -> dict[str, int]:
        plans = {value: terms.value(name, value) for value in values}
        evaluator.prepare(*plans.values())
        return {value: count(both(hits, evaluator.sets(plan))) for value, plan in plans.items()}

    decided = having("decided", (a.name for a in Action))
    few = list(islice(newest(hits), _FEW + 1))
    by_rows = len(few) <= _FEW

    return {
        "class": _ordered(having("class", fields.CLASSES)),
        "decided": _ordered({fields.written(a): decided[a.name] for a in Action}),
        "opened": _ordered({v: count(both(hits, evaluator.sets(["picked up", v == "yes"]))) for v in ("yes", "no")}),
        "month": _months_of(few) if by_rows else _months(hits, having),
        "person": _people_of(few) if by_rows else _people(having),
    }


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(((k, n) for k, n in counts.items() if n), key=lambda pair: (-pair[1], pair[0])))


def _months(hits: Sets, having: _Having) -> dict[str, int]:
    """The newest first; looked for until all are counted: each record has one month."""
    found: dict[str, int] = {}
    left = count(hits)
    for year in _years(hits):
        if not left:
            break
        if having("sent", [f"{year}"])[f"{year}"]:
            months = having("sent", [f"{year}-{month:02}" for month in range(1, _DECEMBER + 1)])
            found |= {month: times for month, times in months.items() if times}
            left -= sum(months.values())
    return dict(sorted(found.items(), reverse=True))


def _years(hits: Sets) -> Iterator[int]:
    """Beginning with that of the newest hit, and back: a year that nothing is of costs a look at the whole index."""
    last = VaultRecord.objects.filter(search_entry__number=next(newest(hits), 0)).values_list("received_at", flat=True)
    begin = last[0].astimezone(HERE).year if last else fields.LAST_YEAR
    yield from range(begin, fields.FIRST_YEAR - 1, -1)
    yield from range(fields.LAST_YEAR, begin, -1)


def _months_of(numbers: Collection[int]) -> dict[str, int]:
    """The same by the rows of a few: to ask the index for each month costs the more, the more it holds."""
    received = VaultRecord.objects.filter(search_entry__number__in=numbers).values_list("received_at", flat=True)
    return dict(sorted(Counter(f"{at.astimezone(HERE):%Y-%m}" for at in received).items(), reverse=True))


def _people_of(numbers: Collection[int]) -> dict[str, int]:
    """Of a few, by their rows."""
    subjects = VaultSubject.objects.filter(record__search_entry__number__in=numbers).order_by()
    return _most(dict(subjects.values_list("person").annotate(times=Count("person"))))


def _people(having: _Having) -> dict[str, int]:
    people = VaultSubject.objects.order_by().values_list("person", flat=True).distinct()
    return _most(having("about", people))


def _most(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(islice(_ordered(counts).items(), MOST_PEOPLE))
