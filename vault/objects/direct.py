"""The two requests to S3 that every mail waits for, PUT and the GET that reads back, straight over libcurl.

libcurl signs them (AWS Signature Version 4) with the SHA-256 of the body, which the caller has computed anyway.
minio-py prepares each request anew in a thousand small steps; the pair costs it 0.9 ms of the processor, as much as
the network does (``docs/adr/0010-filing.md``). Everything else stays with it, and so do the errors.

Failure: ``S3Error`` as of minio-py, ``InvalidResponseError`` for an answer that is not S3's, else as ``line.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote

from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import InvalidResponseError, S3Error

from vault.objects.line import Line, Reply

_OK = 200


class Direct:
    """One bucket. Safe for threads."""

    def __init__(self, line: Line, client: Minio, bucket: str) -> None:
        """``line`` signs. ``client`` is asked once where the bucket is: in the path, or in the host's name."""
        self._line = line
        self._base = client.presigned_get_object(bucket, "k").partition("?")[0].removesuffix("k")

    def put(self, key: str, data: bytes, sha256: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        """The reply's headers, their names in small letters. ``sha256`` of ``data`` is hexadecimal."""
        lines = ["Content-Type: application/octet-stream", f"x-amz-content-sha256: {sha256}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if not all(line.isascii() and line.isprintable() for line in lines):
            raise ValueError("a header that cannot be one")
        return _checked(self._line.ask("PUT", self._base + quote(key), data, lines)).fields

    def get(self, key: str, version: str) -> Reply:
        """The reply once its headers are there. Whoever has it reads or closes it."""
        url = f"{self._base}{quote(key)}?versionId={quote(version, safe='')}"
        return _checked(self._line.ask("GET", url, None, (), preload_content=False))


def tagging(tags: Mapping[str, str]) -> dict[str, str]:
    """The header that sets tags."""
    words = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in tags.items())
    return {"x-amz-tagging": words} if words else {}


def locking(until: datetime | None) -> dict[str, str]:
    """The headers that lock until then, a whole second in UTC."""
    if until is None:
        return {}
    return {
        "x-amz-object-lock-mode": COMPLIANCE,
        "x-amz-object-lock-retain-until-date": f"{until:%Y-%m-%dT%H:%M:%SZ}",
    }


@lru_cache(4096)
def _quoted(text: str) -> str:
    """Most mails have the same few tags."""
    return quote(text, safe="")


def _checked(reply: Reply) -> Reply:
    if reply.status == _OK:
        return reply
    body = reply.read()
    kind = reply.fields.get("content-type", "")
    if not body or "application/xml" not in kind.split(";"):
        raise InvalidResponseError(reply.status, kind, body.decode("utf-8", "replace"))
    raise S3Error.fromxml(reply)  # type: ignore[arg-type]  # of urllib3's replies it uses what ours have
