"""Does this object store keep what it is told to keep? Asked by ``sallyport check``, before any document depends on it.

Several S3 servers accept a COMPLIANCE lock and let it be shortened, or lose it. Each line
says what was tried and what came of it; one bad line means that the store must not be used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import SallyportError
from vault.ids import new_id
from vault.objects.port import ObjectLocked, ObjectStore, Stored

PREFIX = "probe"
_LOCK = timedelta(minutes=10)
_CONTENT = b"sallyport probe: this object may be deleted once its lock has run out\n"


@dataclass(frozen=True, slots=True)
class ProbeLine:
    """``ok`` and a sentence for people."""

    ok: bool
    text: str


def probe(store: ObjectStore, now: datetime) -> tuple[ProbeLine, ...]:
    """Put a small locked object and try to get around the lock. Never raises what a store may raise."""
    key = f"{PREFIX}/{new_id(now)}.txt"
    try:
        _tidy(store)
        stored = store.put(
            key, _CONTENT, tags={"class": "probe"}, metadata={"format": "probe"}, locked_until=now + _LOCK
        )
    except SallyportError as error:
        return (ProbeLine(ok=False, text=f"a locked object cannot be stored: {error}"),)
    return tuple(_lines(store, stored, now))


def _lines(store: ObjectStore, stored: Stored, now: datetime) -> Iterator[ProbeLine]:
    yield _line("a stored object reads back byte for byte", lambda: _reads_back(store, stored))
    yield _line("its tags are kept", lambda: store.tags(stored.key, stored.version).get("class") == "probe")
    yield _line("its lock is kept", lambda: _locked(store, stored, now + _LOCK))
    yield _line(
        "deleting it is refused", lambda: _refused(store, lambda: store.delete(stored.key, stored.version), stored)
    )
    shorter = now + _LOCK / 2
    shorten = lambda: store.extend_lock(stored.key, stored.version, shorter)  # noqa: E731 - said once, used once
    yield _line("shortening its lock is refused", lambda: _refused(store, shorten, stored))
    yield _line("its lock is as long as before", lambda: _locked(store, stored, now + _LOCK))
    yield _line("extending its lock is allowed", lambda: _extends(store, stored, now + _LOCK + timedelta(minutes=1)))


def _line(text: str, holds: Callable[[], bool]) -> ProbeLine:
    try:
        ok = holds()
    except SallyportError as error:
        return ProbeLine(ok=False, text=f"NOT so: {text} ({error})")
    return ProbeLine(ok, text if ok else f"NOT so: {text}")


def _reads_back(store: ObjectStore, stored: Stored) -> bool:
    return b"".join(store.get(stored.key, stored.version)) == _CONTENT


def _locked(store: ObjectStore, stored: Stored, until: datetime) -> bool:
    lock = store.stat(stored.key, stored.version).locked_until
    return lock is not None and lock >= until.replace(microsecond=0)


def _refused(store: ObjectStore, attempt: Callable[[], None], stored: Stored) -> bool:
    """Refused for the lock's sake, and the object still there."""
    try:
        attempt()
    except ObjectLocked:
        return _reads_back(store, stored)
    return False


def _extends(store: ObjectStore, stored: Stored, until: datetime) -> bool:
    store.extend_lock(stored.key, stored.version, until)
    return _locked(store, stored, until)


def _tidy(store: ObjectStore) -> None:
    """Earlier probes whose lock has run out."""
    for old in list(store.list(f"{PREFIX}/")):
        try:
            store.delete(old.key, old.version)
        except ObjectLocked:
            continue
