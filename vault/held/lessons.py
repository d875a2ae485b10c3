"""What reviewers' rulings on held mails can teach the classifier: which, whose, and where the words still are.

Rows alone; no word of any mail. A ruling teaches nothing by itself: a person looks at each and labels it
(``cli/lessons.py``), and somebody trains. Only what stands counts: a release that two reviewers agreed to, not one that
was proposed or stopped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.errors import VaultUnavailable
from domain.model import Category, PageText, Place
from vault.held.copy import Found
from vault.models import AuditEvent, HeldCopy, Settlement, SettlementKind, SettlementState
from vault.rows import reading

LABELLED = "document labelled"
"""The action in the audit trail."""
_COUNTS = 0.25
"""The likelihood from which a finding may have counted: ``threshold_named``."""
_FIRES = 0.5
_NO_DOCUMENTS = frozenset({Place.SUBJECT_LINE, Place.FILE_NAME})


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one ruling teaches. ``number`` is the ruling's.

    ``is_not`` are kinds that a document was taken for and is not; ``about`` are register references of whom it is
    about, where a reviewer had to say so. ``near`` are its sender and recipient. ``waits``: the reviewers' copy is
    still there.
    """

    number: int
    record: str
    at: datetime
    by: tuple[str, ...]
    is_not: frozenset[Category]
    about: frozenset[str]
    near: tuple[str, ...]
    why: str
    waits: bool
    labelled: bool


def lessons(number: int | None = None) -> list[Lesson]:
    """All rulings that teach something, oldest first, or the one of that number. Raises ``VaultUnavailable``."""
    stands = (SettlementState.ORDERED, SettlementState.DONE)
    with reading(VaultUnavailable):
        rows = Settlement.objects.filter(kind=SettlementKind.RELEASE, state__in=stands)
        found = list((rows.filter(pk=number) if number else rows).select_related("held__record").order_by("at", "pk"))
        records = {row.held.record_id for row in found}
        kept = set(HeldCopy.objects.filter(record__in=records, destroyed_at=None).values_list("record_id", flat=True))
        events = AuditEvent.objects.filter(action=LABELLED, record__in=records).values_list("details", flat=True)
        done = {details.get("ruling") for details in events}
    return [_lesson(row, kept, done) for row in found if row.ruling["is_not"] or row.ruling["about"]]


def _lesson(row: Settlement, kept: set[str], done: set[object]) -> Lesson:
    record = row.held.record_id
    return Lesson(
        number=row.pk,
        record=record,
        at=row.at,
        by=tuple(filter(None, (row.by, row.second))),
        is_not=frozenset(map(Category, row.ruling["is_not"])),
        about=frozenset(row.ruling["about"]),
        near=tuple(filter(None, (row.held.record.sender, row.held.recipient))),
        why=row.why,
        waits=record in kept,
        labelled=row.pk in done,
    )


def mistaken(
    found: Iterable[Found], texts: Iterable[PageText], is_not: frozenset[Category]
) -> dict[str, frozenset[Category]]:
    """The documents that were taken for such a kind, by part, each with the kinds that it may be all the same.

    A subject line and a file's name are no documents: nothing is learned from them.
    """
    documents = {page.part for page in texts if page.place not in _NO_DOCUMENTS}
    taken: dict[str, set[Category]] = {}
    others: dict[str, set[Category]] = {}
    for one in (f for f in found if f.part in documents):
        kind = Category(one.category)
        if kind in is_not and one.likelihood >= _COUNTS:
            taken.setdefault(one.part, set()).add(kind)
        elif kind not in is_not and one.likelihood >= _FIRES:
            others.setdefault(one.part, set()).add(kind)
    return {part: frozenset(others.get(part, ())) for part in taken}


def text_of(texts: Iterable[PageText], part: str) -> str:
    """A part's words, a form feed between its pages, as a labelled file has them."""
    return "\f".join(page.text for page in texts if page.part == part)
