"""One comparison, phase by phase and page by page; what each page gave is written down before the next is begun.

Broken off (Ctrl-C, a crash, a store that is away), it goes on where it was. It changes nothing, unless it is told to
repair: then it makes locks longer, puts holds on and sets tags, as the rows say, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from domain.errors import SallyportError, VaultUnavailable
from vault import audit
from vault.ids import new_id
from vault.lasting import Lasting
from vault.models import ReconcilePhase, ReconcileRun
from vault.objects.port import ObjectStore
from vault.reconcile.filed_log import FiledLog
from vault.reconcile.findings import Finding, Kind, Weight
from vault.reconcile.listing import Listing
from vault.reconcile.others import Index, Keys
from vault.reconcile.pages import Page
from vault.reconcile.rows import Rows, repair
from vault.rows import reading, writing

_KEPT = 1000
"""Findings written down; the counts have them all."""
LOOKED = "looked at"
_ORDER: list[ReconcilePhase] = [p for p in ReconcilePhase if p is not ReconcilePhase.DONE]
Progress = Callable[[ReconcilePhase, int, tuple[Finding, ...]], None]
"""Told after each page: the phase, how much was looked at in it, what was found."""


class SomebodyElse(SallyportError):
    """Two at one comparison would count everything twice."""

    public = "This comparison is being carried on by somebody else; wait for them, or begin another with --fresh."


class _Phase(Protocol):
    def page(self, cursor: str) -> Page:
        """The piece behind ``cursor``."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """``actor`` goes to the audit trail; ``log`` proves what was never filed.

    ``whole_bytes`` reads every file: as long as reading the bucket takes.
    """

    store: ObjectStore
    escrow: ObjectStore
    actor: str
    repair: bool = False
    whole_bytes: bool = False
    fresh: bool = False
    log: FiledLog | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """``counts`` by kind. ``findings`` are the first of them, ``resumed`` says that an earlier run was taken up."""

    run: str
    counts: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def looked(self) -> int:
        """Files, keys and records, each time that one was looked at."""
        return self.counts.get(LOOKED, 0)

    def of(self, weight: Weight) -> dict[Kind, int]:
        """How many of each kind of this weight; repaired ones are not counted."""
        return {k: n for k in Kind if k.weight is weight and (n := self.counts.get(k.value, 0))}

    @property
    def repaired(self) -> int:
        """How many were put right."""
        return self.counts.get("repaired", 0)

    @property
    def agrees(self) -> bool:
        """Nothing is left that somebody has to look after."""
        return not self.of(Weight.GRAVE) and not self.of(Weight.BEHIND)


def waiting(plan: Plan) -> ReconcileRun | None:
    """The comparison of the same kind that was broken off last."""
    with reading(VaultUnavailable):
        same = ReconcileRun.objects.filter(done_at=None, repair=plan.repair, whole_bytes=plan.whole_bytes)
        return same.order_by("-id").first()


def reconcile(plan: Plan, now: datetime, progress: Progress = lambda *_: None) -> Report:
    """Compare everything. Raises ``VaultUnavailable`` (run again: it goes on) or :class:`SomebodyElse`."""
    run = None if plan.fresh else waiting(plan)
    if run is None:
        run = _begin(plan, now)
    lasting = Lasting(now)
    while run.phase != ReconcilePhase.DONE:
        phase = ReconcilePhase(run.phase)
        looker = _looker(plan, phase, now)
        with reading(VaultUnavailable):
            page = looker.page(run.cursor)
        findings = tuple(_repaired(plan, page.findings, lasting.now))
        _write(run, page, findings, lasting.now)
        progress(phase, page.looked, findings)
    return Report(run.id, run.counts, tuple(_load(f) for f in run.findings))


def _begin(plan: Plan, now: datetime) -> ReconcileRun:
    run = ReconcileRun(id=new_id(now), actor=plan.actor, repair=plan.repair, whole_bytes=plan.whole_bytes, begun_at=now)
    with writing(VaultUnavailable):
        run.save(force_insert=True)
    return run


def _looker(plan: Plan, phase: ReconcilePhase, now: datetime) -> _Phase:
    if phase is ReconcilePhase.ROWS:
        return Rows(plan.store, whole_bytes=plan.whole_bytes)
    if phase is ReconcilePhase.STORE:
        return Listing(plan.store, now, plan.log)
    return Keys(plan.escrow) if phase is ReconcilePhase.ESCROW else Index()


def _repaired(plan: Plan, findings: tuple[Finding, ...], now: datetime) -> Iterator[Finding]:
    """Said in the audit trail before it is done."""
    behind = [f for f in findings if f.kind.weight is Weight.BEHIND] if plan.repair else []
    if behind:
        with writing(VaultUnavailable):
            why = "the store is behind the rows"
            audit.append(
                [
                    audit.Event(now, plan.actor, "repairing", f.record, why, {"key": f.key, "what": f.kind})
                    for f in behind
                ]
            )
    rows = Rows(plan.store, whole_bytes=False)
    for finding in findings:
        if finding in behind:
            with reading(VaultUnavailable):
                yield repair(plan.store, rows, finding)
        else:
            yield finding


def _write(run: ReconcileRun, page: Page, findings: tuple[Finding, ...], now: datetime) -> None:
    """The page's results and where the next one begins, at once; and at the end the audit event."""
    before = {"pk": run.pk, "pages": run.pages, "phase": run.phase}
    run.pages += 1
    run.counts = _added(run.counts, page.looked, findings)
    run.findings = [*run.findings, *(asdict(f) for f in findings)][:_KEPT]
    if page.cursor is None:
        run.phase, run.cursor = _next(run.phase), ""
        run.done_at = now if run.phase == ReconcilePhase.DONE else None
    else:
        run.cursor = page.cursor
    fields = ("pages", "counts", "findings", "phase", "cursor", "done_at")
    with writing(VaultUnavailable):
        if not ReconcileRun.objects.filter(**before).update(**{name: getattr(run, name) for name in fields}):
            raise SomebodyElse("the run has moved on", run=run.pk)
        if run.done_at:
            details = {"run": run.pk, "counts": run.counts, "repair": run.repair}
            audit.append([audit.Event(now, run.actor, "reconciled", "", "bucket, rows and index compared", details)])


def _next(phase: str) -> ReconcilePhase:
    return [*_ORDER, ReconcilePhase.DONE][_ORDER.index(ReconcilePhase(phase)) + 1]


def _added(counts: dict[str, int], looked: int, findings: tuple[Finding, ...]) -> dict[str, int]:
    total = {**counts, LOOKED: counts.get(LOOKED, 0) + looked}
    for finding in findings:
        name = "repaired" if finding.repaired else finding.kind.value
        total[name] = total.get(name, 0) + 1
    return total


def _load(finding: Mapping[str, Any]) -> Finding:
    return Finding(**{**finding, "kind": Kind(finding["kind"])})
