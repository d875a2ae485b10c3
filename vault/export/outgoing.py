"""Out, to the receiver's key: the bag as one tar archive, sealed while it is written, so that no clear archive is made.

age (``.tar.age``) for keys and for a passphrase, OpenPGP (``.tar.pgp``) for who has only that. What each is good for
is in ``docs/exports.md``.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import tarfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import pyrage
import pysequoia

from domain.errors import TryAgain, UnusableKey
from vault.export.cases import CaseError

_IN_MEMORY = 512 << 20
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 6, 5
_CHUNK = 1 << 20


class NotSealed(TryAgain):
    """The bundle could not be sealed; nothing of it was left behind."""

    public = "The bundle could not be sealed to the receiver; nothing was handed over."


@dataclass(frozen=True, slots=True)
class Sealed:
    """The file that goes out. ``sha256`` is of it, hexadecimal."""

    path: Path
    size: int
    sha256: str


class Receiver(Protocol):
    """Whom a bundle is sealed to. ``name`` says so in the trail; ``suffix`` ends the file's name."""

    @property
    def name(self) -> str:
        """The keys, never a secret."""
        ...

    @property
    def suffix(self) -> str:
        """Such as ``.tar.age``."""
        ...

    def seal(self, clear: BinaryIO, out: BinaryIO) -> None:
        """All of ``clear`` into ``out``."""
        ...


class ToAgeKeys:
    """age recipients (``age1...`` or SSH public keys). Streams: the size does not matter."""

    suffix = ".tar.age"

    def __init__(self, recipients: Sequence[str]) -> None:
        self.name = f"age: {', '.join(recipients)}"
        self._recipients = [_recipient(r) for r in recipients]
        if not self._recipients:
            raise CaseError("Name at least one age recipient.")

    def seal(self, clear: BinaryIO, out: BinaryIO) -> None:
        """See the protocol."""
        pyrage.encrypt_io(clear, out, self._recipients)


class ToPassphrase:
    """A passphrase that was made here and is told by another way. In memory, so at most half a gigabyte."""

    suffix = ".tar.age"
    name = "age: passphrase"

    def __init__(self, passphrase: str) -> None:
        self._passphrase = passphrase

    def seal(self, clear: BinaryIO, out: BinaryIO) -> None:
        """See the protocol."""
        out.write(pyrage.passphrase.encrypt(_all(clear), self._passphrase))


class ToOpenPGP:
    """An OpenPGP certificate that has passed the gate which every use passes (the caller sees to that)."""

    suffix = ".tar.pgp"

    def __init__(self, certificate: bytes) -> None:
        self._certificate = pysequoia.Cert.from_bytes(certificate)
        self.name = f"OpenPGP: {self._certificate.fingerprint.upper()}"

    def seal(self, clear: BinaryIO, out: BinaryIO) -> None:
        """See the protocol."""
        out.write(pysequoia.encrypt(_all(clear), recipients=[self._certificate], armor=False))


def new_passphrase() -> str:
    """Six groups of five: 148 bits, without letters that are mistaken for others when they are read out."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def seal(folder: Path, receiver: Receiver, out: Path) -> Sealed:
    """Everything below ``folder`` as one sealed archive at ``out``: a whole file or none.

    Raises :class:`NotSealed`, or ``CaseError`` for a file that is there already.
    """
    if out.exists():
        raise CaseError(f"The file {out} is there already; name another.")
    draft = out.with_name(out.name + ".part")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w+b") as file:
            _stream(folder, lambda clear: receiver.seal(clear, file))
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        draft.replace(out)
    except CaseError:
        draft.unlink(missing_ok=True)
        raise
    except (OSError, ValueError, RuntimeError, tarfile.TarError, pyrage.EncryptError) as error:
        draft.unlink(missing_ok=True)
        raise NotSealed("sealing", error=type(error).__name__) from error
    return Sealed(out, size, digest)


def _stream(folder: Path, take: Callable[[BinaryIO], None]) -> None:
    """Pack in a thread, seal in this one, with a pipe between them."""
    read_end, write_end = os.pipe()
    failed: list[BaseException] = []

    def pack() -> None:
        try:
            with (
                os.fdopen(write_end, "wb") as pipe,
                tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                tar.add(folder, arcname=folder.name, filter=_nobodys)
        except BaseException as error:  # noqa: BLE001 - it is raised again where somebody can take it
            failed.append(error)

    packer = threading.Thread(target=pack, name="packing")
    packer.start()
    try:
        with os.fdopen(read_end, "rb") as clear:
            take(clear)
    finally:
        packer.join()
    if failed:
        raise OSError("packing") from failed[0]


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the name of who packed it; readable by who unpacks it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o700 if entry.isdir() else 0o600
    return entry


def _all(clear: BinaryIO) -> bytes:
    content = io.BytesIO()
    while piece := clear.read(_CHUNK):
        content.write(piece)
        if content.tell() > _IN_MEMORY:
            raise CaseError("The bundle is too large for this way of sealing; use an age key.")
    return content.getvalue()


def _recipient(text: str) -> object:
    try:
        if text.startswith("ssh-"):
            return pyrage.ssh.Recipient.from_str(text)
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        public = f"'{text[:20]}...' is no age recipient; it begins with age1 (or is an SSH public key)."
        raise UnusableKey("age recipient", public=public) from error
