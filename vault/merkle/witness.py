"""What a witness does: another party that signs checkpoints, each only if it holds all of the one before.

It needs the log's public key, a key of its own, and a small file in which it remembers one checkpoint a log. It learns
nothing but sizes and hashes. A database that was rolled back, or a log that shows different people different
histories, cannot get its signature again (c2sp.org/tlog-witness, c2sp.org/tlog-cosignature).

A request is a text: ``old 123``, the consistency proof (one base64 line a hash), an empty line, the checkpoint. It
travels by HTTP, by mail or on a stick. The answer is a signature line, or :class:`Refusal`, whatever the request.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import json
import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Self

from domain.errors import ConfigurationError, SealBroken
from vault.merkle.checkpoint import Checkpoint
from vault.merkle.checks import ProofFails, check_consistency
from vault.merkle.note import BadNote, Note, Signature, Signer, Verifier
from vault.merkle.tree import EMPTY

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_MOST_STEPS = 63
LARGEST_REQUEST = 128 * 1024


class Refusal(SealBroken):
    """The witness does not sign. ``status`` is the protocol's; ``size`` what it signed last, where that matters."""

    public = "The witness does not sign this checkpoint."

    def __init__(self, status: HTTPStatus, public: str, size: int | None = None) -> None:
        super().__init__(f"refused: {status}", public=public)
        self.status = status
        self.size = size


@dataclass(frozen=True, slots=True)
class Request:
    """A checkpoint, with the proof from the ``old`` size to its own."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def text(self) -> str:
        """The body of ``add-checkpoint``, or a file."""
        lines = [f"old {self.old}", *(base64.b64encode(p).decode() for p in self.proof), ""]
        return "".join(f"{line}\n" for line in lines) + str(self.note)

    @classmethod
    def of(cls, text: str) -> Self:
        """Raises :class:`Refusal`."""
        head, gap, note = text.partition("\n\n")
        first, *steps = head.split("\n")
        old = _OLD.fullmatch(first)
        if not gap or old is None or len(steps) > _MOST_STEPS:
            raise Refusal(
                HTTPStatus.BAD_REQUEST, "This is not a request to a witness; it begins with 'old' and a size."
            )
        try:
            proof = tuple(base64.b64decode(step, validate=True) for step in steps)
            return cls(int(old[1]), proof, Note.of(note))
        except (binascii.Error, ValueError, BadNote):
            raise Refusal(HTTPStatus.BAD_REQUEST, "This request to a witness is damaged.") from None


@dataclass(frozen=True, slots=True)
class Witness:
    """Signs for the logs whose keys it knows; a key's name is its log's origin."""

    signer: Signer
    logs: Collection[Verifier]
    memory: Memory

    def add_checkpoint(self, text: str, now: datetime) -> Signature:
        """The countersignature; remembered before it is given. Raises :class:`Refusal`."""
        request = Request.of(text)
        head = self._known(request.note)
        with self.memory.held() as seen:
            last = seen.get(head.origin, _NOTHING)
            _check(request, head, last)
            signature = self.signer.sign(request.note.text, now)
            self.memory.keep({**seen, head.origin: str(request.note)})
        return signature

    def _known(self, note: Note) -> Checkpoint:
        try:
            head = Checkpoint.of(note.text)
            keys = [key for key in self.logs if key.name == head.origin]
            if not keys:
                raise Refusal(HTTPStatus.NOT_FOUND, f"This witness knows no key of the log {head.origin}.")
            if not any([note.signed_by(key) is not None for key in keys]):  # noqa: C419 - each, so that a false one is seen
                raise Refusal(
                    HTTPStatus.FORBIDDEN, "This checkpoint is not signed by the key that is known of its log."
                )
        except BadNote:
            raise Refusal(HTTPStatus.FORBIDDEN, "The signature on this checkpoint is false, or it is none.") from None
        return head


def _check(request: Request, head: Checkpoint, last: str) -> None:
    seen = Checkpoint.of(Note.of(last).text) if last else Checkpoint(head.origin, 0, EMPTY)
    if request.old > head.size:
        raise Refusal(HTTPStatus.BAD_REQUEST, "This request is from a larger log to a smaller one.")
    if request.old != seen.size:
        if head.size < seen.size:
            public = (
                f"REFUSED: this log had {seen.size} events when it was signed here last, and now shows {head.size}. "
                "Either the request is an old one, or the log was rolled back. Ask why, and keep this request."
            )
        else:
            public = (
                f"This request starts from {request.old} events, but {seen.size} were signed here last; "
                f"ask for one that starts from there (--old {seen.size})."
            )
        raise Refusal(HTTPStatus.CONFLICT, public, seen.size)
    if head.size == seen.size and head.root != seen.root:
        public = (
            f"REFUSED: another log of {head.size} events was signed here before. Two histories were signed with the "
            "log's key. Keep this request and the memory file: together they prove it."
        )
        raise Refusal(HTTPStatus.CONFLICT, public, seen.size)
    try:
        check_consistency(seen.size, seen.root, head.size, head.root, request.proof)
    except ProofFails:
        public = (
            f"REFUSED: the proof does not show that the log still begins with the {seen.size} events that were signed "
            "here before. Its history was rewritten, or the request is damaged. Ask why, and keep this request."
        )
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, public) from None


_NOTHING = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """The witness's file: by origin the checkpoint that it signed last, with the log's signature as evidence."""

    path: Path

    @contextmanager
    def held(self) -> Iterator[Mapping[str, str]]:
        """What is remembered, with everybody else kept out meanwhile. Raises ``ConfigurationError``."""
        try:
            with self.path.with_name(self.path.name + ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield self._read()
        except OSError as error:
            public = f"The witness's file {self.path} cannot be read or written; nothing was signed."
            raise ConfigurationError("witness memory", public=public) from error

    def _read(self) -> Mapping[str, str]:
        """A file that is damaged must not read as «nothing signed yet»."""
        if not self.path.exists():
            return {}
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            for note in found.values():
                Checkpoint.of(Note.of(note).text)
        except (ValueError, AttributeError, TypeError, BadNote):
            public = f"The witness's file {self.path} is damaged; put back its last good copy. Nothing was signed."
            raise ConfigurationError("witness memory", public=public) from None
        return dict(found)

    def keep(self, seen: Mapping[str, str]) -> None:
        """Durable on return."""
        aside = self.path.with_name(self.path.name + ".new")
        with aside.open("w", encoding="utf-8") as out:
            json.dump(dict(seen), out, indent=1)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
