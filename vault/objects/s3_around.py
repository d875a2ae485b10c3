"""What somebody who may bypass GOVERNANCE locks would try on a COMPLIANCE lock, for the probe alone.

No user can overwrite or delete what is under such a lock, says S3's manual; the probe finds out whether that is so.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from minio import Minio
from minio.commonconfig import COMPLIANCE, GOVERNANCE
from minio.retention import Retention
from minio.xml import marshal

from domain.errors import VaultUnavailable
from vault.objects.port import StoreRefused
from vault.objects.s3_words import as_errors, whole_second

_BYPASS = {"x-amz-bypass-governance-retention": "true"}
_FORBIDDEN = frozenset({"AccessDenied", "InvalidRequest"})
"""What servers say of what a lock forbids."""


def attempts(client: Minio, bucket: str, key: str, version: str, until: datetime) -> Iterator[Callable[[], None]]:
    """To delete, to shorten to ``until``, to weaken. Each raises ``StoreRefused``, or has done it."""
    yield partial(_force, client, "DELETE", (bucket, key), {"versionId": version}, b"")
    for mode in (COMPLIANCE, GOVERNANCE):
        body = marshal(Retention(mode, whole_second(until)))
        yield partial(_force, client, "PUT", (bucket, key), {"retention": "", "versionId": version}, body)


def _force(client: Minio, method: str, place: tuple[str, str], query: dict[str, str], body: bytes) -> None:
    """Refused for another reason than that it must not be is not refused."""
    headers = dict(_BYPASS)
    if body:
        headers["Content-MD5"] = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    try:
        with as_errors():
            client._execute(  # noqa: SLF001 - the library has no word for what must not be done
                method, *place, body=body or None, headers={**headers}, query_params={**query}
            )
    except StoreRefused as refused:
        if refused.fields["code"] not in _FORBIDDEN:
            raise VaultUnavailable("an attempt was not understood", code=refused.fields["code"]) from refused
        raise
