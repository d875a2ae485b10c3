"""A checkpoint: how large the audit tree is and what its root is, as a text to sign (c2sp.org/tlog-checkpoint).

::

    sallyport.council.example/audit          origin: which log
    20852163                                 how many events
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
    time 2026-11-23T17:00:00Z                ours: when it was signed
    previous 20852100                        ours: the size of the checkpoint before, so that none can be left out

The last two are extension lines, which the format allows; whoever does not know them signs them as they are.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from vault.merkle.note import BadNote
from vault.merkle.tree import HASH_LENGTH

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_LONGEST_LINE = 1000


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head. ``at`` and ``previous`` are None in a checkpoint that is not ours."""

    origin: str
    size: int
    root: bytes
    at: datetime | None = None
    previous: int | None = None
    others: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is signed; ends with a newline."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode()]
        if self.at is not None:
            lines.append(f"time {self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
        if self.previous is not None:
            lines.append(f"previous {self.previous}")
        return "".join(f"{line}\n" for line in (*lines, *self.others))

    @classmethod
    def of(cls, text: str) -> Self:
        """Raises :class:`BadNote`. What is read is written back the same, byte for byte."""
        lines = text.removesuffix("\n").split("\n")
        if not text.endswith("\n") or len(lines) < 3 or any(not 0 < len(n) <= _LONGEST_LINE for n in lines):  # noqa: PLR2004 - origin, size, root: C2SP tlog-checkpoint
            raise BadNote("not a checkpoint")
        origin, size, root, *more = lines
        at = _time(more[0]) if more else None
        more = more[1:] if at else more
        previous = _previous(more[0]) if more else None
        more = more if previous is None else more[1:]
        found = cls(origin, _size(size), _root(root), at, previous, tuple(more))
        if found.text != text:
            raise BadNote("not a checkpoint in its one form")
        return found


def _size(line: str) -> int:
    if not _SIZE.fullmatch(line):
        raise BadNote("not a size")
    return int(line)


def _root(line: str) -> bytes:
    try:
        found = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("not a root") from None
    if len(found) != HASH_LENGTH:
        raise BadNote("not a root")
    return found


def _time(line: str) -> datetime | None:
    try:
        return datetime.strptime(line, "time %Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _previous(line: str) -> int | None:
    word, _, size = line.partition(" ")
    return int(size) if word == "previous" and _SIZE.fullmatch(size) else None
