"""S/MIME programs as readers: ``openssl cms``, and the ``cryptography`` library, which decrypts for RSA alone."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs7

from gateway.clock import SystemClock
from gateway.protect import generate
from tests.interop.openpgp import ADDRESS, CannotOpen, Made, Opened

_SORTS = ("RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384", "P-521")
_CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}


def certificates() -> Iterator[Made]:
    """An RSA or elliptic certificate of each size, by an authority of one's own."""
    now = SystemClock().now() - timedelta(hours=1)
    authority = generate.make_smime_authority("Council authority", now, timedelta(days=365))
    for sort in _SORTS:
        bits = int(sort.partition("-")[2])
        key: generate.PrivateKey
        key = ec.generate_private_key(_CURVES[sort]) if sort in _CURVES else rsa.generate_private_key(65537, bits)
        secret, cert = generate.make_smime_identity("Carer", ADDRESS, now, timedelta(days=90), authority, key=key)
        yield Made(sort, "cryptography", secret, cert)


class Reader(Protocol):
    """Opens the envelope; where it can, verifies the signature inside by the service's authority."""

    name: str

    def version(self) -> str: ...

    def open(self, key: Made, mail: bytes) -> Opened: ...


@dataclass
class OpenSsl:
    """``openssl cms``, which most servers and many scripts use."""

    authority: bytes
    name: str = "openssl"

    def version(self) -> str:
        done = subprocess.run(["openssl", "version"], capture_output=True, check=True)
        return done.stdout.split()[1].decode()

    def open(self, key: Made, mail: bytes) -> Opened:
        with tempfile.TemporaryDirectory() as made:
            for name, data in (("in", mail), ("key", key.secret), ("cert", key.certificate), ("ca", self.authority)):
                (Path(made) / name).write_bytes(data)
            decrypt = "-decrypt -in in -recip cert -inkey key -out signed"
            verify = "-verify -in signed -CAfile ca -out payload"
            for step in (decrypt, verify):
                done = subprocess.run(
                    ["openssl", "cms", *step.split()], cwd=made, capture_output=True, check=False, timeout=60
                )
                if done.returncode and step is decrypt:
                    raise CannotOpen(done.stderr)
            return Opened((Path(made) / "payload").read_bytes(), done.returncode == 0)


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
