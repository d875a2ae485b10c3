"""Settings of pick-up: mail that waits for those who have no key (docs/pickup.md)."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from config.sections.section import LAST_PORT, Section

_ADDRESS = re.compile(r"https://[^\s/?#@]+|http://(localhost|127\.0\.0\.1)(:\d{1,5})?")


class RelayTls(StrEnum):
    """How the relay that takes answers is reached. VERIFIED: never without, and to a certificate of its name."""

    OPPORTUNISTIC = "opportunistic"
    VERIFIED = "verified"


class Language(StrEnum):
    """BCP 47."""

    ENGLISH = "en"
    WELSH = "cy"


class PickupSettings(Section):
    """Mail that waits for those who have no key (docs/pickup.md). Without ``recipient`` such mail is held."""

    recipient: str = ""
    """age recipient (public) that waiting mail is sealed to. Unset: mail for whoever has no key is held."""
    identity: Path | None = None
    """The file that opens waiting mail: where the pick-up process runs, and nowhere else."""
    address: str = ""
    """Where recipients find the pages, as https://pickup.council.example."""
    days: int = Field(default=30, ge=1, le=365)
    """How long a link opens. Then the sealed copy is destroyed."""
    path: Path = Path("var/pickup")
    """The folder of waiting mail, where the store is local."""
    bucket: str = "sallyport-pickup"
    """Waiting mail, without lock."""
    database_url: SecretStr = SecretStr("")
    """PostgreSQL by the pick-up process's own role (`sallyport pickup role`); unset: the service's database."""
    code_key: Path = Path("pickup/codes.key")
    """A file of 32 random bytes that codes are kept under; made at first start. The office has it, too."""
    host: str = "127.0.0.1"
    """The address that the pick-up process listens at."""
    port: int = Field(default=8035, ge=0, le=LAST_PORT)
    tls_certificate: Path | None = None
    """PEM; without it, put a proxy with TLS in front."""
    tls_key: Path | None = None
    """PEM, PKCS#8."""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Whose word on the caller's address is believed (X-Forwarded-For)."""
    threads: int = Field(default=8, gt=0)
    """Requests at the same moment."""
    sign_key: Path | None = None
    """PEM: signs what is signed on the pages (PAdES). Unset: nothing can be signed there."""
    sign_certificate: Path | None = None
    """PEM, with its chain; the council's own, where others have to believe it."""
    max_upload: int = Field(default=25 * 2**20, gt=0)
    """Octets of one answer with its files."""
    relay_host: str = ""
    """The relay that takes answers, by SMTP; unset: relay.host and relay.port."""
    relay_port: int = Field(default=0, ge=0, le=LAST_PORT)
    relay_tls: RelayTls = RelayTls.OPPORTUNISTIC
    """To that relay: TLS where it is offered, or never without, and to a certificate of its name alone."""
    relay_ca_file: Path | None = None
    """PEM: whose certificates are believed there; unset: the system's."""
    notify_key: SecretStr = SecretStr("")
    """API key of GOV.UK Notify, for codes by text message. Unset: the office reads codes out."""
    notify_template: str = ""
    """The id of a text message template there with ((code)) in it."""
    notify_template_cy: str = ""
    """The same text message in Welsh. Unset: the one above, for everybody."""
    notify_url: str = "https://api.notifications.service.gov.uk"
    show_codes: bool = False
    """Print codes on the process's own output instead of sending them: for trying things out, and for the demo."""
    language: Language = Language.ENGLISH
    """Of notices and pages, where the register does not say another of their reader."""

    @property
    def lasts(self) -> timedelta:
        """As a length of time."""
        return timedelta(days=self.days)

    @field_validator("address")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        if value and not _ADDRESS.fullmatch(value.rstrip("/")):
            raise ValueError("write it as https://pickup.council.example, without a path")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.recipient and not self.address:
            raise ValueError("recipient is set, but address does not say where people find the pages")
        if self.notify_key.get_secret_value() and not self.notify_template:
            raise ValueError("notify_key is set, but notify_template does not say which text message")
        return self
