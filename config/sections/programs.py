"""Settings of what runs beside the relay: the readers of documents, the API."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from config.sections.section import LAST_PORT, Section

_MOST_PICTURES = 1_000


class SandboxSettings(Section):
    """The processes that read documents."""

    workers: int = Field(default=2, gt=0)
    """Reader processes."""
    memory_mb: int = Field(default=1024, ge=256)
    """Of one reader; what needs more is unreadable, and held."""
    seconds: float = Field(default=20, gt=0)
    """For one document; what takes longer is unreadable, and held."""
    council_id: str = r"\bSL-\d{5}\b"
    """How the council's numbers of people look: a regular expression."""
    walls: bool | None = None
    """Whether readers must be walled in by bubblewrap; unset: where it is possible, and a warning where not."""
    known_pictures: frozenset[str] = frozenset()
    """SHA-256 (hexadecimal) of pictures that say nothing, such as the logo in signatures. Others are read."""
    forms: Path | None = None
    """The council's own blank forms, a file that `sallyport forms add` makes; unset: none are registered."""
    ocr: bool = True
    """Whether pictures and scans are read (docs/ocr.md). Off, or where it is not possible, they hold a mail."""
    ocr_seconds: float = Field(default=120, gt=0)
    """For all pictures of one mail; those for which no time is left are unreadable, and held."""
    model: Path | None = None
    """A model that `sallyport classifier train` made; unset: the one that comes with Sallyport."""

    @field_validator("council_id")
    @classmethod
    def _is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"it is not a regular expression ({error})") from None
        return value

    @field_validator("known_pictures")
    @classmethod
    def _are_digests(cls, value: frozenset[str]) -> frozenset[str]:
        if len(value) > _MOST_PICTURES or not all(re.fullmatch("[0-9a-f]{64}", v) for v in value):
            raise ValueError(
                f"each is 64 hexadecimal digits, as sha256sum prints them, and there are {_MOST_PICTURES} at most"
            )
        return value


class WebSettings(Section):
    """The API (docs/api.md). ``hosts`` are the names it goes by; ``proxies`` may say that a caller came over TLS."""

    host: str = "127.0.0.1"
    port: int = Field(default=8025, ge=0, le=LAST_PORT)
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    """Host names that requests may ask for."""
    tls_certificate: Path | None = None
    """PEM; without it, put a proxy with TLS in front."""
    tls_key: Path | None = None
    """PEM, PKCS#8."""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Whose word on the caller's TLS and address is believed (X-Forwarded-Proto, X-Forwarded-For)."""
    threads: int = Field(default=8, gt=0)
    """Requests at the same moment."""
    max_body: int = Field(default=2**20, gt=0)
    """Octets of one request."""
    body_seconds: int = Field(default=10, gt=0)
    """How long a request's body may take to come."""
    requests_a_minute: int = Field(default=600, gt=0)
    """Of one token; more get 429."""
    webhook_key: Path = Path("office/webhooks.key")
    """An age identity that seals webhooks' secrets in the database. The API and the worker share it."""
    webhook_ca_file: Path | None = None
    """Authorities for webhooks inside the council."""
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks of the council's own that webhooks may go to. Elsewhere only addresses of the open internet are told."""

    @model_validator(mode="after")
    def _certificate_and_key(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together")
        return self
