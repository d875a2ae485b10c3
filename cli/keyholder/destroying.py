"""A disposal that two people approved, carried out as ``sallyport disposal execute`` does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.disposal.executing import carry_out, certify
from cli.keyholder.tools import NotDone, Tools

if TYPE_CHECKING:
    from vault.models import Errand


def destroy(row: Errand, tools: Tools) -> None:
    """What is approved at this moment, and no more. Raises ``SallyportError``."""
    from vault.errands import answering
    from vault.models import DisposalBatch

    batch = DisposalBatch.objects.filter(pk=row.target).first()
    if batch is None:
        raise NotDone("no such proposal", public="There is no such proposal.")
    total, seen = batch.lines.filter(state__in=["open", "begun", "erased"]).count(), 0

    def far(_: str) -> None:
        nonlocal seen
        seen += 1
        answering.far(row, seen, total, tools.clock.now())

    gone, kept = carry_out(tools.settings, batch.pk, far, row.asked_by)
    certify(tools.settings, batch.pk, row.asked_by)
    says = [f"{len(gone)} destroyed, {len(kept)} kept.", *(f"Kept: {name}: {why}." for name, why in kept.items())]
    answering.done(row, " ".join(says), tools.clock.now())
