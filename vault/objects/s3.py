"""Sealed files in an S3 bucket with Object Lock (written against Ceph RGW; any conforming server will do).

One PUT an object, never multipart: servers were seen to drop lock and tags on multipart
uploads. No retries inside the library: a lost reply would store a second version, so after
an unclear PUT the versions are listed before it is tried once more. The lock is read from
the headers of HEAD, because the library's own retention call fails on some servers' dates.

A server that takes the line and says nothing costs at most ``SILENCE_SECONDS``, one that is slow
``_WHOLE_SECONDS`` a request (``line.py``).

Trust: see ``port.py``. Failure: ``VaultUnavailable``; the reason holds the S3 error code and never a key's secret.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import MinioException, S3Error
from minio.retention import Retention

from domain.errors import VaultUnavailable
from vault.objects.direct import Direct, locking, tagging
from vault.objects.line import Bounds, Line, Signer
from vault.objects.port import (
    CHUNK,
    NoSuchObject,
    ObjectLocked,
    ReadBack,
    Stat,
    Stored,
    StoreRefused,
    Version,
    checked_key,
    checked_prefix,
)
from vault.objects.s3_around import attempts
from vault.objects.s3_words import FIRST_FAULT, as_errors, needed, refusal, stat_of, tags_of, whole_second

_CONNECT_SECONDS = 2
_READ_SECONDS = 30
_WHOLE_SECONDS = 90
"""What one request may take, however lively: 50 MB at 5 Mbit/s."""
_LOOK_SECONDS = 5
"""For finding out what became of a PUT without an answer: whoever waits has waited already."""
SILENCE_SECONDS = _CONNECT_SECONDS + _READ_SECONDS + 2 * (_CONNECT_SECONDS + _LOOK_SECONDS)
"""The longest that one call waits for a server that does not answer."""
_LARGEST_PUT = 5 * 2**30


class S3Store:
    """Implements ``ObjectStore`` over one bucket. Safe for threads."""

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
    ) -> None:
        def client(bounds: Bounds) -> Minio:
            line = Line(bounds, ca_file=ca_file)
            return Minio(
                endpoint, access_key=access_key, secret_key=secret_key, region=region, secure=secure, http_client=line
            )

        usual = Bounds(_CONNECT_SECONDS, _READ_SECONDS, _WHOLE_SECONDS)
        signer = Signer(region, access_key, secret_key)
        self._bucket = bucket
        self._client = client(usual)
        self._looking = client(Bounds(_CONNECT_SECONDS, _LOOK_SECONDS, _LOOK_SECONDS))
        self._direct = Direct(Line(usual, ca_file=ca_file, signer=signer), self._client, bucket)

    def create_bucket(self) -> None:
        """Make the bucket, with versions and Object Lock, if there is none."""
        with as_errors():
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
        lock = whole_second(locked_until) if locked_until else None
        headers = {
            **{f"x-amz-meta-{name}": value for name, value in metadata.items()},
            # S3 asks for both with a lock; servers that know neither check by the signature.
            "x-amz-sdk-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": base64.b64encode(digest.digest()).decode(),
            **tagging(tags),
            **locking(lock),
        }
        put = _Put(key, data, digest.hexdigest(), headers, lock)
        return Stored(key, self._put_surely(put), len(data), put.sha256)

    def get(self, key: str, version: str = "") -> Iterator[bytes]:
        """See the port."""
        checked_key(key)
        with as_errors():
            response = self._client.get_object(self._bucket, key, version_id=version or None)
            try:
                yield from response.stream(CHUNK)
            finally:
                response.close()
                response.release_conn()

    def stat(self, key: str, version: str = "") -> Stat:
        """See the port."""
        return self._stat(self._client, key, version)

    def _stat(self, client: Minio, key: str, version: str) -> Stat:
        checked_key(key)
        with as_errors():
            found = client.stat_object(self._bucket, key, version_id=version or None)
        return stat_of(key, found.version_id or "", found.size or 0, found.metadata or {})

    def read_back(self, key: str, version: str) -> ReadBack:
        """See the port. One GET: its headers say of the lock what HEAD would."""
        checked_key(key)
        digest, size = hashlib.sha256(), 0
        with as_errors():
            reply = self._direct.get(key, needed(version))
            try:
                for piece in reply.stream():
                    digest.update(piece)
                    size += len(piece)
            finally:
                reply.close()
        return ReadBack(digest.hexdigest(), stat_of(key, version, size, reply.fields))

    def tags(self, key: str, version: str = "") -> Mapping[str, str]:
        """See the port."""
        checked_key(key)
        with as_errors():
            return dict(self._client.get_object_tags(self._bucket, key, version_id=version or None) or {})

    def set_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        """See the port."""
        checked_key(key)
        with as_errors():
            if tags:
                self._client.set_object_tags(self._bucket, key, tags_of(tags), version_id=needed(version))
            else:  # Ceph takes an empty set for malformed
                self._client.delete_object_tags(self._bucket, key, version_id=needed(version))

    def list(self, prefix: str) -> Iterator[Version]:
        """See the port."""
        return (v for v in self.versions(prefix) if not v.marker and not v.key.endswith("/"))

    def versions(self, prefix: str, after: str = "") -> Iterator[Version]:
        """See the port. Also what others put there under names that no key of ours can have."""
        checked_prefix(prefix)
        with as_errors():
            for item in self._client.list_objects(
                self._bucket, prefix, recursive=True, include_version=True, start_after=after or None
            ):
                if str(item.object_name) <= after:  # some servers give the older versions of that key
                    continue
                yield Version(str(item.object_name), item.version_id or "", item.size or 0, bool(item.is_delete_marker))

    def extend_lock(self, key: str, version: str, until: datetime) -> None:
        """See the port. The server is asked in any case: it, not this code, has to refuse."""
        checked_key(key)
        retention = Retention(COMPLIANCE, whole_second(until))
        try:
            with as_errors():
                self._client.set_object_retention(self._bucket, key, retention, version_id=needed(version))
        except StoreRefused:
            lock = self.stat(key, version).locked_until
            if lock and until < lock:
                raise ObjectLocked("shortening a lock", key=key) from None
            raise

    def set_legal_hold(self, key: str, version: str, on: bool) -> None:  # noqa: FBT001 - the port's signature
        """See the port."""
        checked_key(key)
        switch = self._client.enable_object_legal_hold if on else self._client.disable_object_legal_hold
        with as_errors():
            switch(self._bucket, key, version_id=needed(version))

    def delete(self, key: str, version: str) -> None:
        """See the port. Always one version: without it S3 only hides the object."""
        checked_key(key)
        before = self._stat_of_any(key, needed(version))
        try:
            with as_errors():
                self._client.remove_object(self._bucket, key, version_id=version)
        except StoreRefused:
            if before and (before.locked_until or before.legal_hold):
                raise ObjectLocked("a lock runs or a legal hold is on", key=key) from None
            raise

    def try_to_get_around(self, key: str, version: str, until: datetime) -> Iterator[Callable[[], None]]:
        """For the probe; see ``s3_around.py``."""
        return attempts(self._client, self._bucket, key, version, until)

    def _stat_of_any(self, key: str, version: str) -> Stat | None:
        """None for a delete marker: it has no head to read (servers answer 404 or 405), and nothing locks it."""
        try:
            return self.stat(key, version)
        except (NoSuchObject, StoreRefused):
            if any(v.marker and (v.key, v.version) == (key, version) for v in self.versions(key)):
                return None
            raise

    def _put_surely(self, put: _Put) -> str:
        """The version written. An answer that leaves it open is looked into before anything is sent again.

        A server that was silent for its whole time is not asked a second time: whoever waits for us would wait again.
        """
        try:
            return self._put_once(put)
        except _UnclearError as error:
            if version := self._landed(put):
                return version
            if error.silent:
                raise VaultUnavailable("PUT without an answer in time") from error
        try:
            return self._put_once(put)
        except _UnclearError as error:
            if version := self._landed(put):
                return version
            raise VaultUnavailable("PUT without an answer, twice") from error

    def _put_once(self, put: _Put) -> str:
        try:
            said = self._direct.put(put.key, put.data, put.sha256, put.headers)
        except (MinioException, OSError) as error:
            if isinstance(error, S3Error) and error.response.status < FIRST_FAULT:
                raise refusal(error, "S3 refused a PUT") from error
            raise _UnclearError(silent=isinstance(error, TimeoutError)) from error
        version = said.get("x-amz-version-id", "")
        if not version:
            raise StoreRefused("the bucket keeps no versions, so it cannot lock")
        return version

    def _landed(self, put: _Put) -> str:
        """The version that is this PUT's: its bytes (the ETag of a single PUT is their MD5) and its lock."""
        etag = hashlib.md5(put.data, usedforsecurity=False).hexdigest()
        with as_errors():
            for item in self._looking.list_objects(self._bucket, put.key, recursive=True, include_version=True):
                same = item.object_name == put.key and item.size == len(put.data)
                if same and (item.etag or "").strip('"') == etag:
                    lock = self._stat(self._looking, put.key, item.version_id or "").locked_until
                    if not put.lock or (lock and lock >= put.lock):
                        return item.version_id or ""
        return ""


@dataclass(frozen=True, slots=True)
class _Put:
    """What is to be written. ``sha256`` is hexadecimal, ``lock`` a whole second."""

    key: str
    data: bytes = field(repr=False)
    sha256: str
    headers: Mapping[str, str]
    lock: datetime | None


class _UnclearError(Exception):
    """The request may or may not have been carried out. ``silent``: no answer came in all the time there was."""

    def __init__(self, *, silent: bool) -> None:
        super().__init__()
        self.silent = silent
