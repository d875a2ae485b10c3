"""OpenPGP programs as makers and readers of keys: GnuPG, Sequoia's sq, RNP (Thunderbird's library), and our own engine.

Each is run as its user would run it. ``open`` answers with what was inside and whether the signature was found good;
what the program cannot read raises ``CannotOpen``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pysequoia import Cert, CipherSuite, Profile, Tsk, decrypt

ADDRESS = "carer@carers.example"
_MINUTE = 60


class CannotOpen(Exception):
    """The program did not show the content."""


@dataclass(frozen=True)
class Made:
    """A key as its maker gives it: what sort, the secret half and the certificate."""

    sort: str
    maker: str
    secret: bytes
    certificate: bytes


@dataclass(frozen=True)
class Opened:
    """The content, and whether the program called the service's signature good."""

    content: bytes
    signed: bool


class Peer(Protocol):
    """A program with a keyring of its own, in which the service's certificate lies."""

    name: str

    def version(self) -> str: ...

    def make(self) -> Iterator[Made]: ...

    def open(self, key: Made, armour: bytes) -> Opened: ...


def _run(*command: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([str(c) for c in command], input=stdin, capture_output=True, check=False, timeout=_MINUTE)


def _must(*command: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    done = _run(*command, stdin=stdin)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done


@dataclass
class Gnupg:
    """GnuPG 2.2, as Debian and Gpg4win users have it."""

    home: Path
    name: str = "gpg"

    @classmethod
    @contextmanager
    def started(cls, service: bytes) -> Iterator[Gnupg]:
        home = Path(tempfile.mkdtemp(prefix="gpg"))  # short: the agent's socket lies in it
        home.chmod(0o700)
        try:
            peer = cls(home)
            assert peer._gpg("--import", stdin=service).returncode == 0
            yield peer
        finally:
            _run("gpgconf", "--homedir", home, "--kill", "all")
            shutil.rmtree(home, ignore_errors=True)

    def _gpg(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return _run(
            "gpg", "--homedir", self.home, "--batch", "--passphrase", "", "--status-fd", "2", *arguments, stdin=stdin
        )

    def version(self) -> str:
        return _run("gpg", "--version").stdout.split(b"\n")[0].decode().rpartition(" ")[2]

    def make(self) -> Iterator[Made]:
        sorts = {
            "RSA-3072": ("rsa3072", "rsa3072"),
            "P-256": ("nistp256", "nistp256"),
            "P-384": ("nistp384", "nistp384"),
            "Ed25519, X25519": ("ed25519", "cv25519"),
        }
        for sort, (primary, subkey) in sorts.items():
            done = self._gpg("--yes", "--quick-gen-key", f"{sort} <{ADDRESS}>", primary, "sign", "1y")
            made = re.search(rb"KEY_CREATED P ([0-9A-F]{40})", done.stderr)
            assert made, done.stderr
            mark = made[1].decode()
            assert self._gpg("--quick-add-key", mark, subkey, "encr", "1y").returncode == 0
            secret = self._gpg("--export-secret-keys", mark).stdout
            yield Made(sort, self.name, secret, self._gpg("--export", mark).stdout)

    def open(self, key: Made, armour: bytes) -> Opened:
        self._gpg("--import", stdin=key.secret)
        done = self._gpg("--decrypt", stdin=armour)
        if done.returncode or b"DECRYPTION_OKAY" not in done.stderr:
            raise CannotOpen(done.stderr)
        return Opened(done.stdout, b"GOODSIG" in done.stderr)


@dataclass
class Sequoia:
    """``sq``, Sequoia's own program."""

    folder: Path
    service: bytes
    name: str = "sq"

    def version(self) -> str:
        return _run("sq", "--version").stdout.split()[1].decode()

    def make(self) -> Iterator[Made]:
        for sort, suite in {"RSA-3072": "rsa3k", "Ed25519, X25519": "cv25519"}.items():
            made = self.folder / f"{suite}.made"
            made.unlink(missing_ok=True)
            _must("sq", "key", "generate", "--userid", f"<{ADDRESS}>", "--cipher-suite", suite, "--export", made)
            yield Made(sort, self.name, made.read_bytes(), _must("sq", "key", "extract-cert", made).stdout)

    def open(self, key: Made, armour: bytes) -> Opened:
        secret, signer = self.folder / "secret", self.folder / "signer"
        secret.write_bytes(key.secret)
        signer.write_bytes(self.service)
        done = _run("sq", "decrypt", "--recipient-key", secret, "--signer-cert", signer, stdin=armour)
        if done.returncode:
            raise CannotOpen(done.stderr)
        return Opened(done.stdout, b"1 good signature" in done.stderr)


@dataclass
class Rnp:
    """RNP, the library of Thunderbird, by its own programs. A keyring for each key: its ``-r`` names are not needed."""

    folder: Path
    service: bytes
    name: str = "rnp"

    def version(self) -> str:
        return _run("rnp", "--version").stdout.split()[1].decode()

    def make(self) -> Iterator[Made]:
        sorts = {"RSA-3072": "1\n3072\n", "P-256": "19\n1\n", "P-384": "19\n2\n", "Ed25519, X25519": "22\n"}
        for sort, answers in sorts.items():
            with self._home() as home:
                keys = ("rnpkeys", "--homedir", home, "--notty")
                _must(*keys, "-g", "--expert", "--userid", f"<{ADDRESS}>", "--password", "", stdin=answers.encode())
                secret = _must(*keys, "--export-key", "--secret", ADDRESS).stdout
                yield Made(sort, self.name, secret, _must(*keys, "--export-key", ADDRESS).stdout)

    def open(self, key: Made, armour: bytes) -> Opened:
        with self._home() as home:
            for n, data in enumerate((key.secret, self.service)):
                (home / f"in{n}").write_bytes(data)
                _run("rnpkeys", "--homedir", home, "--import-keys", home / f"in{n}")
            (home / "mail").write_bytes(armour)
            mail = ("--decrypt", home / "mail", "--output", home / "out")
            done = _run("rnp", "--homedir", home, "--notty", "--password", "", *mail)
            if done.returncode or not (home / "out").exists():
                raise CannotOpen(done.stderr)
            return Opened((home / "out").read_bytes(), b"Good signature" in done.stderr + done.stdout)

    @contextmanager
    def _home(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.folder) as made:
            yield Path(made)


@dataclass
class Engine:
    """Sequoia's library in Python: the newest of the four. What it makes says that it reads SEIPDv2."""

    service: bytes
    name: str = "pysequoia"

    def version(self) -> str:
        from importlib.metadata import version

        return version("pysequoia")

    def make(self) -> Iterator[Made]:
        sorts = {
            "RSA-3072, says SEIPDv2": (Profile.RFC4880, CipherSuite.RSA3k),
            "P-256, says SEIPDv2": (Profile.RFC4880, CipherSuite.P256),
            "P-384, says SEIPDv2": (Profile.RFC4880, CipherSuite.P384),
            "Ed25519, X25519, says SEIPDv2": (Profile.RFC4880, CipherSuite.Cv25519),
            "version 6, Ed25519, X25519": (Profile.RFC9580, CipherSuite.Cv25519),
            "version 6, RSA-3072": (Profile.RFC9580, CipherSuite.RSA3k),
            "version 6, P-384": (Profile.RFC9580, CipherSuite.P384),
        }
        for sort, (profile, suite) in sorts.items():
            key = Tsk.generate(f"<{ADDRESS}>", profile=profile, cipher_suite=suite)
            yield Made(sort, self.name, str(key).encode(), bytes(key.extract_certificate()))

    def open(self, key: Made, armour: bytes) -> Opened:
        service = Cert.from_bytes(self.service)
        try:
            opened = decrypt(armour, decryptor=Tsk.from_bytes(key.secret).decryptor(), store=lambda _: [service])
        except Exception as error:
            raise CannotOpen(str(error)) from error
        return Opened(bytes(opened.bytes), len(opened.valid_sigs) == 1)


warnings.filterwarnings("ignore", module="pgpy")
