"""Everything about the person, opened into the case's folder, as ``sallyport sar collect`` does it.

It may take hours: as soon as somebody waits at a page for something quick, it stands back, and goes on where it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.access.gathering import closed_in, gather
from cli.keyholder.requests.case import acting, case_of, folder_of, note, typed
from cli.keyholder.tools import NotDone, Tools

if TYPE_CHECKING:
    from vault.models import Errand


class _StandsBack(Exception):
    """Somebody waits for something quick."""


def collect(row: Errand, tools: Tools) -> None:
    """Raises ``SallyportError``; ``public`` is told to whoever asked."""
    from gateway.parse import parse
    from vault.errands import answering
    from vault.export.collecting import Tools as Opening
    from vault.export.collecting import to_look_at

    case, also = case_of(row), tuple(typed(row, tools).get("also", ()))
    total = len(to_look_at(case.person, also))
    if not row.total:  # the first time
        _allowed(tools)
        note(row, tools, answering.COLLECTED)

    def told(done: int, found: int) -> None:  # noqa: ARG001 - the port's
        answering.far(row, done, total, tools.clock.now())
        if answering.is_pressed(tools.clock.now()):
            raise _StandsBack

    answering.far(row, row.done, total, tools.clock.now())
    work = folder_of(row, tools, make=True)
    try:
        collected = gather(case, work, Opening(tools.opener, tools.readers, parse), acting(row, tools), told, also)
    except _StandsBack:
        answering.put_back(row)
        return
    says = f"{len(collected.documents)} {'document' if len(collected.documents) == 1 else 'documents'} found."
    if closed := closed_in(collected):
        says += f" Not opened, or not wholly, with the keys given: {len(closed)}."
    answering.done(row, says, tools.clock.now())


def _allowed(tools: Tools) -> None:
    """Whoever broke into the pages is stopped by numbers."""
    from vault.errands import answering

    most = tools.settings.keyholder.collections_a_day
    if answering.collected_lately(tools.clock.now(), most) >= most:
        raise NotDone("too many collections", public="Too much was collected within a day. Try again tomorrow.")
