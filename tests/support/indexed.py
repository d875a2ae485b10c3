"""Records with an index row, for the search's tests: no store, no seal, the real tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.decision import Action
from domain.errors import VaultUnavailable
from domain.model import PageText, Place
from tests.fakes import NOW
from tests.support.filed import decided
from vault import records, sql
from vault.ids import new_id
from vault.models import VaultRecord, VaultSubject
from vault.rows import writing
from vault.search import index
from vault.search.document import Source, Unread
from vault.search.document import index as indexed
from vault.search.tokens import Keyed

KEYED = Keyed(b"the tests' own key of the index.")
_made = 0


def source(
    *texts: str,
    subject: str = "",
    names: Sequence[str] = (),
    sender: str = "officer@council.example",
    recipients: Sequence[str] = ("carer@carers.example",),
    people: Sequence[str] = (),
    classes: Sequence[str] = ("correspondence",),
    decided: Sequence[str] = ("RELAY",),
    at: datetime = NOW,
    unread: Sequence[Unread] = (),
) -> Source:
    """Each text is a part of its own; so is the subject line."""
    pages = [PageText("subject", Place.SUBJECT_LINE, 1, subject)] if subject else []
    pages += [PageText(str(n), Place.BODY, 1, t) for n, t in enumerate(texts, 1)]
    pages += [PageText(f"{n}#name", Place.FILE_NAME, 1, t) for n, t in enumerate(names, 100)]
    return Source(pages, subject, names, sender, recipients, people, classes, decided, at, unread)


def put(made: Source, keyed: Keyed | None = KEYED) -> str:
    """File it, as far as the database is concerned; the record's id."""
    global _made  # noqa: PLW0603 - each record is another one
    _made += 1
    ident = new_id(made.received_at + timedelta(microseconds=_made))
    to = [*made.recipients, *[f"other{n}@carers.example" for n in range(len(made.decided))]][: len(made.decided)]
    decisions = [records.dump(decided(r, Action[a])) for r, a in zip(to, made.decided, strict=True)]
    record = records.NewRecord(
        ident, f"{_made:064}", made.sender, "", made.received_at, made.received_at, list(made.classes), NOW, decisions
    )
    with writing(VaultUnavailable):
        sql.insert(VaultRecord, [vars(record)])
        sql.insert(VaultSubject, [{"record_id": ident, "person": p} for p in made.people])
        index.add(ident, indexed(made, keyed) if keyed else None)
    return ident


def say(*texts: str, **more: object) -> str:
    """The id of a record that says so."""
    return put(source(*texts, **more))  # type: ignore[arg-type]
