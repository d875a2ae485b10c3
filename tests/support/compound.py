"""OLE files for tests and benchmarks, as MS-CFB says: large streams in sectors, small ones in the small stream."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

_SECTOR, _SMALL, _CUTOFF = 512, 64, 4096
_FREE, _END, _TABLE = -1, -2, -3
_IN_HEAD, _IN_SECTOR = 109, _SECTOR // 4
_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STORAGE, _STREAM, _ROOT = 1, 2, 5


class _Sectors:
    """Sectors of one size, and the chain of each content that was put into them."""

    def __init__(self, size: int) -> None:
        self.size, self.data, self.chain = size, bytearray(), list[int]()

    def put(self, content: bytes) -> int:
        """Where it begins; nothing has no sector."""
        if not content:
            return _END
        start, count = len(self.chain), -(-len(content) // self.size)
        self.data += content.ljust(count * self.size, b"\0")
        self.chain += [*range(start + 1, start + count), _END]
        return start


def compound(streams: Mapping[str, bytes]) -> bytes:
    """An OLE file with these streams; slashes make storages."""
    large, small = _Sectors(_SECTOR), _Sectors(_SMALL)
    starts = {name: (large if len(content) >= _CUTOFF else small).put(content) for name, content in streams.items()}
    root = large.put(bytes(small.data)), len(small.data)
    of_small = large.put(_packed(small.chain)), -(-len(small.chain) // _IN_SECTOR)
    directory = large.put(_directory(streams, starts, root))
    tables = -(-len(large.chain) // (_IN_SECTOR - 1))
    if tables > _IN_HEAD:
        raise ValueError("larger than a file without a second table of tables")
    first = len(large.chain)
    chain = _packed([*large.chain, *[_TABLE] * tables])
    return _head(directory, of_small, range(first, first + tables)) + bytes(large.data) + chain


def _head(directory: int, of_small: tuple[int, int], tables: Sequence[int]) -> bytes:
    start, count = of_small
    head = _MAGIC + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIiIIiIiI", 0, len(tables), directory, 0, _CUTOFF, start, count, _END, 0)
    return head + struct.pack(f"<{_IN_HEAD}i", *tables, *[_FREE] * (_IN_HEAD - len(tables)))


def _packed(chain: Iterable[int]) -> bytes:
    listed = list(chain)
    listed += [_FREE] * (-len(listed) % _IN_SECTOR)
    return struct.pack(f"<{len(listed)}i", *listed)


def _directory(streams: Mapping[str, bytes], starts: Mapping[str, int], root: tuple[int, int]) -> bytes:
    """The root, then each storage and stream; each has its next sibling at its right, in the order of MS-CFB."""
    storages = {name[:at] for name in streams for at, sign in enumerate(name) if sign == "/"}
    order = sorted({*storages, *streams}, key=lambda name: (_parent(name), len(_own(name)), _own(name).upper()))
    numbers = {name: number for number, name in enumerate(order, 1)}
    first, following = {}, {}
    for name, other in zip(reversed(order), [None, *reversed(order)], strict=False):
        first[_parent(name)] = numbers[name]
        following[name] = numbers[other] if other is not None and _parent(other) == _parent(name) else _FREE
    entries = [_entry("Root Entry", _ROOT, _FREE, first.get("", _FREE), *root)]
    for name in order:
        child, content = first.get(name, _FREE), streams.get(name, b"")
        kind, start = (_STREAM, starts[name]) if name in streams else (_STORAGE, 0)
        entries.append(_entry(_own(name), kind, following[name], child, start, len(content)))
    return b"".join(entries)


def _parent(name: str) -> str:
    return name.rpartition("/")[0]


def _own(name: str) -> str:
    return name.rpartition("/")[2]


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    raw = name.encode("utf-16-le")
    out = raw.ljust(64, b"\0") + struct.pack("<HBBiii", len(raw) + 2, kind, 1, _FREE, right, child)
    return out + bytes(36) + struct.pack("<iQ", start, size)
