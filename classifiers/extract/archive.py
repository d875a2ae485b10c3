"""Zip, 7z, tar and single compressed files.

Purpose: each member as an item of its own, under caps on depth, count, size and expansion. Trust: hostile.
Failure: ``Unread``; a locked member is ENCRYPTED for itself, and the others are still read.
"""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zlib
from typing import Protocol

from classifiers.extract.reading import Item, Reading, Unread
from classifiers.extract.zips import Members
from domain.model import UnreadableReason

_CHUNK = 1 << 16
_GZIP_HEADER = 10


def read_zip(item: Item, reading: Reading) -> None:
    """Every member; an empty archive has nothing to give away."""
    members = Members(item, reading)
    for info in members.infos:
        try:
            content = members.read(info)
        except Unread as unread:
            if unread.reason is not UnreadableReason.ENCRYPTED:
                raise
            locked = item.inside(info.filename, b"")
            reading.cannot(locked.path, UnreadableReason.ENCRYPTED, locked.filename)
            continue
        reading.descend(item.inside(info.filename, content))


def read_7z(item: Item, reading: Reading) -> None:
    """A 7z archive. Sizes are known before anything is unpacked."""
    import py7zr  # noqa: PLC0415 - rare, and slow to load
    from py7zr.io import BytesIOFactory  # noqa: PLC0415 - the same

    try:
        with py7zr.SevenZipFile(io.BytesIO(item.content)) as archive:
            if archive.needs_password():
                raise Unread(UnreadableReason.ENCRYPTED)
            sizes = [info.uncompressed for info in archive.list() if not info.is_directory]
            _affordable(sizes, len(item.content), reading)
            factory = BytesIOFactory(reading.limits.member_bytes)
            archive.extractall(factory=factory)  # noqa: S202 - into memory, under the factory's cap
    except py7zr.PasswordRequired:
        raise Unread(UnreadableReason.ENCRYPTED) from None
    for name, product in factory.products.items():
        product.seek(0)
        reading.descend(item.inside(name, product.read()))


def read_tar(item: Item, reading: Reading) -> None:
    """A tar file. Links and devices hold nothing.

    What stands behind its end, or behind a broken header, other programs may show.
    """
    with tarfile.open(fileobj=io.BytesIO(item.content), mode="r:") as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is None:
                continue
            reading.spend(member.size)
            if member.size > len(item.content):
                raise Unread(UnreadableReason.TOO_LARGE)
            reading.descend(item.inside(member.name, stream.read()))
        behind = item.content[archive.offset :]
    if behind.strip(b"\0"):
        raise Unread(UnreadableReason.AMBIGUOUS)


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def read_compressed(item: Item, reading: Reading) -> None:
    """gzip, bzip2 or xz: one file inside, or a tar. Several streams one after another are one file."""
    name = item.filename.rpartition(".")[0] or "content"
    if item.filename.lower().endswith(".tgz"):
        name += ".tar"
    reading.say(item.path, item.place, _gzip_words(item.content))
    reading.descend(item.inside(name, _decompress(item.content, reading)))


def _gzip_words(content: bytes) -> str:
    """Extra field, name and comment of a gzip header (RFC 1952 section 2.3)."""
    if not content.startswith(b"\x1f\x8b") or len(content) < _GZIP_HEADER:
        return ""
    flags, at, found = content[3], 10, []
    if flags & 4:
        size = int.from_bytes(content[at : at + 2], "little")
        found.append(content[at + 2 : at + 2 + size])
        at += 2 + size
    for bit in (8, 16):
        if flags & bit:
            words, _, _ = content[at:].partition(b"\0")
            found.append(words)
            at += len(words) + 1
    return "\n".join(words.decode("latin-1") for words in found)


def _decompress(content: bytes, reading: Reading) -> bytes:
    out = bytearray()
    while content:
        machine = _machine(content)
        if machine is None:
            raise Unread(UnreadableReason.AMBIGUOUS)
        data = content
        while not machine.eof:
            piece = _piece(machine, data)
            data = getattr(machine, "unconsumed_tail", b"")
            _grow(out, piece, len(content), reading)
            if not piece and not data:
                raise Unread(UnreadableReason.CORRUPT)
        content = getattr(machine, "unused_data", b"").lstrip(b"\0")
    return bytes(out)


def _piece(machine: _Decompressor, data: bytes) -> bytes:
    try:
        return machine.decompress(data, _CHUNK)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
        raise Unread(UnreadableReason.CORRUPT) from None


def _machine(content: bytes) -> _Decompressor | None:
    """The right decompressor for what comes next. None for rubbish, which some programs show and others leave."""
    if content.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(wbits=31)
    if content.startswith(b"BZh"):
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(memlimit=1 << 28) if content.startswith(b"\xfd7zXZ\x00") else None


def _grow(out: bytearray, piece: bytes, packed: int, reading: Reading) -> None:
    reading.spend(len(piece))
    out += piece
    limits = reading.limits
    if len(out) > limits.member_bytes or (len(out) > limits.ratio_floor and len(out) > limits.ratio * packed):
        raise Unread(UnreadableReason.TOO_LARGE)


def _affordable(sizes: list[int], packed: int, reading: Reading) -> None:
    total = sum(sizes)
    limits = reading.limits
    if len(sizes) > limits.items:
        raise Unread(UnreadableReason.TOO_MANY)
    if max(sizes, default=0) > limits.member_bytes or (total > limits.ratio_floor and total > limits.ratio * packed):
        raise Unread(UnreadableReason.TOO_LARGE)
    reading.spend(total)
