"""A search: how many records, how sure that is, and a page of them (promise 7).

What waits is folded first; then everything is read of one moment. The count is exact, whatever the page. A cursor holds
the newest record of the first page, so that records which come in meanwhile move nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from domain.decision import Action
from domain.errors import SallyportError, VaultUnavailable
from vault import sql
from vault.models import SearchEntry, VaultRecord
from vault.rows import reading
from vault.search import fields
from vault.search.blocks import both, count, newest
from vault.search.evaluate import Evaluator, steady
from vault.search.facets import facets
from vault.search.index import fold
from vault.search.ranking import UNIT, scores
from vault.search.terms import Terms
from vault.search.tokens import Keyed
from vault.search.tree import Tree, conditions


class WrongCursor(SallyportError):
    """A cursor that is none, or of another search."""

    public = "This cursor belongs to another search; begin again without --after."


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the ``records`` that the fields of a query allow: how many have parts that could not be read.

    ``unindexed`` are records of the whole vault that no search can find (made before there was an index, or with
    another key).
    """

    records: int
    partial: int
    unindexed: int

    def __str__(self) -> str:
        said = f"{self.records - self.partial:,} of {self.records:,} records fully indexed"
        if self.partial:
            said += f"; {self.partial:,} {'has' if self.partial == 1 else 'have'} parts that could not be read"
        if self.unindexed:
            verb = "is" if self.unindexed == 1 else "are"
            said += f"; {self.unindexed:,} more {verb} not indexed (sallyport vault index rebuild)"
        return said


@dataclass(frozen=True, slots=True)
class Hit:
    """A record. ``unread`` are its parts that the index does not hold, with why; ``score`` is 0 where not ranked."""

    number: int
    record: str
    received_at: datetime
    sender: str
    classes: tuple[str, ...]
    decided: tuple[str, ...]
    people: tuple[str, ...]
    unread: tuple[tuple[str, str], ...]
    score: float = 0.0
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """``after`` is the cursor of the next page, empty at the end. ``ranked``: of how many the best come first."""

    total: int
    coverage: Coverage
    hits: tuple[Hit, ...]
    after: str
    ranked: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the hits is wanted, and how."""

    limit: int = 20
    after: str = ""
    ranked: bool = False
    facets: bool = False


def search(tree: Tree, terms: Terms, keyed: Keyed, page: Page | None = None) -> Found:
    """Raises ``VaultUnavailable``, :class:`WrongCursor`, and what ``terms`` raises for a name that is nobody's."""
    page = page or Page()
    plan = terms.plan(tree)
    cursor = _Cursor.read(page.after, keyed.digest(f"{page.ranked} {tree}")[:8])
    fold()
    with reading(VaultUnavailable), steady():
        high = cursor.high or int(sql.select("SELECT coalesce(max(number), 0) FROM vault_searchentry", [])[0][0]) + 1
        evaluator = Evaluator(terms.everything(), 0, high)
        evaluator.prepare(plan, terms.partial())
        hits = evaluator.sets(plan)
        weights = scores(tree, terms, evaluator, hits) if page.ranked else {}
        ordered = sorted(weights, key=lambda n: (-weights[n], -n)) if page.ranked else newest(hits)
        numbers = list(islice((n for n in ordered if cursor.before(weights.get(n, 0), n)), page.limit + 1))
        shown = numbers[: page.limit]
        return Found(
            total=count(hits),
            coverage=_coverage(tree, terms, evaluator, keyed),
            hits=_rows(shown, weights),
            after=cursor.write(high, weights.get(shown[-1], 0), shown[-1]) if len(numbers) > page.limit else "",
            ranked=len(weights),
            facets=facets(hits, evaluator) if page.facets else {},
        )


@dataclass(frozen=True, slots=True)
class _Cursor:
    """What is shown already: to this ``score`` and ``number``, of the records below ``high``. All 0: nothing."""

    of: str
    high: int = 0
    score: int = 0
    number: int = 0

    @classmethod
    def read(cls, text: str, of: str) -> _Cursor:
        if not text:
            return cls(of)
        mark, *rest = text.split(".")
        if mark != of or len(rest) != len(("high", "score", "number")) or not all(r.isdecimal() for r in rest):
            raise WrongCursor("a cursor of another search")
        return cls(mark, *(int(r) for r in rest))

    def write(self, high: int, score: int, number: int) -> str:
        return f"{self.of}.{high}.{score}.{number}"

    def before(self, score: int, number: int) -> bool:
        """Whether a record comes after what is shown."""
        return not self.number or (score, number) < (self.score, self.number)


def _coverage(tree: Tree, terms: Terms, evaluator: Evaluator, keyed: Keyed) -> Coverage:
    within = evaluator.sets(terms.everything())
    for condition in conditions(tree):
        within = both(within, evaluator.sets(terms.plan(condition)))
    text = "SELECT count(*) FROM vault_searchentry WHERE key < %s OR key > %s"
    unindexed = int(sql.select(text, [keyed.id, keyed.id])[0][0])
    return Coverage(count(within), count(both(within, evaluator.sets(terms.partial()))), unindexed)


def _rows(numbers: Sequence[int], weights: Mapping[int, int]) -> tuple[Hit, ...]:
    entries = SearchEntry.objects.filter(number__in=numbers).select_related("record").defer("body")
    found = {e.number: e for e in entries.prefetch_related("record__subjects")}
    return tuple(_hit(found[n], weights.get(n, 0)) for n in numbers if n in found)


def _hit(entry: SearchEntry, score: int) -> Hit:
    record: VaultRecord = entry.record
    return Hit(
        number=entry.number,
        record=record.id,
        received_at=record.received_at,
        sender=record.sender,
        classes=tuple(record.classes),
        decided=tuple(sorted({fields.written(Action[d["action"]]) for d in record.decisions})),
        people=tuple(sorted(s.person for s in record.subjects.all())),
        unread=tuple((part, reason) for part, reason in entry.unread),
        score=score / UNIT,
        recipients=tuple(dict.fromkeys(d["recipient"] for d in record.decisions)),
    )
