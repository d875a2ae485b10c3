"""The answer as it would be given, blacked out and proven: pictures of its pages, for who sends it and who agrees.

The decisions are recorded with it, as ``sallyport sar review`` does; nothing is packed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cli.bundles import service_of
from cli.keyholder.requests.case import MOST_PICTURES, acting, case_of, folder_of, note, pages_of
from cli.keyholder.requests.reviewing import LOOKED
from cli.keyholder.tools import Tools

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from vault.export.releasing import Released
    from vault.export.sought import Sought
    from vault.models import Errand


def preview(row: Errand, tools: Tools) -> None:
    """Raises ``SallyportError``: while anything is undecided, or a proof fails."""
    from cli.access.people import sought
    from gateway.bootstrap import build_classifiers
    from vault.errands import answering
    from vault.export.documents import Collected
    from vault.export.finishing import decide
    from vault.export.finishing import preview as previewed
    from vault.export.folder import wipe
    from vault.export.review import judged
    from vault.export.sheet import alone, code

    case, work, by = case_of(row), folder_of(row, tools), acting(row, tools)
    note(row, tools, LOOKED)
    with alone(work), build_classifiers(tools.settings, ocr=False) as readers:
        collected = Collected(work)
        decide(case, judged(work, collected), by)
        page, released = previewed(case, work, service_of(tools.settings), readers, by.today)
        seen, closed = code(work), sum(bool(outcome) for outcome in collected.done.values())
    try:
        pieces = list(_pieces(row, page.parent, released, tools))
    finally:
        wipe(page.parent)
    pieces.append(_described(pieces, released, seen, closed, sought(case.person)))
    answering.answer(row, pieces, "Made.", tools.clock.now())


def _pieces(row: Errand, folder: Path, released: Sequence[Released], tools: Tools) -> Iterator[tuple[str, bytes]]:
    """Pictures of all that is given as a PDF."""
    from vault.errands import answering

    left = MOST_PICTURES
    for number, each in enumerate(released, 1):
        if each.entry.file.endswith(".pdf"):
            for page, png in enumerate(pages_of((folder / each.entry.file).read_bytes(), tools, left), 1):
                yield f"page/{each.entry.id}/{page}", png
                left -= 1
        answering.far(row, number, len(released), tools.clock.now())


def _described(
    pieces: Sequence[tuple[str, bytes]], released: Sequence[Released], seen: str, closed: int, own: Sought
) -> tuple[str, bytes]:
    from vault.errands.asking import WORDS

    entries = [_entry(each, pieces, own) for each in released]
    cut = len(pieces) >= MOST_PICTURES
    return WORDS, json.dumps({"entries": entries, "seen": seen, "closed": closed, "cut": cut}).encode()


def _entry(each: Released, pieces: Sequence[tuple[str, bytes]], own: Sought) -> dict[str, Any]:
    """``left`` are words of what was taken out that still stand somewhere, for a person to look at."""
    entry = each.entry
    pages = sum(name.startswith(f"page/{entry.id}/") for name, _ in pieces)
    told = {"id": entry.id, "document": each.document, "title": entry.title, "kind": entry.kind, "file": entry.file}
    left = [(word, times) for word, times in each.left if not own.is_own(word)]
    return told | {
        "day": entry.day.isoformat(), "redacted": entry.redacted, "grounds": list(entry.grounds), "left": left,
        "pages": pages, "passages": each.passages,
    }  # fmt: skip
