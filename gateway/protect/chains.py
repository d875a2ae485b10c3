"""Whether an S/MIME certificate comes from an authority that counts here, and has not been withdrawn (RFC 5280).

Input: a certificate that passed ``x509_gate``, lists and answers that the worker fetched; all hostile. Failure:
``UnusableKey`` with a plain reason. Building and checking paths is ``pyhanko-certvalidator``'s.

Nobody is asked while a mail waits: whoever names a list in a certificate would learn when mail goes to its owner, and a
silent server would hold up mail. The worker fetches what the settings name (``cli/jobs/revocation.py``).
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from asn1crypto import crl, ocsp, pem
from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    InsufficientRevinfoError,
    OCSPValidationError,
    PathBuildingError,
    PathValidationError,
    RevokedError,
)
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy, RevocationCheckingRule
from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

from domain.errors import ConfigurationError, UnusableKey

_REMEMBERED = 4096
_UNASKED = CertRevTrustPolicy(
    RevocationCheckingPolicy(RevocationCheckingRule.NO_CHECK, RevocationCheckingRule.NO_CHECK)
)
_ASKED = CertRevTrustPolicy(
    RevocationCheckingPolicy(RevocationCheckingRule.CRL_OR_OCSP_REQUIRED, RevocationCheckingRule.NO_CHECK)
)
_STRANGER = "nobody whose word counts here has vouched for it"
_WITHDRAWN = "its issuer has withdrawn (revoked) it"
_UNCLEAR = "its issuer does not say in time whether it has been withdrawn"


@dataclass(frozen=True, slots=True)
class TrustFiles:
    """Paths, as the settings have them. ``mode`` is off, if-known or required."""

    authorities: Path
    intermediates: Path | None = None
    folder: Path | None = None
    mode: str = "off"


@dataclass(frozen=True, slots=True)
class _Material:
    """Lists and answers, and what the folder looked like when they were read."""

    seen: tuple[tuple[str, int, int], ...] = ()
    crls: tuple[crl.CertificateList, ...] = field(default=(), repr=False)
    ocsps: tuple[ocsp.OCSPResponse, ...] = field(default=(), repr=False)


class Chains:
    """Thread-safe. Raises ``ConfigurationError`` where the files hold no certificates."""

    def __init__(self, files: TrustFiles) -> None:
        self._files = files
        self._roots = read_certificates(files.authorities)
        self._between = read_certificates(files.intermediates) if files.intermediates else []
        self._material = _Material()
        self._judged: OrderedDict[tuple[bytes, datetime, object], str] = OrderedDict()
        self._lock = threading.Lock()

    def require(self, der: bytes, now: datetime) -> None:
        """Raises ``UnusableKey`` unless a chain leads to an authority. The verdict is remembered for a minute."""
        minute = now.replace(second=0, microsecond=0)
        material = self._current()
        key = (der, minute, material.seen)
        with self._lock:
            verdict = self._judged.get(key)
        if verdict is None:
            verdict = self._judge(der, material, now)
            with self._lock:
                self._judged[key] = verdict
                if len(self._judged) > _REMEMBERED:
                    self._judged.popitem(last=False)
        if verdict:
            raise UnusableKey(verdict)

    def _judge(self, der: bytes, material: _Material, now: datetime) -> str:
        """Empty where it may be used. Whatever breaks is a refusal."""
        try:
            asyncio.run(self._check(asn1_x509.Certificate.load(der), material, now))
        except RevokedError:
            return _WITHDRAWN
        except InsufficientRevinfoError:
            return _UNCLEAR
        except (PathBuildingError, PathValidationError):
            return _STRANGER
        except Exception:  # noqa: BLE001 - the certificate and the lists are anybody's
            return _STRANGER
        return ""

    async def _check(self, certificate: asn1_x509.Certificate, material: _Material, now: datetime) -> None:
        """The chain; then each of its links by itself, so that silence about one does not hide a word about another."""
        path = await _validator(certificate, self._context(_UNASKED, material, now)).async_validate_path()
        if self._files.mode == "off":
            return
        for link in path.iter_certs(include_root=False):
            try:
                await self._check_link(link, material, now)
            except InsufficientRevinfoError:
                if self._files.mode == "required":
                    raise

    async def _check_link(self, link: asn1_x509.Certificate, material: _Material, now: datetime) -> None:
        """By an answer, else by a list. The library looks at answers only for certificates that name a responder."""
        unasked = self._context(_UNASKED, material, now)
        path = await _validator(link, unasked).async_validate_path()
        try:
            await verify_ocsp_response(link, path, unasked)
        except OCSPValidationError:
            await _validator(link, self._context(_ASKED, material, now)).async_validate_path()

    def _context(self, asked: CertRevTrustPolicy, material: _Material, now: datetime) -> ValidationContext:
        return ValidationContext(
            trust_roots=self._roots,
            other_certs=self._between,
            moment=now,
            allow_fetching=False,
            crls=material.crls,
            ocsps=material.ocsps,
            revinfo_policy=asked,
        )

    def _current(self) -> _Material:
        """What the folder holds now; read again where a file came, went or changed."""
        folder = self._files.folder
        if self._files.mode == "off" or folder is None:
            return self._material
        paths = sorted(p for p in folder.glob("*") if p.suffix in {".crl", ".ocsp"}) if folder.is_dir() else []
        stats = [(p, p.stat()) for p in paths]
        seen = tuple((p.name, s.st_mtime_ns, s.st_size) for p, s in stats)
        with self._lock:
            if seen == self._material.seen:
                return self._material
        fresh = _Material(seen, tuple(_lists(paths)), tuple(_answers(paths)))
        with self._lock:
            self._material = fresh
        return fresh


def _validator(certificate: asn1_x509.Certificate, context: ValidationContext) -> CertificateValidator:
    return CertificateValidator(certificate, validation_context=context)


def read_certificates(path: Path) -> list[asn1_x509.Certificate]:
    """Every certificate in a PEM file. Raises ``ConfigurationError`` where there is none."""
    try:
        blocks = list(pem.unarmor(path.read_bytes(), multiple=True))
        found = [asn1_x509.Certificate.load(data) for kind, _, data in blocks if kind == "CERTIFICATE"]
        for certificate in found:
            certificate.native  # noqa: B018 - parses all of it, so that an error comes here
    except (OSError, ValueError, TypeError) as error:
        public = f"The file {path} (settings under smime) cannot be read as certificates."
        raise ConfigurationError("authorities", public=public) from error
    if not found:
        raise ConfigurationError("authorities", public=f"The file {path} (settings under smime) holds no certificate.")
    return found


def _lists(paths: Iterable[Path]) -> Iterable[crl.CertificateList]:
    for path in paths:
        if path.suffix == ".crl" and (data := _octets(path)):
            yield crl.CertificateList.load(data)


def _answers(paths: Iterable[Path]) -> Iterable[ocsp.OCSPResponse]:
    for path in paths:
        if path.suffix == ".ocsp" and (data := _octets(path)):
            yield ocsp.OCSPResponse.load(data)


def _octets(path: Path) -> bytes:
    """Nothing of a file that has gone meanwhile, or is no DER or PEM."""
    try:
        data = path.read_bytes()
        data = pem.unarmor(data)[2] if pem.detect(data) else data
        kind = crl.CertificateList if path.suffix == ".crl" else ocsp.OCSPResponse
        kind.load(data, strict=True).native  # noqa: B018 - parses all of it
    except (OSError, ValueError, TypeError):
        return b""
    return data
