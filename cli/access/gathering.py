"""Collecting and the two tables, in one: for the command line and for the key holder."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from cli.access.people import others, sought
from domain.errors import VaultUnavailable

if TYPE_CHECKING:
    from vault.acting import Acting
    from vault.export.collecting import Progress, Tools
    from vault.export.documents import Collected
    from vault.export.folder import WorkFolder
    from vault.models import AccessRequest


def gather(
    case: AccessRequest, work: WorkFolder, tools: Tools, who: Acting, told: Progress, also: Collection[str]
) -> Collected:
    """Everything about the person, into the folder; what was filled in before stays. Raises as ``collect`` does."""
    from vault import audit
    from vault.export.collecting import collect
    from vault.export.review import prepare
    from vault.export.sheet import alone
    from vault.export.third_parties import ThirdParties
    from vault.rows import writing

    person = sought(case.person)
    collected = collect(work, person, tools, who, told, also=also)
    with alone(work):
        prepare(work, collected, ThirdParties(others(case.person), person), case.person)
    with writing(VaultUnavailable):
        audit.append([who.event("access-prepared", case=case.code, documents=len(collected.documents))])
    return collected


def closed_in(collected: Collected) -> list[str]:
    """Records that could not be opened, or not wholly, with the keys given."""
    return [record for record, outcome in collected.done.items() if outcome]
