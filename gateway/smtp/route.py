"""Where mail goes on to, and how surely it must be that server: the values that ``hop.py`` and ``deliver.py`` share."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from domain.errors import ConfigurationError, NextHopUnavailable
from gateway.partners.dane import Tlsa
from gateway.smtp.tls import client_context


class Security(StrEnum):
    """How a hop must be reached. VERIFIED also checks the certificate's name (RFC 8314, RFC 7435).

    MTA_STS and DANE are for a domain's own servers, by what it publishes (RFC 8461, RFC 7672).
    """

    OFF = "off"
    OPPORTUNISTIC = "opportunistic"
    REQUIRED = "required"
    VERIFIED = "verified"
    MTA_STS = "mta-sts"
    DANE = "dane"

    @property
    def strict(self) -> bool:
        """Whether nothing is sent without it."""
        return self not in {Security.OFF, Security.OPPORTUNISTIC}


@dataclass(frozen=True, slots=True)
class Published:
    """What the domain publishes about its TLS: TLS-RPT's policy type, and the text of it (RFC 8460 section 4.3)."""

    kind: str
    lines: tuple[str, ...] = ()


NO_POLICY = Published("no-policy-found")


class TlsFailed(NextHopUnavailable):
    """The server did not prove what it must. ``result`` is TLS-RPT's word for it (RFC 8460 section 4.3)."""

    def __init__(self, result: str, published: Published = NO_POLICY) -> None:
        super().__init__("TLS", result=result)
        self.result, self.published = result, published


@dataclass(frozen=True, slots=True)
class Route:
    """Where mail for these domains goes. ``*`` is everything else; ``.gov.uk`` is the domain and all below it.

    ``host`` empty: the domain's own servers. ``client_certificate`` shows who we are (PEM, with its key and chain).
    ``address``, ``tlsa`` and ``published`` are of one server that was found (``gateway/partners/finding.py``).

    A password goes over VERIFIED alone; with ``unsafe_password_unverified`` also to whoever answers over TLS.
    """

    domains: tuple[str, ...]
    host: str
    port: int = 25
    security: Security = Security.OPPORTUNISTIC
    ca_file: Path | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    lmtp: bool = False
    unsafe_password_unverified: bool = False
    client_certificate: Path | None = None
    client_key: Path | None = None
    address: str = ""
    tlsa: tuple[Tlsa, ...] = ()
    published: Published = NO_POLICY

    def __post_init__(self) -> None:
        safe = {Security.VERIFIED} | ({Security.REQUIRED} if self.unsafe_password_unverified else set())
        if self.username and self.security not in safe:
            public = f"A password for {self.host} needs tls = 'verified', so that it goes to nobody else."
            raise ConfigurationError("password to an unverified hop", public=public)
        if self.host and self.security in {Security.MTA_STS, Security.DANE} and not self.tlsa:
            public = f"tls = '{self.security}' is for a domain's own servers: leave out host = '{self.host}'."
            raise ConfigurationError("published policy and a fixed host", public=public)

    def context(self) -> ssl.SSLContext | None:
        """For STARTTLS; None if it is never asked for. By DANE, what the server shows is looked at afterwards."""
        if self.security is Security.OFF:
            return None
        verified = self.security in {Security.VERIFIED, Security.MTA_STS}
        context = client_context(verified=verified, ca_file=self.ca_file)
        if self.client_certificate:
            try:
                context.load_cert_chain(self.client_certificate, self.client_key)
            except (OSError, ssl.SSLError) as error:
                public = f"The certificate {self.client_certificate} and its key cannot be used together."
                raise ConfigurationError("client certificate", public=public) from error
        return context


def result_of(error: BaseException) -> str:
    """TLS-RPT's word for a failed handshake."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CODES.get(error.verify_code, "certificate-not-trusted")
    return "validation-failure"


_CODES = {10: "certificate-expired", 62: "certificate-host-mismatch", 64: "certificate-host-mismatch"}
"""OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED, ..._HOSTNAME_MISMATCH, ..._IP_ADDRESS_MISMATCH."""
