"""Sealed files in an S3 bucket with Object Lock (written against Ceph RGW; any conforming server will do).

One PUT an object, never multipart: servers were seen to drop lock and tags on multipart
uploads. No retries inside the library: a lost reply would store a second version, so after
an unclear PUT the versions are listed before it is tried once more. The lock is read from
the headers of HEAD, because the library's own retention call fails on some servers' dates.

Trust: see ``port.py``. Failure: ``VaultUnavailable``; the reason holds the S3 error code and never a key's secret.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE, Tags
from minio.error import MinioException, S3Error
from minio.retention import Retention
from urllib3.exceptions import HTTPError

from domain.errors import SallyportError, VaultUnavailable
from vault.objects.port import CHUNK, NoSuchObject, ObjectLocked, Stat, Stored, Version, checked_key, checked_prefix

_CONNECT_SECONDS = 2
_READ_SECONDS = 30
_SMALLEST_PART = 5 * 2**20
_LARGEST_PUT = 5 * 2**30
_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchObject"})
_FIRST_FAULT = 500
"""HTTP: below it the server has refused for certain (RFC 9110 section 15.5), from it on nobody knows."""
_META = "x-amz-meta-"


class S3Store:
    """Implements ``ObjectStore`` over one bucket. Safe for ``threads`` threads."""

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        *,
        access_key: str,
        secret_key: str,
        region: str = "us-east-1",
        secure: bool = True,
        ca_file: Path | None = None,
        threads: int = 8,
    ) -> None:
        certificates: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED"}
        if ca_file:
            certificates["ca_certs"] = str(ca_file)
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
            retries=False,
            maxsize=threads,
            **(certificates if secure else {}),
        )
        self._bucket = bucket
        self._client = Minio(
            endpoint, access_key=access_key, secret_key=secret_key, region=region, secure=secure, http_client=pool
        )

    def create_bucket(self) -> None:
        """Make the bucket, with versions and Object Lock, if there is none."""
        with _as_errors():
            if not self._client.bucket_exists(self._bucket):
                self._client.make_bucket(self._bucket, object_lock=True)

    def put(
        self,
        key: str,
        data: bytes,
        *,
        tags: Mapping[str, str],
        metadata: Mapping[str, str],
        locked_until: datetime | None,
    ) -> Stored:
        """See the port."""
        checked_key(key)
        if len(data) > _LARGEST_PUT:
            raise VaultUnavailable("larger than one PUT may be", size=len(data))
        digest = hashlib.sha256(data)
        checksum = {"x-amz-checksum-sha256": base64.b64encode(digest.digest()).decode()}
        arguments: dict[str, Any] = {
            "metadata": {**metadata, **checksum},
            "tags": _tags_of(tags),
            "retention": Retention(COMPLIANCE, _whole_second(locked_until)) if locked_until else None,
        }
        version = self._put_surely(key, data, arguments)
        return Stored(key, version, len(data), digest.hexdigest())

    def get(self, key: str, version: str = "") -> Iterator[bytes]:
        """See the port."""
        checked_key(key)
        with _as_errors():
            response = self._client.get_object(self._bucket, key, version_id=version or None)
            try:
                yield from response.stream(CHUNK)
            finally:
                response.close()
                response.release_conn()

    def stat(self, key: str, version: str = "") -> Stat:
        """See the port. A GOVERNANCE lock counts as none: it can be taken off."""
        checked_key(key)
        with _as_errors():
            found = self._client.stat_object(self._bucket, key, version_id=version or None)
        headers = {name.lower(): value for name, value in (found.metadata or {}).items()}
        lock = None
        if headers.get("x-amz-object-lock-mode") == COMPLIANCE:
            lock = _date(headers.get("x-amz-object-lock-retain-until-date", ""))
        hold = headers.get("x-amz-object-lock-legal-hold") == "ON"
        metadata = {n.removeprefix(_META): v for n, v in headers.items() if n.startswith(_META)}
        return Stat(key, found.version_id or "", found.size or 0, metadata, lock, hold)

    def tags(self, key: str, version: str = "") -> Mapping[str, str]:
        """See the port."""
        checked_key(key)
        with _as_errors():
            return dict(self._client.get_object_tags(self._bucket, key, version_id=version or None) or {})

    def set_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        """See the port."""
        checked_key(key)
        with _as_errors():
            if tags:
                self._client.set_object_tags(self._bucket, key, _tags_of(tags), version_id=_needed(version))
            else:  # Ceph takes an empty set for malformed
                self._client.delete_object_tags(self._bucket, key, version_id=_needed(version))

    def list(self, prefix: str) -> Iterator[Version]:
        """See the port."""
        return (v for v in self.versions(prefix) if not v.marker and not v.key.endswith("/"))

    def versions(self, prefix: str) -> Iterator[Version]:
        """See the port. Also what others put there under names that no key of ours can have."""
        checked_prefix(prefix)
        with _as_errors():
            for item in self._client.list_objects(self._bucket, prefix, recursive=True, include_version=True):
                yield Version(str(item.object_name), item.version_id or "", item.size or 0, bool(item.is_delete_marker))

    def extend_lock(self, key: str, version: str, until: datetime) -> None:
        """See the port. The server is asked in any case: it, not this code, has to refuse."""
        checked_key(key)
        retention = Retention(COMPLIANCE, _whole_second(until))
        try:
            with _as_errors():
                self._client.set_object_retention(self._bucket, key, retention, version_id=_needed(version))
        except _RefusedError:
            lock = self.stat(key, version).locked_until
            if lock and until < lock:
                raise ObjectLocked("shortening a lock", key=key) from None
            raise

    def set_legal_hold(self, key: str, version: str, on: bool) -> None:  # noqa: FBT001 - the port's signature
        """See the port."""
        checked_key(key)
        switch = self._client.enable_object_legal_hold if on else self._client.disable_object_legal_hold
        with _as_errors():
            switch(self._bucket, key, version_id=_needed(version))

    def delete(self, key: str, version: str) -> None:
        """See the port. Always one version: without it S3 only hides the object."""
        checked_key(key)
        before = self._stat_of_any(key, _needed(version))
        try:
            with _as_errors():
                self._client.remove_object(self._bucket, key, version_id=version)
        except _RefusedError:
            if before and (before.locked_until or before.legal_hold):
                raise ObjectLocked("a lock runs or a legal hold is on", key=key) from None
            raise

    def _stat_of_any(self, key: str, version: str) -> Stat | None:
        """None for a delete marker: it has no head to read (servers answer 404 or 405), and nothing locks it."""
        try:
            return self.stat(key, version)
        except (NoSuchObject, _RefusedError):
            if any(v.marker and (v.key, v.version) == (key, version) for v in self.versions(key)):
                return None
            raise

    def _put_surely(self, key: str, data: bytes, arguments: Mapping[str, Any]) -> str:
        """The version written. An answer that leaves it open is looked into before anything is sent again."""
        try:
            return self._put_once(key, data, arguments)
        except _UnclearError:
            if version := self._landed(key, data):
                return version
        try:
            return self._put_once(key, data, arguments)
        except _UnclearError as error:
            if version := self._landed(key, data):
                return version
            raise VaultUnavailable("PUT without an answer, twice") from error

    def _put_once(self, key: str, data: bytes, arguments: Mapping[str, Any]) -> str:
        try:
            result = self._client.put_object(
                self._bucket,
                key,
                io.BytesIO(data),
                len(data),
                part_size=max(len(data), _SMALLEST_PART),  # one part, so one PUT
                **arguments,
            )
        except (MinioException, HTTPError, OSError) as error:
            if isinstance(error, S3Error) and error.response.status < _FIRST_FAULT:
                raise VaultUnavailable("S3 refused a PUT", code=error.code) from error
            raise _UnclearError from error
        if not result.version_id:
            raise VaultUnavailable("the bucket keeps no versions, so it cannot lock")
        return str(result.version_id)

    def _landed(self, key: str, data: bytes) -> str:
        """The version of ``key`` that holds ``data``, if there is one. The ETag of a single PUT is its MD5."""
        etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
        with _as_errors():
            for item in self._client.list_objects(self._bucket, key, recursive=True, include_version=True):
                if item.object_name == key and item.size == len(data) and (item.etag or "").strip('"') == etag:
                    return item.version_id or ""
        return ""


class _RefusedError(VaultUnavailable):
    """The server has answered, and its answer is no (4xx)."""


class _UnclearError(Exception):
    """The request may or may not have been carried out."""


@contextmanager
def _as_errors() -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        if error.code in _MISSING:
            raise NoSuchObject("not in the bucket") from error
        kind = _RefusedError if error.response.status < _FIRST_FAULT else VaultUnavailable
        raise kind("S3", code=error.code) from error
    except SallyportError:
        raise
    except (MinioException, HTTPError, OSError) as error:
        raise VaultUnavailable("S3 does not answer", error=type(error).__name__) from error


def _needed(version: str) -> str:
    """S3 would take the newest instead."""
    if not version:
        raise ValueError("a version is needed")
    return version


def _tags_of(tags: Mapping[str, str]) -> Tags:
    made = Tags(for_object=True)
    made.update(tags)
    return made


def _whole_second(at: datetime) -> datetime:
    """Rounded up, in UTC: servers keep whole seconds, and a lock must never be shorter than asked."""
    at = at.astimezone(UTC)
    return at if not at.microsecond else at.replace(microsecond=0) + timedelta(seconds=1)


def _date(text: str) -> datetime | None:
    """RFC 3339, with any number of decimals (Ceph writes nine); None for anything else, so that it reads as no lock."""
    try:
        return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
