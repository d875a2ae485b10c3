"""Signed notes: a text, and one line for each key that signed it (c2sp.org/signed-note, c2sp.org/tlog-cosignature).

Two kinds of Ed25519 signature (RFC 8032): a log's own over the text (0x01), and a witness's, which signs the time
with it (0x04, ``cosignature/v1``). Keys are written as one line each, as Go's and Sigstore's tools write them:
``name+0123abcd+base64`` is public, ``PRIVATE+KEY+name+0123abcd+base64`` is not.

Trust: notes come from anywhere. What no known key has signed is ignored; a known key's signature that does not verify
makes the whole note worthless (:class:`BadNote`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import IntEnum
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.errors import ConfigurationError, SealBroken

_DASH = "\N{EM DASH}"
_PRIVATE = "PRIVATE+KEY+"
_ID_LENGTH, _TIME_LENGTH, _KEY_LENGTH = 4, 8, 32
_LONGEST, _MOST_SIGNATURES = 64 * 1024, 64
_FIRST_PRINTABLE = 0x20


class Kind(IntEnum):
    """The signature type's identifier byte."""

    LOG = 1
    WITNESS = 4


class BadNote(SealBroken):
    """Not a signed note, or a signature on it is false."""

    public = "This is not a checkpoint that was signed as it should be."


class NotAKey(ConfigurationError):
    """A key that cannot be read."""

    public = "This is not a key of the audit log or of a witness; one is a line as name+0123abcd+base64."


@dataclass(frozen=True, slots=True)
class Signature:
    """One line: who, and what they signed with, not yet verified."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{_DASH} {self.name} {_base64(self.key_id + self.value)}"

    @classmethod
    def of(cls, line: str) -> Self:
        """A line's. Raises :class:`BadNote`."""
        words = line.split(" ")
        if len(words) != 3 or words[0] != _DASH or not _is_name(words[1]):  # noqa: PLR2004 - dash, name, signature
            raise BadNote("not a signature line")
        data = _decoded(words[2])
        if data is None or len(data) <= _ID_LENGTH:
            raise BadNote("not a signature line")
        return cls(words[1], data[:_ID_LENGTH], data[_ID_LENGTH:])


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name. ``str`` is its one line."""

    name: str
    kind: Kind
    public: bytes

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.kind]) + self.public)}"

    @property
    def key_id(self) -> bytes:
        """The first four bytes of a hash over name, kind and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:_ID_LENGTH]

    @classmethod
    def of(cls, line: str) -> Self:
        """Raises :class:`NotAKey`, also for kinds that we do not verify and where name, number and key disagree."""
        name, kind, key = _parsed(line)
        try:
            Ed25519PublicKey.from_public_bytes(key)
            found = cls(name, kind, key)
        except ValueError:
            raise NotAKey("not an Ed25519 key") from None
        if str(found) != line.strip():
            raise NotAKey("the key's number is another key's")
        return found


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name."""

    name: str
    kind: Kind
    seed: bytes = field(repr=False)

    @classmethod
    def new(cls, name: str, kind: Kind) -> Self:
        """A new key. Raises :class:`NotAKey` for a name with a space or a plus sign."""
        if not _is_name(name):
            raise NotAKey("name", public=f"'{name}' cannot name a key: it must have no spaces and no plus sign.")
        return cls(name, kind, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def of(cls, line: str) -> Self:
        """Raises :class:`NotAKey`."""
        if not line.startswith(_PRIVATE):
            raise NotAKey("not a private key")
        found = cls(*_parsed(line.removeprefix(_PRIVATE)))
        if found.line() != line.strip():
            raise NotAKey("the key's number is another key's")
        return found

    def line(self) -> str:
        """The private key as its file holds it."""
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{_base64(bytes([self.kind]) + self.seed)}"

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.kind, self._key.public_key().public_bytes_raw())

    def sign(self, text: str, now: datetime) -> Signature:
        """The line below ``text``. Only a witness's says when."""
        seconds = int(now.timestamp())
        stamp = seconds.to_bytes(_TIME_LENGTH) if self.kind is Kind.WITNESS else b""
        return Signature(self.name, self.verifier.key_id, stamp + self._key.sign(_message(text, self.kind, stamp)))

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a newline, and signatures. ``str`` is the whole."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{s}\n" for s in self.signatures)

    @classmethod
    def of(cls, whole: str | bytes) -> Self:
        """Raises :class:`BadNote`; nothing is verified by it."""
        if isinstance(whole, bytes):
            try:
                whole = whole.decode()
            except UnicodeDecodeError:
                raise BadNote("not UTF-8") from None
        if len(whole) > _LONGEST or any(ord(c) < _FIRST_PRINTABLE and c != "\n" for c in whole):
            raise BadNote("not a note")
        text, gap, lines = whole.rpartition("\n\n")
        if not gap or not lines.endswith("\n") or lines.count("\n") > _MOST_SIGNATURES:
            raise BadNote("no signatures")
        return cls(text + "\n", tuple(Signature.of(line) for line in lines[:-1].split("\n")))

    def signed_by(self, key: Verifier) -> datetime | None:
        """When this key signed (the beginning of time where the kind does not say); None if it has not.

        Raises :class:`BadNote` where a signature says that it is this key's, and is not.
        """
        found = [s for s in self.signatures if s.name == key.name and s.key_id == key.key_id]
        return max((_verified(self.text, s, key) for s in found), default=None)

    def with_signatures(self, more: tuple[Signature, ...]) -> Self:
        """The same, signed by more; what is there already is not added twice."""
        return replace(self, signatures=tuple(dict.fromkeys(self.signatures + more)))


def _verified(text: str, signature: Signature, key: Verifier) -> datetime:
    stamp = signature.value[:_TIME_LENGTH] if key.kind is Kind.WITNESS else b""
    try:
        message = _message(text, key.kind, stamp)
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature.value[len(stamp) :], message)
        return datetime.fromtimestamp(int.from_bytes(stamp), UTC)
    except (InvalidSignature, ValueError, OverflowError, OSError):
        raise BadNote("a false signature", key=key.name) from None


def _message(text: str, kind: Kind, stamp: bytes) -> bytes:
    """What is signed."""
    head = f"cosignature/v1\ntime {int.from_bytes(stamp)}\n" if kind is Kind.WITNESS else ""
    return (head + text).encode()


def _parsed(line: str) -> tuple[str, Kind, bytes]:
    """Name, kind and key bytes. The base64 may hold plus signs of its own."""
    name, *rest = line.strip().split("+", 2)
    data = _decoded(rest[1]) if len(rest) == 2 else None  # noqa: PLR2004 - number and key
    if not data or not _is_name(name) or len(data) != 1 + _KEY_LENGTH or data[0] not in set(Kind):
        raise NotAKey("not a key line")
    return name, Kind(data[0]), data[1:]


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
