"""A certificate authority of the tests' own, and server certificates by it."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_CA_USAGE = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


class Files(NamedTuple):
    """Paths of PEM files."""

    ca: Path
    certificate: Path
    key: Path


def make_certificate(folder: Path, host: str = "127.0.0.1") -> Files:
    """A leaf for one host (a name or an address), signed by a new authority."""
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 - certificates are checked against the real time
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Test CA for {host}")])
    try:
        name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        name = x509.DNSName(host)

    def build(subject: x509.Name, public: ec.EllipticCurvePublicKey, *, ca: bool) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        # Python 3.13 checks strictly (RFC 5280 sections 4.2.1.1 to 4.2.1.3).
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
        builder = builder.add_extension(authority, critical=False)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        if ca:
            builder = builder.add_extension(_CA_USAGE, critical=True)
        else:
            builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
        return builder.sign(ca_key, hashes.SHA256())

    files = Files(folder / "ca.pem", folder / "leaf.pem", folder / "leaf.key")
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    files.ca.write_bytes(build(ca_name, ca_key.public_key(), ca=True).public_bytes(serialization.Encoding.PEM))
    leaf = build(leaf_name, key.public_key(), ca=False)
    files.certificate.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
