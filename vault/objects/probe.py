"""Does this object store keep what it is told to keep? Asked before any document depends on it.

Several S3 servers accept a COMPLIANCE lock and let it be shortened, or lose it. Each line says what was tried and what
came of it; one bad line means that the store must not be used. By ``sallyport check``, and by the relay when it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from domain.errors import SallyportError
from vault.ids import made_at, new_id
from vault.objects.port import NoSuchObject, ObjectLocked, ObjectStore, Stored, StoreRefused

PREFIX = "probe"
_LOCK = timedelta(minutes=10)
_CONTENT = b"sallyport probe: this object may be deleted once its lock has run out\n"


@dataclass(frozen=True, slots=True)
class ProbeLine:
    """``ok`` and a sentence for people. Not ``answered``: the store could not be asked, which proves nothing."""

    ok: bool
    text: str
    answered: bool = True


@runtime_checkable
class GetsAround(Protocol):
    """A store whose protocol knows ways to get around weaker locks than ours."""

    def try_to_get_around(self, key: str, version: str, until: datetime) -> Iterator[Callable[[], None]]:
        """Attempts to delete, to shorten and to weaken."""
        ...


_Check = tuple[str, Callable[[], bool]]


def probe(store: ObjectStore, now: datetime) -> tuple[ProbeLine, ...]:
    """Put small objects, and try to get around their lock and hold. Never raises what a store may raise."""
    try:
        _tidy(store, now)
        locked = _locked_lines(store, now)
        return (*locked, *_held_lines(store, now)) if locked[-1].answered else locked
    except StoreRefused as error:
        return (ProbeLine(ok=False, text=f"NOT so: a locked object can be stored ({_said(error)})"),)
    except SallyportError as error:
        return (ProbeLine(ok=False, text=f"the store cannot be asked ({_said(error)})", answered=False),)


def probe_unlocked(store: ObjectStore, now: datetime) -> tuple[ProbeLine, ...]:
    """For the escrow store: what must be destroyed some day must not be locked, by a default of the bucket, say."""
    try:
        _tidy(store, now)
        stored = _put(store, now, None)
    except SallyportError as error:
        return (ProbeLine(ok=False, text=f"an object cannot be stored ({_said(error)})", answered=False),)
    return _lines(
        ("an object without lock stays without", lambda: store.stat(stored.key, stored.version).locked_until is None),
        ("it can be deleted, and nothing of it stays", lambda: _goes(store, stored)),
    )


def _locked_lines(store: ObjectStore, now: datetime) -> tuple[ProbeLine, ...]:
    stored = _put(store, now, now + _LOCK)
    key, version = stored.key, stored.version
    sooner, later = now + _LOCK / 2, now + _LOCK + timedelta(minutes=1)
    return _lines(
        ("a stored object reads back byte for byte", lambda: _reads_back(store, stored)),
        ("its tags are kept", lambda: store.tags(key, version).get("class") == "probe"),
        ("its tags can be changed", lambda: _retags(store, stored)),
        ("its lock is kept", lambda: _locked(store, stored, now + _LOCK)),
        ("deleting it is refused", lambda: _refused(store, stored, lambda: store.delete(key, version))),
        (
            "shortening its lock is refused",
            lambda: _refused(store, stored, lambda: store.extend_lock(key, version, sooner)),
        ),
        ("no bypass of lesser locks gets around it", lambda: _withstands(store, stored, sooner)),
        ("its lock is as long as before", lambda: _locked(store, stored, now + _LOCK)),
        ("extending its lock is allowed", lambda: _extends(store, stored, later)),
    )


def _held_lines(store: ObjectStore, now: datetime) -> tuple[ProbeLine, ...]:
    """An object without lock, so that nothing but the hold protects it."""
    stored = _put(store, now, None)
    key, version = stored.key, stored.version
    return _lines(
        ("a second object of the same name does not replace the first", lambda: _versions(store, stored)),
        ("a legal hold is kept", lambda: _holds(store, stored)),
        ("deleting what is held is refused", lambda: _refused(store, stored, lambda: store.delete(key, version))),
        ("a legal hold can be taken off", lambda: _lets_go(store, stored)),
        ("what is free can be deleted, and nothing of it stays", lambda: _goes(store, stored)),
    )


def _lines(*checks: _Check) -> tuple[ProbeLine, ...]:
    """Until one is not answered: what was not carried out then would make a good store look bad further on."""
    lines: list[ProbeLine] = []
    for text, holds in checks:
        lines.append(_line(text, holds))
        if not lines[-1].answered:
            break
    return tuple(lines)


def _line(text: str, holds: Callable[[], bool]) -> ProbeLine:
    try:
        ok = holds()
    except (StoreRefused, NoSuchObject, ObjectLocked) as error:
        return ProbeLine(ok=False, text=f"NOT so: {text} ({_said(error)})")
    except SallyportError as error:
        return ProbeLine(ok=False, text=f"not found out: {text} ({_said(error)})", answered=False)
    return ProbeLine(ok, text if ok else f"NOT so: {text}")


def _said(error: SallyportError) -> str:
    """With the server's own code, which is what an operator can look up."""
    code = error.fields.get("code") or error.fields.get("error")
    return f"{error}: {code}" if code else str(error)


def _put(store: ObjectStore, now: datetime, until: datetime | None) -> Stored:
    key, tags = f"{PREFIX}/{new_id(now)}.txt", {"class": "probe"}
    return store.put(key, _CONTENT, tags=tags, metadata={"format": "probe"}, locked_until=until)


def _reads_back(store: ObjectStore, stored: Stored) -> bool:
    return b"".join(store.get(stored.key, stored.version)) == _CONTENT


def _retags(store: ObjectStore, stored: Stored) -> bool:
    store.set_tags(stored.key, stored.version, {"class": "probe", "again": "1"})
    return dict(store.tags(stored.key, stored.version)) == {"class": "probe", "again": "1"}


def _locked(store: ObjectStore, stored: Stored, until: datetime) -> bool:
    lock = store.stat(stored.key, stored.version).locked_until
    return lock is not None and lock >= until.replace(microsecond=0)


def _refused(store: ObjectStore, stored: Stored, attempt: Callable[[], None]) -> bool:
    """Refused for the lock's sake, and the object still there."""
    try:
        attempt()
    except ObjectLocked:
        return _reads_back(store, stored)
    return False


def _withstands(store: ObjectStore, stored: Stored, until: datetime) -> bool:
    """A folder knows no such ways."""
    if isinstance(store, GetsAround):
        for attempt in store.try_to_get_around(stored.key, stored.version, until):
            try:
                attempt()
            except StoreRefused:
                continue
            return False
    return _reads_back(store, stored)


def _extends(store: ObjectStore, stored: Stored, until: datetime) -> bool:
    store.extend_lock(stored.key, stored.version, until)
    return _locked(store, stored, until)


def _versions(store: ObjectStore, first: Stored) -> bool:
    second = store.put(first.key, b"another", tags={}, metadata={}, locked_until=None)
    kept = _reads_back(store, first) and second.version != first.version
    store.delete(second.key, second.version)
    return kept


def _holds(store: ObjectStore, stored: Stored) -> bool:
    store.set_legal_hold(stored.key, stored.version, on=True)
    return store.stat(stored.key, stored.version).legal_hold


def _lets_go(store: ObjectStore, stored: Stored) -> bool:
    store.set_legal_hold(stored.key, stored.version, on=False)
    return not store.stat(stored.key, stored.version).legal_hold


def _goes(store: ObjectStore, stored: Stored) -> bool:
    """The version is gone, with no marker in its place. A PUT whose answer was lost may be there twice."""
    store.delete(stored.key, stored.version)
    return not any(v.marker or v.version == stored.version for v in store.versions(stored.key))


def _tidy(store: ObjectStore, now: datetime) -> None:
    """Earlier probes whose lock has run out. Another probe may be at it in this moment, so young ones are let be."""
    for old in list(store.list(f"{PREFIX}/")):
        if now < _made(old.key, now) + _LOCK:
            continue
        with suppress(ObjectLocked, NoSuchObject):
            if store.stat(old.key, old.version).legal_hold:  # of a probe that was killed
                store.set_legal_hold(old.key, old.version, on=False)
            store.delete(old.key, old.version)


def _made(key: str, now: datetime) -> datetime:
    try:
        return made_at(key.removeprefix(f"{PREFIX}/").removesuffix(".txt"))
    except ValueError:
        return now  # not ours to delete
