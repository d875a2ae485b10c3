"""The documents of a request, laid open for whoever decides about them; and what they decided, into the tables.

A file is never sent: its words are, with the texts marked that may be about others, and pictures of its pages.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cli.keyholder.requests.case import MOST_PICTURES, case_of, folder_of, note, pages_of, typed
from cli.keyholder.tools import Tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.export.documents import Collected, Document
    from vault.export.folder import WorkFolder
    from vault.export.sheet import Decided
    from vault.models import Errand

_MOST_OF_ONE = 20
LOOKED = "key holder showed a request"


def review(row: Errand, tools: Tools) -> None:
    """All documents, each with its words, its texts to decide about, and pictures. Raises ``SallyportError``."""
    from vault.errands import answering
    from vault.export.documents import Collected

    case_of(row)
    work = folder_of(row, tools)
    note(row, tools, LOOKED)
    collected = Collected(work)
    answering.answer(row, _pieces(row, work, collected, tools), "Opened.", tools.clock.now())


def decide(row: Errand, tools: Tools) -> None:
    """What was typed about one document; whoever looks at the review sees it at once. Raises ``SallyportError``."""
    from vault.errands import answering
    from vault.export.documents import Collected
    from vault.export.sheet import alone, write
    from vault.models import ErrandKind

    case_of(row)
    work, said = folder_of(row, tools), typed(row, tools)
    with alone(work):
        collected = Collected(work)
        write(work, collected, _decided(said))
        changed = dict(_words(work, collected))
    for seen in answering.answers(ErrandKind.REVIEW, row.target, tools.clock.now()):
        answering.replace(seen, changed.items())
    answering.done(row, "Recorded.", tools.clock.now())


def _decided(said: dict[str, Any]) -> Decided:
    from vault.export.sheet import Answer, Decided

    answers = {name: Answer(**each) for name, each in said["answers"].items()}
    return Decided(**said | {"answers": answers})


def _pieces(row: Errand, work: WorkFolder, collected: Collected, tools: Tools) -> Iterator[tuple[str, bytes]]:
    from vault.errands import answering

    left, documents = MOST_PICTURES, list(collected)
    for number, document in enumerate(documents, 1):
        for page, png in enumerate(_drawn(document, collected, tools, min(left, _MOST_OF_ONE)), 1):
            yield f"page/{document.id}/{page}", png
            left -= 1
        answering.far(row, number, len(documents), tools.clock.now())
    yield from _words(work, collected)


def _drawn(document: Document, collected: Collected, tools: Tools, most: int) -> Iterator[bytes]:
    from web.console.held.documents import drawable

    if not document.mail and drawable("1", document.title, document.type):
        yield from pages_of(collected.content(document), tools, most)


def _words(work: WorkFolder, collected: Collected) -> Iterator[tuple[str, bytes]]:
    """Of every document, since an answer may be for all; and the list."""
    from vault.errands.asking import WORDS
    from vault.export.sheet import laid_open, listed

    for document in collected:
        yield f"document/{document.id}", json.dumps(laid_open(document, work, collected)).encode()
    yield WORDS, json.dumps(listed(work, collected)).encode()
