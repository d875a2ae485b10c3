"""Measures the engines of protection side by side, in one run, on this machine: read the ratios.

    python -m benchmarks.protect_engines

Medians in milliseconds. The gate, the check of what leaves and the MIME structure are in the rows that say "protector".
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median

import pgpy
import pysequoia
from cryptography import x509
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from pgpy.constants import CompressionAlgorithm, SymmetricKeyAlgorithm

from domain.decision import Method
from domain.model import Address, Envelope, Message
from domain.ports import Protector, StoredKey
from gateway.clock import SystemClock
from gateway.protect.generate import make_openpgp_key, make_smime_identity
from gateway.protect.openpgp import OpenPGP
from gateway.protect.smime import SMIME

SIZES = {"10 KB": 10_000, "244 KB": 244_000, "1 MB": 1_000_000, "25 MB": 25_000_000}
CARER = Address.of("carer@carers.example")
OFFICER = Address.of("officer@council.example")
HEADER = b"From: officer@council.example\r\nTo: carer@carers.example\r\nSubject: s\r\nMessage-ID: <1@c.example>\r\n\r\n"


def milliseconds(work: Callable[[], object], budget: float = 1.5, most: int = 30) -> float:
    """The median of as many runs as the budget of seconds allows, at least one after a warm-up."""
    started, times = time.perf_counter(), []
    while not times or (time.perf_counter() - started < budget and len(times) < most):
        before = time.perf_counter()
        work()
        times.append(time.perf_counter() - before)
    return 1000 * median(times)


def with_pgpy(certificate: bytes, data: bytes) -> Callable[[], object]:
    """Encrypt alone, as libraries.md says: binary, uncompressed, AES-256."""
    key, _ = pgpy.PGPKey.from_blob(certificate)

    def work() -> str:
        message = pgpy.PGPMessage.new(data, format="b", compression=CompressionAlgorithm.Uncompressed)
        return str(key.encrypt(message, cipher=SymmetricKeyAlgorithm.AES256))

    return work


def with_gpg(home: Path, certificate: Path, data: Path) -> Callable[[], object]:
    """One process a message, encrypt alone, no key ring."""
    command = ["gpg", "--homedir", str(home), "--batch", "--no-autostart", "--trust-model", "always"]
    command += ["--armor", "--encrypt", "-f", str(certificate), "-o", "-", str(data)]
    return lambda: subprocess.run(command, check=True, capture_output=True)


def with_protector(protector: Protector, key: StoredKey, data: bytes) -> Callable[[], object]:
    """Gate, sign, encrypt, check, compose."""
    now = SystemClock().now()
    message = Message(HEADER + data, len(HEADER), "s", "<1@c.example>", OFFICER.text, frozenset(), ())
    envelope = Envelope(OFFICER, (CARER,), now)
    return lambda: protector.protect(message, envelope, CARER, (key,), "s", now)


def main() -> None:
    """Print one table."""
    warnings.simplefilter("ignore")
    now, year = SystemClock().now() - timedelta(minutes=1), timedelta(days=365)
    signer, _ = make_openpgp_key("Sallyport", OFFICER.text, now, year)
    _, certificate = make_openpgp_key("Carer", CARER.text, now, year)
    service_key, service_cert = make_smime_identity("Sallyport", OFFICER.text, now, year)
    _, carer_pem = make_smime_identity("Carer", CARER.text, now, year)
    carer = x509.load_pem_x509_certificate(carer_pem)
    openpgp, smime = OpenPGP(signer), SMIME(service_cert, service_key)
    pgp_key = StoredKey(Method.OPENPGP, "", certificate)
    smime_key = StoredKey(Method.SMIME, "", carer.public_bytes(Encoding.DER))
    cert = pysequoia.Cert.from_bytes(certificate)
    print(f"{'':>8}" + "".join(f"{t:>16}" for t in TITLES))
    with tempfile.TemporaryDirectory(prefix="gpg") as folder:
        home = Path(folder)
        (home / "cert").write_bytes(certificate)
        for name, size in SIZES.items():
            data = os.urandom(size)
            (home / "data").write_bytes(data)
            works = [
                with_pgpy(certificate, data) if size <= SIZES["1 MB"] else None,
                with_gpg(home, home / "cert", home / "data"),
                lambda d=data: pysequoia.encrypt(d, recipients=[cert]),
                with_protector(openpgp, pgp_key, data),
                lambda d=data: (
                    pkcs7.PKCS7EnvelopeBuilder()
                    .set_data(d)
                    .set_content_encryption_algorithm(algorithms.AES256)
                    .add_recipient(carer)
                    .encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
                ),
                with_protector(smime, smime_key, data),
            ]
            row = [f"{milliseconds(w):>16.2f}" if w else f"{'-':>16}" for w in works]
            print(f"{name:>8}" + "".join(row), flush=True)
    verdict = milliseconds(lambda: openpgp.examine(pgp_key, now))
    print(
        f"the gate alone: OpenPGP {verdict:.2f} ms, S/MIME {milliseconds(lambda: smime.examine(smime_key, now)):.2f} ms"
    )


TITLES = ("pgpy", "gpg process", "pysequoia", "OpenPGP prot.", "PKCS7 builder", "S/MIME prot.")

if __name__ == "__main__":
    main()
