"""Settings of partners' own mail servers: who answers for names, who signs for us, who is told."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from config.sections.section import LAST_PORT, Section


class DnsSettings(Section):
    """The resolver that finds partners' mail servers and what they publish."""

    resolver: str = ""
    """Its address; unset: the system's."""
    port: int = Field(default=53, ge=1, le=LAST_PORT)
    trusted: bool = False
    """Whether its word on DNSSEC is believed: it validates, and nobody stands between it and us. DANE needs it."""


class DkimSettings(Section):
    """Our domain's signature under what we write or change (RFC 6376). Without all three nothing is signed."""

    domain: str = ""
    """The domain that signs: the one in officers' addresses, so that DMARC finds it aligned."""
    selector: str = ""
    """The public key stands in the DNS at `selector._domainkey.domain`."""
    key: Path | None = None
    """The RSA private key, PEM, of 2048 bits or more."""


class ArcSettings(Section):
    """Our seal on what came signed and is changed here (ARC, RFC 8617). Without the first three nothing is sealed."""

    domain: str = ""
    """The domain that seals: as in `[dkim]`."""
    selector: str = ""
    """The public key stands in the DNS at `selector._domainkey.domain`; it may be the one of `[dkim]`."""
    key: Path | None = None
    """The RSA private key, PEM, of 2048 bits or more."""
    authserv_id: str = Field(default="", pattern=r"^([A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?)?$")
    """Our name in `Authentication-Results` (RFC 8601), which nobody else's mail may bear; unset: `relay.hostname`."""


class PartnersSettings(Section):
    """Mail servers of partners that next hops without a host are for."""

    policies: Path = Path("var/mta-sts")
    """Where partners' published policies (MTA-STS) are kept until they run out."""
    ca_file: Path | None = None
    """PEM: authorities instead of the system's, for fetching those policies."""
    report: bool = False
    """Whether a partner that asks for it gets a report on TLS each day (TLS-RPT, RFC 8460). Needs `[dkim]`."""
    contact: str = ""
    """An address in that report for questions; unset: `service.address`."""
    alarm: tuple[str, ...] = ()
    """Who gets a mail when a partner cannot be reached as securely as it must be; unset: `service.management`, or else
    `service.address`."""
