"""S/MIME: certificates of every sort, and the programs and libraries that open what is for them.

``openssl cms``; ``gpgsm`` of GnuPG; NSS, Thunderbird's library, by its ``cmsutil``; Python's ``cryptography``; and for
X25519, which none of these opens, a reader by the letter of RFC 8418 (``tests/interop/x25519_reader.py``).
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import PrivateFormat, load_pem_private_key, pkcs7, pkcs12
from cryptography.x509.oid import ObjectIdentifier

from gateway.clock import SystemClock
from gateway.protect import generate
from tests.interop import x25519_reader
from tests.interop.openpgp import ADDRESS, CannotOpen, Made, Opened

GCM, OAEP, PSS = "2.16.840.1.101.3.4.1.46", "1.2.840.113549.1.1.7", "1.2.840.113549.1.1.10"
_SORTS: dict[str, tuple[str, ...]] = {
    "RSA-2048": (),
    "RSA-3072": (),
    "RSA-4096": (),
    "P-256": (),
    "P-384": (),
    "P-521": (),
    "X25519": (),
    "RSA-3072, says OAEP": (OAEP,),
    "RSA-3072, says PSS": (PSS,),
    "RSA-3072, says GCM": (GCM,),
    "RSA-3072, says GCM, OAEP, PSS": (GCM, OAEP, PSS),
    "P-256, says GCM": (GCM,),
    "P-384, says GCM": (GCM,),
    "X25519, says GCM": (GCM,),
}
_CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
_PASSWORD = "interop"
_SAMPLES = Path(__file__).parent.parent / "specimens" / "rfc9216"


def says(*capabilities: str) -> x509.UnrecognizedExtension:
    """SMIMECapabilities in a certificate (RFC 4262): a list of names, each without parameters."""
    names = [core.ObjectIdentifier(c).dump() for c in capabilities]
    entries = b"".join(bytes([0x30, len(n)]) + n for n in names)
    return x509.UnrecognizedExtension(ObjectIdentifier("1.2.840.113549.1.9.15"), bytes([0x30, len(entries)]) + entries)


def certificates() -> Iterator[Made]:
    """Of each sort, by an authority of one's own; then those of RFC 9216 that are for encryption."""
    now = SystemClock().now() - timedelta(hours=1)
    authority = generate.make_smime_authority("Council authority", now, timedelta(days=365))
    for sort, capabilities in _SORTS.items():
        more = [says(*capabilities)] if capabilities else []
        secret, cert = generate.make_smime_identity(
            "Carer", ADDRESS, now, timedelta(days=90), authority, key=_key(sort), more=more
        )
        yield Made(sort, "cryptography", secret, cert)
    for name, sort in (("alice", "RSA-2048"), ("bob", "RSA-2048"), ("carlos", "X25519"), ("dana", "X25519")):
        secret, cert = ((_SAMPLES / f"{name}-encrypt.{kind}").read_bytes() for kind in ("key", "crt"))
        yield Made(f"{sort}, {name.capitalize()}", "RFC 9216", secret, cert)


def _key(sort: str) -> generate.AnyKey:
    kind = sort.partition(",")[0]
    if kind == "X25519":
        return x25519.X25519PrivateKey.generate()
    if kind in _CURVES:
        return ec.generate_private_key(_CURVES[kind])
    return rsa.generate_private_key(65537, int(kind.partition("-")[2]))


class Reader(Protocol):
    """Opens the envelope; where it can, verifies the signature inside by the service's authority."""

    name: str

    def version(self) -> str: ...

    def open(self, key: Made, mail: bytes) -> Opened: ...


def _run(folder: Path, command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command.split(), input=stdin, cwd=folder, capture_output=True, check=False, timeout=60)


def _debian(package: str) -> str:
    done = _run(Path(), f"dpkg-query -W -f=${{Version}} {package}")
    return done.stdout.decode().partition(":")[2].partition("-")[0] or done.stdout.decode().partition("-")[0]


def envelope(mail: bytes) -> bytes:
    """The DER of a mail's envelope, as a mail program takes it out."""
    return base64.b64decode(mail.partition(b"\r\n\r\n")[2])


def split_signed(entity: bytes) -> tuple[bytes, bytes]:
    """A multipart/signed cut as RFC 1847 has it: what was signed, to the octet, and the signature's DER."""
    header, _, body = entity.partition(b"\r\n\r\n")
    boundary = b"--" + header.partition(b'boundary="')[2].partition(b'"')[0]
    _, signed, signature, _ = (b"\r\n" + body).split(b"\r\n" + boundary)
    return signed.removeprefix(b"\r\n"), base64.b64decode(signature.partition(b"\r\n\r\n")[2])


def _verified(folder: Path, authority: bytes) -> Opened:
    """What ``openssl`` makes of the file ``signed`` there."""
    (folder / "ca").write_bytes(authority)
    done = _run(folder, "openssl cms -verify -in signed -CAfile ca -out payload")
    return Opened((folder / "payload").read_bytes(), done.returncode == 0)


@dataclass
class OpenSsl:
    """``openssl cms``, which most servers and many scripts use."""

    authority: bytes
    name: str = "openssl"

    def version(self) -> str:
        return _run(Path(), "openssl version").stdout.split()[1].decode()

    def open(self, key: Made, mail: bytes) -> Opened:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            for name, data in (("in", mail), ("key", key.secret), ("cert", key.certificate)):
                (folder / name).write_bytes(data)
            decrypt = "openssl cms -decrypt -in in -recip cert -inkey key -out signed"
            if (done := _run(folder, decrypt)).returncode:
                raise CannotOpen(done.stderr)
            return _verified(folder, self.authority)


@dataclass
class Library:
    """Python's ``cryptography``: decrypts, does not verify."""

    name: str = "cryptography"

    def version(self) -> str:
        from importlib.metadata import version

        return version("cryptography")

    def open(self, key: Made, mail: bytes) -> Opened:
        certificate = x509.load_pem_x509_certificate(key.certificate)
        private = load_pem_private_key(key.secret, None)
        try:
            opened = pkcs7.pkcs7_decrypt_smime(mail, certificate, private, [])  # type: ignore[arg-type]
        except Exception as error:
            raise CannotOpen(str(error)) from error
        return Opened(opened, signed=False)


@dataclass
class Gpgsm:
    """GnuPG's program for S/MIME, behind KMail and Kleopatra."""

    authority: bytes
    name: str = "gpgsm"

    def version(self) -> str:
        return _run(Path(), "gpgsm --version").stdout.split(b"\n")[0].split()[-1].decode()

    def open(self, key: Made, mail: bytes) -> Opened:
        with self._home() as home:
            self._bring_in(home, key)
            (home / "in").write_bytes(envelope(mail))
            done = self._gpgsm(home, "--decrypt in")
            if done.returncode:
                raise CannotOpen(done.stderr)
            payload, signature = split_signed(done.stdout)
            (home / "payload").write_bytes(payload)
            (home / "signature").write_bytes(signature)
            verified = self._gpgsm(home, "--verify signature payload")
            return Opened(payload, verified.returncode == 0 and b"Good signature" in verified.stderr)

    def _bring_in(self, home: Path, key: Made) -> None:
        """Gpgsm 2.2.40 cannot read one file in sixty, by the draw of its salt, which openssl reads: so five draws."""
        for _ in range(5):
            (home / "p12").write_bytes(_bundle(key))
            if not (done := self._gpgsm(home, "--import p12")).returncode:
                return
        raise CannotOpen(done.stderr)

    @contextmanager
    def _home(self) -> Iterator[Path]:
        home = Path(tempfile.mkdtemp(prefix="gsm"))  # short: the agent's socket lies in it
        home.chmod(0o700)
        root = x509.load_pem_x509_certificate(self.authority)
        (home / "trustlist.txt").write_text(f"{root.fingerprint(hashes.SHA1()).hex().upper()} S relax\n")
        (home / "gpg-agent.conf").write_text("allow-loopback-pinentry\n")
        (home / "authority").write_bytes(self.authority)
        try:
            done = self._gpgsm(home, "--import authority")
            assert done.returncode == 0, done.stderr
            yield home
        finally:
            _run(home, f"gpgconf --homedir {home} --kill all")
            shutil.rmtree(home, ignore_errors=True)

    def _gpgsm(self, home: Path, command: str) -> subprocess.CompletedProcess[bytes]:
        quiet = "--batch --pinentry-mode loopback --passphrase-fd 0 --disable-crl-checks --disable-dirmngr"
        return _run(home, f"gpgsm --homedir {home} {quiet} {command}", stdin=_PASSWORD.encode() + b"\n")


@dataclass
class Nss:
    """NSS, which opens S/MIME in Thunderbird, by its own programs."""

    authority: bytes
    name: str = "NSS"

    def version(self) -> str:
        return _debian("libnss3-tools")

    def open(self, key: Made, mail: bytes) -> Opened:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            self._fill(folder, key)
            (folder / "in").write_bytes(envelope(mail))
            done = _run(folder, "cmsutil -D -d sql:. -i in")
            if done.returncode:
                raise CannotOpen(done.stderr)
            payload, signature = split_signed(done.stdout)
            (folder / "payload").write_bytes(payload)
            (folder / "signature").write_bytes(signature)
            verified = _run(folder, "cmsutil -D -d sql:. -c payload -i signature")
            return Opened(payload, verified.returncode == 0)

    def _fill(self, folder: Path, key: Made) -> None:
        (folder / "ca").write_bytes(self.authority)
        (folder / "p12").write_bytes(_bundle(key))
        for command in (
            "certutil -N -d sql:. --empty-password",
            "certutil -A -d sql:. -n authority -t C,C,C -i ca",
            f"pk12util -d sql:. -i p12 -W {_PASSWORD}",
        ):
            if (done := _run(folder, command)).returncode:
                raise CannotOpen(done.stderr)


def _bundle(key: Made) -> bytes:
    """Key and certificate as a PKCS #12 file of the old sort, which every program takes. Raises ``CannotOpen``."""
    private, certificate = load_pem_private_key(key.secret, None), x509.load_pem_x509_certificate(key.certificate)
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise CannotOpen("no file of this sort holds such a key")
    old = pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC
    sealed = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2048).key_cert_algorithm(old)
    fill = sealed.hmac_hash(hashes.SHA1()).build(_PASSWORD.encode())
    return pkcs12.serialize_key_and_certificates(b"carer", private, certificate, None, fill)


@dataclass
class ByTheLetter:
    """The reader of our own making for X25519; ``tests/unit/test_rfc9216.py`` holds it to a published message."""

    authority: bytes
    name: str = "by RFC 8418"

    def version(self) -> str:
        return ""

    def open(self, key: Made, mail: bytes) -> Opened:
        private = load_pem_private_key(key.secret, None)
        if not isinstance(private, x25519.X25519PrivateKey):
            raise CannotOpen("it reads X25519 alone")
        opened = x25519_reader.open_envelope(envelope(mail), private)
        with tempfile.TemporaryDirectory() as made:
            (Path(made) / "signed").write_bytes(opened)
            return _verified(Path(made), self.authority)
