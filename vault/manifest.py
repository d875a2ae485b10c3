"""The bundle of a record: a tar archive with ``manifest.json`` and, for plain mail, ``mail.eml`` itself.

The manifest holds what would be personal data anywhere else: file names, headers, and the
words that decisions rest on. It is therefore written inside seals only (``docs/vault-format.md``).
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import zip_longest
from typing import Any, NamedTuple

from domain.ports import FiledPart, Filing
from vault.models import ObjectKind
from vault.records import NewObject, dump

FORMAT = "sallyport-v1"
MANIFEST, MAIL = "manifest.json", "mail.eml"
_MAX_HEADERS = 65536
_SIZE_AT, _NUMBERS = 124, 32
"""Where a tar header has size, time and checksum, and their length."""
_JSON = json.JSONEncoder(ensure_ascii=False)


class Placed(NamedTuple):
    """A filed object, and the digest of what is inside, which is written nowhere but into the manifest."""

    row: NewObject
    plain_sha256: str


def describe(filing: Filing, record: str, now: datetime, objects: Sequence[Placed]) -> bytes:
    """The manifest as JSON. ``objects`` are those filed so far; the parts' are in the order of the filing's parts."""
    message, envelope = filing.message, filing.envelope
    numbers = [o.row.number for o in objects if o.row.kind == ObjectKind.PART]
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "record": record,
        "digest": filing.digest,
        "filed_at": now.isoformat(),
        "received_at": envelope.received_at.isoformat(),
        "sender": envelope.sender.text,
        "recipients": [d.recipient.text for d in filing.decisions],
        "subject": message.subject,
        "message_id": message.message_id,
        "author": message.author,
        "headers": message.raw[: min(message.body_offset, _MAX_HEADERS)].decode("utf-8", "backslashreplace"),
        "people": sorted(filing.people),
        "categories": sorted(filing.categories),
        "decisions": [dump(d, words=True) for d in filing.decisions],
        "objects": [_object(o) for o in objects],
        "parts": [_part(p, number) for p, number in zip_longest(filing.parts, numbers)],
    }
    return _JSON.encode(manifest).encode("utf-8", "backslashreplace")


def pack(manifest: bytes, now: datetime, mail: bytes | None = None) -> bytes:
    """The tar archive."""
    entries = [*_entry(MANIFEST, manifest, now), *(() if mail is None else _entry(MAIL, mail, now))]
    length = sum(map(len, entries)) + 2 * tarfile.BLOCKSIZE  # two empty blocks are the end
    return b"".join(entries).ljust(length + -length % tarfile.RECORDSIZE, b"\0")


def unpack(bundle: bytes) -> dict[str, bytes]:
    """The files of a bundle, by name; only the two names that a bundle may have."""
    with tarfile.open(fileobj=io.BytesIO(bundle), mode="r:") as archive:
        files = {name: archive.extractfile(name) for name in archive.getnames() if name in {MANIFEST, MAIL}}
        return {name: file.read() for name, file in files.items() if file}


def _entry(name: str, content: bytes, now: datetime) -> tuple[bytes, bytes, bytes]:
    """Header, content, and what fills up its last block. Without a ``TarFile``, which every mail would wait for."""
    return _header(name, len(content), int(now.timestamp())), content, bytes(-len(content) % tarfile.BLOCKSIZE)


def _header(name: str, size: int, mtime: int) -> bytes:
    """``tarfile``'s own of that name, with these numbers and the checksum over them (POSIX.1-1988 ustar)."""
    before, after, total = _around(name)
    numbers = b"%011o\0%011o\0" % (size, mtime)
    return b"%b%b%06o\0 %b" % (before, numbers, total + sum(numbers), after)


@cache
def _around(name: str) -> tuple[bytes, bytes, int]:
    """What stands before size and time, what stands behind the checksum, and the sum of both with eight spaces."""
    entry = tarfile.TarInfo(name)
    entry.mode = 0o600
    made = entry.tobuf(tarfile.USTAR_FORMAT)
    before, after = made[:_SIZE_AT], made[_SIZE_AT + _NUMBERS :]
    return before, after, sum(before) + sum(after) + 8 * ord(" ")


def _part(filed: FiledPart, number: int | None) -> dict[str, Any]:
    """One part; without a number it lies in the mail itself only."""
    return {
        "number": number,
        "path": filed.part.path,
        "file_name": filed.part.filename,
        "type": filed.part.declared_type,
        "people": sorted(filed.people),
        "categories": sorted(filed.categories),
    }


def _object(placed: Placed) -> dict[str, Any]:
    row = placed.row
    return {
        "number": row.number,
        "kind": row.kind,
        "key": row.key,
        "version": row.version,
        "people": row.people,
        "sealed_sha256": row.sealed_sha256,
        "plain_sha256": placed.plain_sha256,
        "plain_size": row.plain_size,
    }
