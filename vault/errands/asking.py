"""The pages' side: asking, agreeing as the second person, and what became of it. Nothing here opens a filed mail.

A look's answer is sealed to a key that was made for it; its secret half lies in the browser that asked, and nowhere
here. Raises ``VaultUnavailable``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyrage

from domain.disposal import may_be_one
from domain.errors import SallyportError, VaultUnavailable
from vault import audit
from vault.acting import Acting
from vault.ids import is_id, new_id
from vault.models import FOR_ONE_BROWSER, Errand, ErrandKind, ErrandPiece, ErrandState, WorkerJob
from vault.rows import reading, writing

LOOK_LASTS = timedelta(minutes=15)
"""How long a look is waited for, and how long what it showed can be seen again."""
WORK_LASTS = timedelta(days=7)
"""The same for what takes longer; a bundle can be fetched as long."""
REVIEW_LASTS = timedelta(hours=10)
"""The same for a day's work on the documents of a request; no session of the pages is longer."""
_LASTS = {
    ErrandKind.LOOK: LOOK_LASTS,
    ErrandKind.REVIEW: REVIEW_LASTS,
    ErrandKind.DECIDE: REVIEW_LASTS,
    ErrandKind.PREVIEW: REVIEW_LASTS,
}
HOLDER = "key holder"
WORDS, FILE = "words", "file/"
"""Names of pieces: what a look says, and the parts of a sealed bundle."""
_THERE = timedelta(minutes=2)
_OPEN = (ErrandState.PROPOSED, ErrandState.ASKED, ErrandState.TAKEN)
_ANY_NUMBER = (*FOR_ONE_BROWSER, ErrandKind.DECIDE)


class ErrandError(SallyportError):
    """It cannot be asked for, or not by this person. ``public`` says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``query`` is an age file to the masters; ``receiver`` the age key of a bundle's receiver.

    ``seen`` is the code of what was looked at before; ``two``: somebody else has to agree before it is begun.
    """

    kind: ErrandKind
    target: str
    query: bytes = b""
    receiver: str = ""
    seen: str = ""
    two: bool = False


def lasts(kind: ErrandKind) -> timedelta:
    """How long it is waited for, and how long its answer can be had."""
    return _LASTS.get(kind, WORK_LASTS)


def ask(wanted: Wanted, by: Acting, reply_to: str = "") -> Errand:
    """A row, and the event that says so. Raises :class:`ErrandError` for one that is asked for already."""
    two = wanted.two or wanted.kind is ErrandKind.EVIDENCE
    row = Errand(
        id=new_id(by.now), kind=wanted.kind, target=wanted.target, why=by.why, asked_by=by.actor, asked_at=by.now,
        query=wanted.query, receiver=wanted.receiver, reply_to=reply_to, seen=wanted.seen,
        until=by.now + lasts(wanted.kind),
        state=ErrandState.PROPOSED if two else ErrandState.ASKED,
    )  # fmt: skip
    with writing(VaultUnavailable):
        if wanted.kind not in _ANY_NUMBER and _open(wanted, by.now).exists():
            raise ErrandError("asked twice", public="Somebody has asked for this already; see how far it is.")
        row.save(force_insert=True)
        _note(by, "key holder asked", row)
    return row


def agree(row: Errand, by: Acting, seen: str = "") -> None:
    """The second person. Raises :class:`ErrandError` where it is the first, or nothing waits for one any more.

    ``seen`` is the code of what they looked at; it has to be that of what was asked for.
    """
    if may_be_one(by.actor, row.asked_by):
        raise ErrandError("the same person", public="You asked for it, so somebody else has to agree.")
    if seen != row.seen:
        raise ErrandError("seen otherwise", public="What you looked at is not what was asked for. Look at it again.")
    with writing(VaultUnavailable):
        agreed = {"state": ErrandState.ASKED, "agreed_by": by.actor, "agreed_at": by.now, "until": by.now + WORK_LASTS}
        waiting = Errand.objects.filter(pk=row.pk, state=ErrandState.PROPOSED, until__gt=by.now)
        if not waiting.update(**agreed):
            raise ErrandError("not proposed", public="This does not wait for a second person any more.")
        _note(by, "key holder's work agreed", row)


def take_back(row: Errand, by: Acting) -> None:
    """Not wanted any more, as long as nobody is at it. Raises :class:`ErrandError`."""
    with writing(VaultUnavailable):
        waiting = Errand.objects.filter(pk=row.pk, state__in=[ErrandState.PROPOSED, ErrandState.ASKED])
        if not waiting.update(state=ErrandState.REFUSED, says="Somebody took it back."):
            raise ErrandError("begun", public="It is being done or has ended, so it cannot be taken back.")
        _note(by, "key holder's work taken back", row)


def find(ident: str, *kinds: ErrandKind) -> Errand | None:
    """One of these kinds."""
    with reading(VaultUnavailable):
        return Errand.objects.filter(pk=ident, kind__in=kinds).first() if is_id(ident) else None


def newest(kind: ErrandKind, target: str, actor: str = "") -> Errand | None:
    """What was asked last about it; by ``actor``, if one is named."""
    with reading(VaultUnavailable):
        found = Errand.objects.filter(kind=kind, target=target)
        return (found.filter(asked_by=actor) if actor else found).order_by("-id").first()


def of_person(kind: ErrandKind, target: str, actor: str, now: datetime) -> list[Errand]:
    """All that somebody asked about it and that is not forgotten, oldest first."""
    with reading(VaultUnavailable):
        mine = Errand.objects.filter(kind=kind, target=target, asked_by=actor, until__gt=now)
        return list(mine.order_by("id"))


def pages(row: Errand, name: str) -> list[int]:
    """The numbers of the pages that were drawn of something."""
    start = f"page/{name}/"
    with reading(VaultUnavailable):
        found = ErrandPiece.objects.filter(errand=row, name__startswith=start).values_list("name", flat=True)
        return sorted(int(each.removeprefix(start)) for each in found)


def waiting_for_second(kind: ErrandKind, now: datetime) -> list[Errand]:
    """Oldest first."""
    with reading(VaultUnavailable):
        return list(Errand.objects.filter(kind=kind, state=ErrandState.PROPOSED, until__gt=now).order_by("id"))


def is_busy(row: Errand, now: datetime) -> bool:
    """Whether the key holder is asked, or at it."""
    return row.state in {ErrandState.ASKED, ErrandState.TAKEN} and not is_over(row, now)


def is_answered(row: Errand, now: datetime) -> bool:
    """Whether there is an answer that can still be had."""
    return row.state == ErrandState.DONE and not is_over(row, now)


def is_over(row: Errand, now: datetime) -> bool:
    """Whether its time has run out."""
    return row.until <= now


def is_holder_there(now: datetime) -> bool:
    """Whether a key holder was at work a moment ago."""
    with reading(VaultUnavailable):
        return WorkerJob.objects.filter(name=HOLDER, at__gt=now - _THERE, good=True).exists()


def piece(row: Errand, name: str, secret: str) -> bytes | None:
    """A piece of a look's answer, opened with the key in the browser that asked. None where it does not open."""
    with reading(VaultUnavailable):
        found = ErrandPiece.objects.filter(errand=row, name=name).first()
    if found is None:
        return None
    try:
        opened: bytes = pyrage.decrypt(bytes(found.sealed), [pyrage.x25519.Identity.from_str(secret)])
    except (pyrage.DecryptError, pyrage.IdentityError):
        return None
    return opened


def described(row: Errand, secret: str, name: str = WORDS) -> dict[str, Any] | None:
    """What was found, in words: see ``cli/keyholder/looking.py``, and ``vault/export/sheet.py``."""
    found = piece(row, name, secret)
    return None if found is None else json.loads(found)


def new_reply_key() -> tuple[str, str]:
    """Secret and public half, for one answer."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def reply_key(secret: str) -> tuple[str, str]:
    """The same pair again, of the secret half that a browser has; a new one where it is none."""
    try:
        return secret, str(pyrage.x25519.Identity.from_str(secret).to_public())
    except pyrage.IdentityError:
        return new_reply_key()


def file_of(row: Errand) -> Iterator[bytes]:
    """A sealed bundle, piece by piece."""
    names = row.pieces.filter(name__startswith=FILE).order_by("name").values_list("pk", flat=True)
    for key in list(names):
        yield bytes(ErrandPiece.objects.get(pk=key).sealed)


def _open(wanted: Wanted, now: datetime) -> Any:
    return Errand.objects.filter(kind=wanted.kind, target=wanted.target, state__in=_OPEN, until__gt=now)


def _note(by: Acting, action: str, row: Errand) -> None:
    record = row.target if row.kind == ErrandKind.LOOK else ""
    audit.append([by.event(action, record, kind=row.kind, target=row.target, errand=row.pk)])
