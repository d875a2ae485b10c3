"""``sallyport vault index``: the search's index made anew from opened records, and cleared of what was forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.frame import command, framed, say_error
from cli.keys.masters import read_all
from cli.vault.asking import asker, build_opener, build_terms, read_again

if TYPE_CHECKING:
    from domain.ports import Classifiers
    from vault.models import SavedSearch, VaultRecord
    from vault.search.terms import Terms
    from vault.search.tokens import Keyed
    from vault.unseal import Opener

app = typer.Typer(no_args_is_help=True, help="The search's index: make it anew, clear it.")


@app.command("rebuild")
@command
def rebuild(
    identity: Annotated[list[Path], typer.Option("--identity", "-i", help="A master's age key file (repeat).")],
    why: Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")],
) -> None:
    """Index every record that has no row of the present index key. Opens them; can be stopped and run again."""
    settings = framed()
    from rich.console import Console
    from rich.progress import track

    from gateway.bootstrap import build_classifiers, build_keyed
    from gateway.clock import SystemClock
    from vault.models import SavedSearch
    from vault.search import asked, index

    keyed, opener = build_keyed(settings), build_opener(settings, identity, why)
    index.fold()
    classifiers, done, left = build_classifiers(settings), 0, 0
    todo = list(_todo(keyed))
    try:
        for record in track(todo, "indexing", console=Console(stderr=True)):
            asked.record_opening([record.id], asker(why), SystemClock().now(), for_="index")
            made = _index(record, opener, classifiers, keyed)
            done, left = done + made, left + (not made)
    finally:
        classifiers.close()
    index.fold()
    searches, found = SavedSearch.objects.exclude(key=keyed.id), read_all(identity)
    again = sum(_remake(row, found, keyed, build_terms(settings, keyed)) for row in searches)
    print(f"{done} records were indexed, {left} could not be opened; {again} saved searches were made anew.")
    if left:
        say_error("What could not be opened is not found by any search; every search says how many there are.")


@app.command("purge")
@command
def purge() -> None:
    """Nothing that was forgotten is left in the pages of the index. Minutes at a million records."""
    framed()
    from vault.search import index

    index.fold()
    index.purge()
    print("The index holds nothing of records that were forgotten.")


def _todo(keyed: Keyed) -> Iterator[VaultRecord]:
    """Records without a row of this key; those that were disposed of have nothing to be read."""
    from vault.models import RecordState, VaultRecord

    records = VaultRecord.objects.filter(state=RecordState.FILED).order_by("filed_at", "id")
    yield from records.exclude(search_entry__key=keyed.id)


def _index(record: VaultRecord, opener: Opener, classifiers: Classifiers, keyed: Keyed) -> bool:
    from domain.errors import SealBroken, VaultUnavailable
    from vault.models import RecordState, VaultRecord
    from vault.rows import writing
    from vault.search import document, index

    try:
        message, analysis, described = read_again(record, opener, classifiers)
    except SealBroken:
        return False
    unread = [
        document.Unread(document.number_of(u.part), u.reason) for u in (*message.unreadable, *analysis.unreadable)
    ]
    source = document.Source(
        texts=analysis.texts,
        subject=message.subject,
        names=[p.filename for p in message.parts if p.filename],
        sender=record.sender,
        recipients=sorted({*_folded(described["recipients"]), *_folded(d["recipient"] for d in record.decisions)}),
        people=sorted({s.person for s in record.subjects.all()}),
        classes=record.classes,
        decided=sorted({d["action"] for d in record.decisions}),
        received_at=record.received_at,
        unread=unread,
    )
    made = document.index(source, keyed)
    with writing(VaultUnavailable):  # what was destroyed since it was opened is not to be found again
        if VaultRecord.objects.select_for_update().filter(id=record.id, state=RecordState.FILED).exists():
            index.replace(record.id, made)
    return True


def _folded(addresses: Iterable[str]) -> Iterator[str]:
    from domain.model import Address

    return (Address.of(a).key for a in addresses)


def _remake(row: SavedSearch, identities: list[Any], keyed: Keyed, terms: Terms) -> bool:
    """False where the keys given do not open it, or it names somebody who is in the register no more."""
    from domain.errors import SealBroken
    from vault.search import saved
    from vault.search.grammar import parse
    from vault.search.terms import Nobody
    from vault.unseal import decrypt

    try:
        words = decrypt(bytes(row.query), identities, "query").decode()
        saved.remake(row, saved.as_it_was_meant(row, parse(words)), terms, keyed)
    except (SealBroken, Nobody):
        return False
    return True
