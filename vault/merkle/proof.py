"""A proof that an event is in the log, as one text file, and how to check it: no database, no settings.

The format is c2sp.org/tlog-proof: the event's own bytes (as ``extra``), its index, the hashes from its leaf to the
root, and the signed checkpoint. Whoever has the log's public key checks it with nothing but SHA-256 and Ed25519.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self

from vault.merkle import tree
from vault.merkle.checkpoint import Checkpoint
from vault.merkle.checks import ProofFails, check_inclusion
from vault.merkle.note import BadNote, Note, Verifier

_HEAD = "c2sp.org/tlog-proof@v1"
_MOST_STEPS = 63
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Proof:
    """That ``entry`` (an event's canonical JSON) is number ``index`` of the log that ``checkpoint`` (a note) signs."""

    entry: bytes
    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    def text(self) -> str:
        """The file: self-contained, plain text."""
        head = [_HEAD, f"extra {_base64(self.entry)}", f"index {self.index}", *map(_base64, self.hashes), ""]
        return "".join(f"{line}\n" for line in head) + self.checkpoint

    @classmethod
    def of(cls, text: str) -> Self:
        """What :meth:`text` wrote. Raises :class:`~vault.merkle.note.BadNote`."""
        head, _, checkpoint = text.partition("\n\n")
        first, *lines = head.split("\n")
        if first != _HEAD or len(lines) < 2 or len(lines) > 2 + _MOST_STEPS:  # noqa: PLR2004 - extra and index
            raise BadNote("not a proof", public="This file is not a proof (c2sp.org/tlog-proof@v1).")
        entry = _decoded(lines[0].removeprefix("extra ")) if lines[0].startswith("extra ") else b""
        index = lines[1].removeprefix("index ")
        if not entry or not lines[1].startswith("index ") or not _NUMBER.fullmatch(index):
            raise BadNote("not a proof", public="This proof does not say which event it is about.")
        return cls(entry, int(index), tuple(map(_decoded, lines[2:])), checkpoint)

    def check(self, log: Collection[Verifier]) -> Checkpoint:
        """The checkpoint that vouches for the event. Raises ``BadNote`` or ``ProofFails``."""
        found = signed_checkpoint(self.checkpoint, log)
        check_inclusion(tree.leaf_hash(self.entry), self.index, found.size, self.hashes, found.root)
        return found

    def event(self) -> dict[str, Any]:
        """The event's fields; worth something after :meth:`check` alone."""
        try:
            fields: dict[str, Any] = json.loads(self.entry)
        except ValueError:
            raise ProofFails("not an event") from None
        return fields


def signed_checkpoint(text: str, log: Collection[Verifier]) -> Checkpoint:
    """A checkpoint that one of the log's keys has signed. Raises ``BadNote``."""
    note = Note.of(text)
    if not any([note.signed_by(key) is not None for key in log]):  # noqa: C419 - each, so that a false one is seen
        raise BadNote("unknown signer", public="This checkpoint is not signed by the key that was given.")
    return Checkpoint.of(note.text)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("not base64", public="This proof is damaged: a line of it is not base64.") from None
