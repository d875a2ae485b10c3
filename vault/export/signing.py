"""The service's signature under a bundle: detached, over the list of all digests, by each key that the service has.

``gpg --verify`` and ``openssl cms -verify`` check it, as ``VERIFY.txt`` in the bundle says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pysequoia
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7

from domain.errors import ConfigurationError

OPENPGP, OPENPGP_KEY = "service.asc", "service-openpgp-key.asc"
CMS, CMS_CERTIFICATE = "service.p7s", "service-certificate.pem"


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Secret keys as the settings' files hold them; either may be missing, not both."""

    openpgp: bytes = field(default=b"", repr=False)
    certificate: bytes = field(default=b"", repr=False)
    private: bytes = field(default=b"", repr=False)

    def sign(self, data: bytes) -> Mapping[str, bytes]:
        """Signatures and what verifies them, by file name. Raises ``ConfigurationError``."""
        if not self.openpgp and not self.private:
            raise ConfigurationError(
                "no signing key", public="A bundle is signed: set service.openpgp_key or service.smime_key."
            )
        files: dict[str, bytes] = {}
        try:
            if self.openpgp:
                files |= self._by_openpgp(data)
            if self.private and self.certificate:
                files |= self._by_cms(data)
        except (ValueError, TypeError, RuntimeError, OSError) as error:
            raise ConfigurationError("signing", public="The service's signing key cannot be used.") from error
        return files

    def fingerprints(self) -> list[tuple[str, str]]:
        """Which keys, to be compared by telephone."""
        found = []
        if self.openpgp:
            found.append(("OpenPGP", pysequoia.Tsk.from_bytes(self.openpgp).extract_certificate().fingerprint.upper()))
        if self.certificate:
            found.append(("S/MIME, SHA-256", self._x509().fingerprint(hashes.SHA256()).hex(":").upper()))
        return found

    def _by_openpgp(self, data: bytes) -> dict[str, bytes]:
        key = pysequoia.Tsk.from_bytes(self.openpgp)
        signature = pysequoia.sign(key.signer(None), data, mode=pysequoia.SignatureMode.DETACHED)
        own = pysequoia.armor(bytes(key.extract_certificate()), pysequoia.ArmorKind.PublicKey)
        return {OPENPGP: bytes(signature), OPENPGP_KEY: own if isinstance(own, bytes) else own.encode()}

    def _by_cms(self, data: bytes) -> dict[str, bytes]:
        key = load_pem_private_key(self.private, None)
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise TypeError("neither RSA nor EC")
        builder = pkcs7.PKCS7SignatureBuilder().set_data(data).add_signer(self._x509(), key, hashes.SHA256())
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        return {CMS: builder.sign(Encoding.DER, options), CMS_CERTIFICATE: self._x509().public_bytes(Encoding.PEM)}

    def _x509(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate)
