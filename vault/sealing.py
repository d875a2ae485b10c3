"""Sealing by age (age-encryption.org/v1) to public halves. Nothing in this module can open anything.

A person's key pair is made when they come into the register: the secret half is sealed to the
masters at once and dropped. The relay never has one in memory. Kept are the public half and the sealed secret, in a row
and, for recovery without the database, as an unlocked object, so that both can be destroyed.

Failure: a recipient that is none raises ``ConfigurationError`` at start-up, never plaintext later.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyrage
from django.db import IntegrityError, transaction
from django.db.models import Max

from domain.errors import ConfigurationError, VaultUnavailable
from vault.models import SealingKey
from vault.objects.port import ObjectStore
from vault.rows import reading

_MAGIC = b"age-encryption.org/v1\n"
_FEWEST_MASTERS = 2


@dataclass(frozen=True, slots=True)
class Sealed:
    """An age file, and the SHA-256 of it and of what is inside, hexadecimal."""

    content: bytes = field(repr=False)
    sha256: str
    plain_size: int
    plain_sha256: str


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A new key pair: the public half, and the secret half as an age file to the masters."""

    public: str
    sealed_secret: bytes = field(repr=False)


def seal(data: bytes, recipients: Collection[str]) -> Sealed:
    """``data`` as an age file that each of ``recipients`` (``age1...``) can open alone.

    Raises ``VaultUnavailable`` when it cannot be sealed; ``ValueError`` for no recipient.
    """
    if not recipients:
        raise ValueError("sealed to nobody")
    source, sink = _Source(data), _Sink()
    try:
        pyrage.encrypt_io(source, sink, [pyrage.x25519.Recipient.from_str(r) for r in sorted(recipients)])
    except (pyrage.EncryptError, pyrage.RecipientError) as error:
        raise VaultUnavailable("sealing", error=type(error).__name__) from error
    content = sink.content()
    if source.left or not content.startswith(_MAGIC):
        raise VaultUnavailable("sealing stopped early")
    return Sealed(content, sink.digest.hexdigest(), len(data), hashlib.sha256(data).hexdigest())


def new_person_key(masters: Sequence[str]) -> PersonKey:
    """A key pair whose secret half only the masters can get at. In the form that ``age -i`` reads once opened."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    secret = f"# public key: {public}\n{identity}\n".encode()
    return PersonKey(public, seal(secret, masters).content)


def checked_recipients(recipients: Sequence[str], what: str) -> tuple[str, ...]:
    """The same, each an age X25519 public key. Raises ``ConfigurationError`` naming ``what`` is wrong."""
    for recipient in recipients:
        try:
            pyrage.x25519.Recipient.from_str(recipient)
        except pyrage.RecipientError:
            message = f"The setting '{what}' holds something that is not an age public key (age1...)."
            raise ConfigurationError("not an age recipient", public=message) from None
    return tuple(recipients)


class PublicHalves:
    """What the relay has: public halves, and no way to make or open a secret (promise 4).

    ``service`` is for what concerns nobody known, or somebody who has no key yet.
    """

    def __init__(self, service: str) -> None:
        (self.service,) = checked_recipients([service], "vault.service_recipient")

    def of(self, people: Collection[str]) -> dict[str, str]:
        """The newest public half of each person who has one. Raises ``VaultUnavailable``."""
        if not people:
            return {}
        with reading(VaultUnavailable):
            rows = SealingKey.objects.filter(person__in=set(people), destroyed_at=None).order_by("generation")
            return dict(rows.values_list("person", "public"))


class SealingKeys:
    """Makes people's keys, where the register is kept. ``escrow`` keeps sealed secrets a second time."""

    def __init__(self, masters: Sequence[str], escrow: ObjectStore) -> None:
        if len(set(masters)) < _FEWEST_MASTERS:
            message = "The setting 'vault.masters' needs at least two different age public keys."
            raise ConfigurationError("too few masters", public=message)
        self._masters = checked_recipients(masters, "vault.masters")
        self._escrow = escrow

    def public_halves(self, people: Collection[str], now: datetime) -> Mapping[str, str]:
        """Each person's newest public half; made now for whom there is none. Raises ``VaultUnavailable``."""
        if not people:
            return {}
        with reading(VaultUnavailable):
            known = self._known(people)
            for person in sorted(set(people) - known.keys()):
                known[person] = self._make(person, now)
        return known

    def _known(self, people: Collection[str]) -> dict[str, str]:
        rows = SealingKey.objects.filter(person__in=set(people), destroyed_at=None).order_by("generation")
        return dict(rows.values_list("person", "public"))

    def _make(self, person: str, now: datetime) -> str:
        """The new public half; or another relay's, if that was quicker. Escrow comes first: a key that only the
        database has would make its documents as mortal as the database."""  # noqa: D205, D209
        newest = SealingKey.objects.filter(person=person).aggregate(newest=Max("generation"))["newest"]
        generation = (newest or 0) + 1
        made = new_person_key(self._masters)
        tag = hashlib.sha256(made.public.encode()).hexdigest()[:16]
        stored = self._escrow.put(
            f"keys/{person}/{generation}-{tag}.age",
            made.sealed_secret,
            tags={"class": "sealing-key", "subject": person},
            metadata={"format": "sallyport-v1", "public": made.public},
            locked_until=None,
        )
        row = SealingKey(
            person=person,
            generation=generation,
            public=made.public,
            sealed_secret=made.sealed_secret,
            escrow_key=stored.key,
            escrow_version=stored.version,
            created_at=now,
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            self._escrow.delete(stored.key, stored.version)
            return self._known([person])[person]
        return made.public


class _Source:
    """Feeds pyrage in pieces. In Python on purpose: each call lets other threads run, and nothing is copied whole."""

    def __init__(self, data: bytes) -> None:
        self.left = memoryview(data)

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes."""
        piece, self.left = (self.left[:size], self.left[size:]) if size >= 0 else (self.left, self.left[:0])
        return piece.tobytes()


class _Sink:
    """Takes what pyrage writes, and hashes it on the way."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self.digest = hashlib.sha256()

    def write(self, piece: bytes) -> int:
        """All of it."""
        self.digest.update(piece)
        return self._buffer.write(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def content(self) -> bytes:
        """Everything written; shares the buffer's memory."""
        return self._buffer.getvalue()
