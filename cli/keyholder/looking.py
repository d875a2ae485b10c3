"""One look at a filed mail: opened here, read and drawn by contained processes, sealed to whoever asked.

What goes back is words with marks, and pictures of pages that hold a mark (else of the first ones): no file, no key.
Every look is two events of the audit trail before anything is opened: one of who asked, one of the key holder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cli.keyholder.tools import NotDone, Tools
from cli.vault.asking import read_again
from domain.model import Analysis, Message, Place

if TYPE_CHECKING:
    from vault.models import Errand, VaultRecord
    from vault.search.tree import Tree

FORMAT = "sallyport-look-1"
_MOST_PICTURES = 6
_MOST_LETTERS = 400_000
"""Of all texts together; more is said to be left out."""


def look(row: Errand, tools: Tools) -> None:
    """Answers it. Raises ``SallyportError``; ``public`` is told to whoever asked."""
    from vault.errands import answering

    record = _record(row)
    _allowed(row, tools)
    _note(row, tools)
    tree = _tree(row, tools)
    message, analysis, _ = read_again(record, tools.opener, tools.readers)
    pieces = _pieces(_described(message, analysis, tree), message, tools)
    answering.answer(row, pieces, "Opened.", tools.clock.now())


def _record(row: Errand) -> VaultRecord:
    from vault.models import RecordState, VaultRecord

    found = VaultRecord.objects.filter(pk=row.target).exclude(state=RecordState.DISPOSED).first()
    if found is None:
        raise NotDone("no such record", public="This mail is not there any more.")
    return found


def _allowed(row: Errand, tools: Tools) -> None:
    """The pages have asked already; whoever broke into them is asked here, and is stopped by numbers."""
    from vault.errands import answering

    limits = tools.settings.keyholder
    own, everybody = answering.looks_lately(row.asked_by, limits.looks_an_hour_all, tools.clock.now())
    if own >= limits.looks_an_hour or everybody >= limits.looks_an_hour_all:
        raise NotDone("too many looks", public="Too many mails were looked at within an hour. Try again later.")


def _note(row: Errand, tools: Tools) -> None:
    from domain.errors import VaultUnavailable
    from vault import audit
    from vault.errands.answering import LOOKED
    from vault.rows import writing
    from vault.search.looked import SEEN

    now = tools.clock.now()
    events = [
        audit.Event(now, row.asked_by, SEEN, row.target, row.why, {"for": "look", "errand": row.pk}),
        audit.Event(now, tools.holder, LOOKED, row.target, row.why, {"asked_by": row.asked_by, "errand": row.pk}),
    ]
    with writing(VaultUnavailable):
        audit.append(events)


def _tree(row: Errand, tools: Tools) -> Tree | None:
    """What was searched for, if the keys given open it."""
    from vault.search.grammar import QueryError, parse
    from vault.unseal import CannotOpen, decrypt

    if not row.query:
        return None
    try:
        return parse(decrypt(bytes(row.query), tools.identities, "a query").decode())
    except (CannotOpen, QueryError, UnicodeDecodeError):
        return None


def _described(message: Message, analysis: Analysis, tree: Tree | None) -> dict[str, Any]:
    from vault.search.highlight import marked

    texts, left = [], _MOST_LETTERS
    for page in analysis.texts:
        text, marks = marked(page.text[:left], tree)
        left -= len(text)
        texts.append(
            {"part": page.part, "page": page.page, "text": text, "pictured": page.pictured, "marks": list(marks)}
        )
        if left <= 0:
            break
    unread = [(u.part, u.reason.value) for u in (*message.unreadable, *analysis.unreadable)]
    files = [(p.path, p.filename, p.declared_type) for p in message.parts if p.place is Place.ATTACHMENT]
    return {"format": FORMAT, "texts": texts, "files": files, "unread": unread, "cut": left <= 0, "pictures": []}


def _pieces(described: dict[str, Any], message: Message, tools: Tools) -> Iterator[tuple[str, bytes]]:
    """Pictures first, as what is described says which there are."""
    from classifiers.drawing import CannotDraw, Drawer
    from vault.errands.asking import WORDS
    from web.console.held.documents import drawable

    s = tools.settings.sandbox
    drawer = Drawer(walls=s.walls, memory=s.memory_mb * 2**20, seconds=s.seconds)
    contents = {p.path: p.content for p in message.parts}
    kinds = {path: (name, kind) for path, name, kind in described["files"]}
    for part, number in _wanted(described["texts"], [p for p in kinds if drawable(p, *kinds[p])]):
        try:
            picture = drawer.draw(contents[part], number)
        except CannotDraw:
            continue
        described["pictures"].append((part, number))
        yield f"page/{part}/{number}", picture.png
    yield WORDS, json.dumps(described).encode()


def _wanted(texts: list[dict[str, Any]], parts: list[str]) -> list[tuple[str, int]]:
    """Pages with a mark before first pages; in the order of the mail."""
    pages = [(t["part"], t["page"]) for t in texts if t["marks"] and t["part"] in parts]
    pages = list(dict.fromkeys([*pages, *((p, 1) for p in parts)]))[:_MOST_PICTURES]
    return sorted(pages, key=lambda each: (parts.index(each[0]), each[1]))
