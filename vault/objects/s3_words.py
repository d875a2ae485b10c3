"""S3's words and errors in ours, and ours in its."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from minio.commonconfig import COMPLIANCE, Tags
from minio.error import MinioException, S3Error

from domain.errors import SallyportError, VaultUnavailable
from vault.objects.port import NoSuchObject, Stat, StoreRefused

_META = "x-amz-meta-"
_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchObject"})
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
_SKEWED, _TOO_SLOW = "RequestTimeTooSkewed", "RequestTimeout"
"""HTTP 403 and 400, yet no word on what the store keeps: our clock is wrong, our line is slow (S3's error codes)."""
FIRST_FAULT = 500
"""HTTP: below it the server has refused for certain (RFC 9110 section 15.5), from it on nobody knows."""


@contextmanager
def as_errors() -> Iterator[None]:
    """Its errors as ours: not there, refused, or no answer. ``fields`` have the server's code."""
    try:
        yield
    except S3Error as error:
        if error.code in _MISSING:
            raise NoSuchObject("not in the bucket") from error
        raise refusal(error, "S3") from error
    except SallyportError:
        raise
    except (MinioException, OSError) as error:
        raise VaultUnavailable("S3 does not answer", error=type(error).__name__) from error


def refusal(error: S3Error, private: str) -> VaultUnavailable:
    """What a server's error is: a refusal for certain, or nothing that says anything about the store itself."""
    if error.code == _SKEWED:
        return VaultUnavailable("this machine's clock and the store's differ by a quarter of an hour", code=error.code)
    kind = StoreRefused if error.response.status < FIRST_FAULT and error.code != _TOO_SLOW else VaultUnavailable
    return kind(private, code=error.code)


def needed(version: str) -> str:
    """S3 would take the newest instead."""
    if not version:
        raise ValueError("a version is needed")
    return version


def tags_of(tags: Mapping[str, str]) -> Tags:
    """As the library wants them."""
    made = Tags(for_object=True)
    made.update(tags)
    return made


def whole_second(at: datetime) -> datetime:
    """Rounded up, in UTC: servers keep whole seconds, and a lock must never be shorter than asked."""
    at = at.astimezone(UTC)
    return at if not at.microsecond else at.replace(microsecond=0) + timedelta(seconds=1)


def date_of(text: str) -> datetime | None:
    """RFC 3339, with any number of decimals (Ceph writes nine); None for anything else, so that it reads as no lock."""
    if not _TIME.match(text):
        return None
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    except ValueError:
        return None


def stat_of(key: str, version: str, size: int, said: Mapping[str, str]) -> Stat:
    """What the headers of an answer say of an object. A GOVERNANCE lock counts as none: it can be taken off."""
    headers = {name.lower(): value for name, value in said.items()}
    lock = None
    if headers.get("x-amz-object-lock-mode") == COMPLIANCE:
        lock = date_of(headers.get("x-amz-object-lock-retain-until-date", ""))
    hold = headers.get("x-amz-object-lock-legal-hold") == "ON"
    metadata = {n.removeprefix(_META): v for n, v in headers.items() if n.startswith(_META)}
    return Stat(key, version, size, metadata, lock, hold)
