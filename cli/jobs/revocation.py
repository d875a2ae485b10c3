"""The worker fetches what says that S/MIME certificates were withdrawn: the lists and the responder of the settings.

What is fetched is put into ``smime.revocation_folder`` whole or not at all; what cannot be fetched leaves the older
file, which counts until its own time is over. Signatures and times are checked where it is used
(``gateway/protect/chains.py``).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog
from asn1crypto import crl, pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from config.settings import Settings
from domain.decision import Method
from domain.errors import TryAgain
from gateway.fetching import Fetcher, FetchFailed

_NAMING = SHA1()  # noqa: S303 - it names the issuer, no more (RFC 6960 section 4.1.1); responders know no other
Work = Callable[[], bytes]
_LOG = structlog.get_logger("worker")


class NotFetched(TryAgain):
    """Some list or answer could not be had; what was there before stands."""


def fetch(settings: Settings, now: datetime, fetcher: Fetcher | None = None) -> None:  # noqa: ARG001 - a job's shape
    """Every list, and an answer for every certificate. Raises ``NotFetched`` at the end where one was not to be had."""
    s = settings.smime
    if s.authorities is None or s.revocation == "off":
        return
    folder, fetcher = settings.at_home(s.revocation_folder), fetcher or Fetcher()
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name, work in _work(settings, fetcher):
        try:
            _put(folder / name, work())
        except (FetchFailed, ValueError) as error:
            failed += 1
            _LOG.warning("revocation not fetched", file=name, reason=str(error))
    if failed:
        raise NotFetched("revocations", failed=failed)


def _work(settings: Settings, fetcher: Fetcher) -> Iterator[tuple[str, Work]]:
    for url in settings.smime.crl_urls:
        yield f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.crl", partial(_list, fetcher, url)
    if settings.smime.ocsp_url:
        issuers = _issuers(settings)
        for fingerprint, certificate in _certificates():
            issuer = issuers.get(certificate.issuer.public_bytes())
            if issuer is not None:
                asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, _NAMING).build()
                body = asked.public_bytes(Encoding.DER)
                yield f"{fingerprint}.ocsp", partial(_answer, fetcher, settings.smime.ocsp_url, body)


def _list(fetcher: Fetcher, url: str) -> bytes:
    data, _ = fetcher.get(url)
    data = pem.unarmor(data)[2] if pem.detect(data) else data
    crl.CertificateList.load(data, strict=True).native  # noqa: B018 - parses all of it
    return data


def _answer(fetcher: Fetcher, url: str, body: bytes) -> bytes:
    data, _ = fetcher.post(url, body, "application/ocsp-request")
    if ocsp.load_der_ocsp_response(data).response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise FetchFailed("the responder does not answer about it")
    return data


def _issuers(settings: Settings) -> dict[bytes, x509.Certificate]:
    from gateway.protect.chains import read_certificates

    s = settings.smime
    files = [settings.at_home(f) for f in (s.authorities, s.intermediates) if f]
    found = [_plain(c) for f in files for c in read_certificates(f)]
    return {c.subject.public_bytes(): c for c in found}


def _plain(certificate: asn1_x509.Certificate) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.dump())


def _certificates() -> Iterator[tuple[str, x509.Certificate]]:
    """Every S/MIME certificate of the register, once."""
    from register.models import RecipientKey

    rows = RecipientKey.objects.filter(method=Method.SMIME).values_list("fingerprint", "data").distinct()
    for fingerprint, data in rows:
        yield fingerprint, x509.load_der_x509_certificate(bytes(data))


def _put(path: Path, data: bytes) -> None:
    """In one step, so that no relay reads half a list."""
    handle, made = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
    Path(made).chmod(0o644)
    Path(made).replace(path)
