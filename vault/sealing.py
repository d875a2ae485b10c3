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
from typing import Any

import pyrage
from django.db import IntegrityError, transaction

from domain.errors import VaultUnavailable
from vault import audit, sql
from vault.escrow import Escrow
from vault.masters import Masters, checked_recipients
from vault.models import SealingKey
from vault.objects.port import ObjectStore
from vault.prompts import NOBODY, Prompts
from vault.rows import reading

RENEWED = "key renewed"
_USABLE = "SELECT person, public FROM vault_sealingkey WHERE retired_at IS NULL AND destroyed_at IS NULL"
_MAGIC = b"age-encryption.org/v1\n"


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
    try:
        keys = [pyrage.x25519.Recipient.from_str(r) for r in sorted(recipients)]
    except pyrage.RecipientError as error:
        raise VaultUnavailable("sealing", error=type(error).__name__) from error
    return seal_to(data, keys)


def seal_to(data: bytes, keys: Sequence[Any]) -> Sealed:
    """The same to recipients as ``pyrage`` takes them, at least one. Raises ``VaultUnavailable``."""
    source, sink = _Source(data), _Sink()
    try:
        pyrage.encrypt_io(source, sink, keys)
    except pyrage.EncryptError as error:
        raise VaultUnavailable("sealing", error=type(error).__name__) from error
    content = sink.content()
    if source.left or not content.startswith(_MAGIC):
        raise VaultUnavailable("sealing stopped early")
    return Sealed(content, sink.digest.hexdigest(), len(data), hashlib.sha256(data).hexdigest())


def new_person_key(masters: Masters) -> PersonKey:
    """A key pair whose secret half only the masters can get at. In the form that ``age -i`` reads once opened."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    return PersonKey(public, seal_to(secret_text(public, str(identity)), masters.keys()).content)


def secret_text(public: str, secret: str) -> bytes:
    """An identity file, as ``age-keygen`` writes it."""
    return f"# public key: {public}\n{secret}\n".encode()


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
            return _usable(people)


class SealingKeys:
    """Makes people's keys, where the register is kept. ``escrow`` keeps sealed secrets a second time.

    Raises ``ConfigurationError`` below two masters, and where a plug-in is missing; ``prompts`` is what plug-ins ask.
    """

    def __init__(self, masters: Sequence[str], escrow: ObjectStore, prompts: Prompts = NOBODY) -> None:
        self._masters = Masters(masters, prompts)
        self._masters.keys()
        self._escrow = Escrow(escrow)

    def public_halves(self, people: Collection[str], now: datetime) -> Mapping[str, str]:
        """Each person's newest public half; made now for whom there is none. Raises ``VaultUnavailable``."""
        if not people:
            return {}
        with reading(VaultUnavailable):
            known = self._known(people)
            for person in sorted(set(people) - known.keys()):
                known[person] = self._make(person, now)
        return known

    def renew(self, person: str, now: datetime, *, actor: str, why: str) -> int:
        """A new key pair for what is filed from now on; the old secrets stay. The new generation's number.

        Raises ``VaultUnavailable``, also when somebody else makes a key for this person at the same moment.
        """
        with reading(VaultUnavailable):
            newest = _newest(person)
            made = self._new(person, newest.generation + 1 if newest else 1, now)
            details = {"person": person, "generation": made.generation}
            try:
                with transaction.atomic():
                    made.save(force_insert=True)
                    audit.append([audit.Event(now, actor, RENEWED, why=why, details=details)])
            except IntegrityError as error:
                self._escrow.forget(made.escrow_key, made.escrow_version)
                raise VaultUnavailable("another key was made just now", person=person) from error
        return made.generation

    def _known(self, people: Collection[str]) -> dict[str, str]:
        return _usable(people)

    def _make(self, person: str, now: datetime) -> str:
        """The new public half; or another process's, if that was quicker: before we looked, or since."""
        newest = _newest(person)
        if newest and newest.retired_at is None and newest.destroyed_at is None:
            return newest.public
        made = self._new(person, newest.generation + 1 if newest else 1, now)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:
            self._escrow.forget(made.escrow_key, made.escrow_version)
            return self._known([person])[person]
        return made.public

    def _new(self, person: str, generation: int, now: datetime) -> SealingKey:
        """The row, not yet written.

        Escrow comes first: a key that only the database has would make its documents as mortal as the database.
        """
        made = new_person_key(self._masters)
        row = SealingKey(
            person=person,
            generation=generation,
            public=made.public,
            sealed_secret=made.sealed_secret,
            sealed_to=self._masters.tag,
            created_at=now,
        )
        row.escrow_version = self._escrow.put(row).version
        return row


def _newest(person: str) -> SealingKey | None:
    return SealingKey.objects.filter(person=person).order_by("-generation").first()


def _usable(people: Collection[str]) -> dict[str, str]:
    """The newest public half of each that may be sealed to: one that is retired is about to be destroyed."""
    these = sorted(set(people))
    return dict(sql.select(f"{_USABLE} AND person IN {sql.places(these)} ORDER BY generation", these))


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
