"""The key holder's side: what waits is taken, one at a time and by one key holder; answered or refused; then forgotten.

Raises ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Case, When

from domain.errors import VaultUnavailable
from vault.errands.asking import FILE, lasts
from vault.models import AuditEvent, Errand, ErrandKind, ErrandPiece, ErrandState
from vault.rows import reading, writing
from vault.sealing import seal

LEASE = timedelta(minutes=10)
LARGEST = 256 << 20
"""Of a bundle that a page hands out, in bytes."""
_PIECE = 1 << 20
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
LOOKED, COLLECTED = "key holder looked", "key holder collected"
_SLOW = (ErrandKind.COLLECT, ErrandKind.EVIDENCE, ErrandKind.DISPOSAL, ErrandKind.DROP)
"""What may take long, and waits until nobody looks at a page for an answer."""


def take(now: datetime) -> Errand | None:
    """The oldest that waits, or that whoever took it left; it is ours until the lease ends. What is slow comes last."""
    with writing(VaultUnavailable):
        asked = Errand.objects.filter(state=ErrandState.ASKED, until__gt=now)
        left = Errand.objects.filter(state=ErrandState.TAKEN, taken_until__lte=now, until__gt=now)
        slow = Case(When(kind__in=_SLOW, then=1), default=0)
        row = (asked | left).order_by(slow, "asked_at").first()
        if row is None:
            return None
        same = Errand.objects.filter(pk=row.pk, state=row.state, taken_until=row.taken_until)
        if not same.update(state=ErrandState.TAKEN, taken_until=now + LEASE):
            return None
    row.refresh_from_db()
    return row


def looks_lately(actor: str, most: int, now: datetime) -> tuple[int, int]:
    """How many looks somebody, and everybody together, have had within the hour; of the newest ``most`` at most.

    By the audit trail: rows of errands could be taken away again by whoever broke into the database.
    """
    with reading(VaultUnavailable):
        newest = AuditEvent.objects.filter(action=LOOKED).order_by("-sequence").values_list("at", "details")[:most]
        whose = [details.get("asked_by") for at, details in newest if at > now - _HOUR]
    return whose.count(actor), len(whose)


def is_pressed(now: datetime) -> bool:
    """Whether somebody waits at a page for something quick: then what takes hours stands back (:func:`put_back`)."""
    with reading(VaultUnavailable):
        waits = Errand.objects.filter(state=ErrandState.ASKED, until__gt=now)
        return bool(waits.exclude(kind__in=_SLOW).exists())


def put_back(row: Errand) -> None:
    """It goes on later, where it is."""
    with writing(VaultUnavailable, lasting=False):
        Errand.objects.filter(pk=row.pk, state=ErrandState.TAKEN).update(state=ErrandState.ASKED, taken_until=None)


def collected_lately(now: datetime, most: int) -> int:
    """For how many requests was collected within a day; of the newest ``most`` at most. By the audit trail."""
    with reading(VaultUnavailable):
        newest = AuditEvent.objects.filter(action=COLLECTED).order_by("-sequence").values_list("at", flat=True)[:most]
        return sum(at > now - _DAY for at in newest)


def far(row: Errand, done: int, total: int, now: datetime) -> None:
    """Progress; the lease is longer by it."""
    with writing(VaultUnavailable, lasting=False):
        Errand.objects.filter(pk=row.pk).update(done=done, total=total, taken_until=now + LEASE)


def answer(row: Errand, pieces: Iterable[tuple[str, bytes]], says: str, now: datetime) -> None:
    """An answer in words and pictures, sealed to whoever asked. ``pieces`` are names and plain bytes."""
    sealed = list(_sealed(row, pieces))
    with writing(VaultUnavailable):
        ErrandPiece.objects.filter(errand=row).delete()
        ErrandPiece.objects.bulk_create(ErrandPiece(errand=row, name=n, sealed=s) for n, s in sealed)
        _end(row, ErrandState.DONE, says, now + lasts(ErrandKind(row.kind)))


def replace(row: Errand, pieces: Iterable[tuple[str, bytes]]) -> None:
    """Some pieces of an answer, anew: what was decided shows where it is looked at."""
    sealed = list(_sealed(row, pieces))
    with writing(VaultUnavailable):
        for name, content in sealed:
            ErrandPiece.objects.update_or_create(errand=row, name=name, defaults={"sealed": content})


def answers(kind: ErrandKind, target: str, now: datetime) -> list[Errand]:
    """All answers of this kind that are still looked at."""
    with reading(VaultUnavailable):
        return list(Errand.objects.filter(kind=kind, target=target, state=ErrandState.DONE, until__gt=now))


def _sealed(row: Errand, pieces: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    return ((name, seal(content, [row.reply_to]).content) for name, content in pieces)


def hand_out(row: Errand, file: Path, says: str, now: datetime, beside: Iterable[tuple[str, bytes]] = ()) -> None:
    """A bundle that is sealed to its receiver already; one that is too large for a page stays where it is.

    ``beside`` are pieces for whoever asked, sealed to them.
    """
    told = list(_sealed(row, beside))
    fits = file.stat().st_size <= LARGEST
    with writing(VaultUnavailable):
        ErrandPiece.objects.filter(errand=row).delete()
        for name, content in _pieces(file) if fits else ():
            ErrandPiece(errand=row, name=name, sealed=content).save(force_insert=True)
        ErrandPiece.objects.bulk_create(ErrandPiece(errand=row, name=n, sealed=s) for n, s in told)
        Errand.objects.filter(pk=row.pk).update(file_name=file.name if fits else "")
        _end(row, ErrandState.DONE, says, now + lasts(ErrandKind(row.kind)))


def done(row: Errand, says: str, now: datetime) -> None:
    """It is carried out, and there is nothing to fetch."""
    with writing(VaultUnavailable):
        _end(row, ErrandState.DONE, says, now + lasts(ErrandKind(row.kind)))


def refuse(row: Errand, says: str, now: datetime) -> None:
    """It is not done; whoever asked is told why."""
    with writing(VaultUnavailable):
        _end(row, ErrandState.REFUSED, says, now + lasts(ErrandKind(row.kind)))


def forget(now: datetime) -> int:
    """Answers whose time is over are destroyed, and what nobody answered is refused; how many."""
    with writing(VaultUnavailable):
        over = Errand.objects.filter(until__lte=now)
        gone: int = ErrandPiece.objects.filter(errand__in=over).delete()[0]
        unanswered = over.exclude(state__in=[ErrandState.DONE, ErrandState.REFUSED])
        return gone + unanswered.update(state=ErrandState.REFUSED, says="Nobody answered in time.")


def _end(row: Errand, state: ErrandState, says: str, until: datetime) -> None:
    Errand.objects.filter(pk=row.pk).update(state=state, says=says, until=until, taken_until=None, query=b"")


def _pieces(file: Path) -> Iterator[tuple[str, bytes]]:
    with file.open("rb") as opened:
        number = 0
        while content := opened.read(_PIECE):
            yield f"{FILE}{number:06}", content
            number += 1
