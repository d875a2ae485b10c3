"""Typed settings, read once at start-up; secrets are redacted wherever they are printed.

They come from a TOML file (``SALLYPORT_CONFIG``, else ``./sallyport.toml``) and from the
environment, which wins: ``SALLYPORT_RELAY__PORT=2525``. Unknown names are refused, so that
a misspelt setting is not a silent default.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from domain.errors import ConfigurationError

HERE = Path(__file__).parent
_LAST_PORT = 65535


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Speaks(StrEnum):
    """The dialogue of a listener."""

    SMTP = "smtp"
    LMTP = "lmtp"


class TlsPolicy(StrEnum):
    """How a hop must be reached. VERIFIED also checks the certificate's name."""

    OFF = "off"
    OPPORTUNISTIC = "opportunistic"
    REQUIRED = "required"
    VERIFIED = "verified"


class RelaySettings(_Section):
    """The listener. ``networks`` may send without AUTH; everybody else needs AUTH over TLS."""

    host: str = "127.0.0.1"
    port: int = Field(default=2525, ge=0, le=_LAST_PORT)
    speaks: Speaks = Speaks.SMTP
    hostname: str = "sallyport.localhost"
    networks: tuple[IPv4Network | IPv6Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    tls_port: int | None = Field(default=None, ge=0, le=_LAST_PORT)  # implicit TLS (RFC 8314)
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    users_file: Path | None = None
    max_size: int = Field(default=50 * 2**20, gt=0)
    max_recipients: int = Field(default=1000, gt=0)
    max_connections: int = Field(default=200, gt=0)
    max_in_flight: int = Field(default=16, gt=0)
    max_in_flight_bytes: int = Field(default=256 * 2**20, gt=0)
    max_hops: int = Field(default=50, gt=0)
    threads: int = Field(default=8, gt=0)
    idle_seconds: int = Field(default=300, gt=0)
    grace_seconds: int = Field(default=30, gt=0)
    loop_key: Path | None = None
    """A file of random bytes that signs our loop mark; made at first start if it is missing."""


class NextHopSettings(_Section):
    """Where mail for these domains goes. ``*`` is everything else; ``.gov.uk`` is the domain and all below it."""

    domains: tuple[str, ...] = ("*",)
    host: str = "127.0.0.1"
    port: int = Field(default=25, ge=1, le=_LAST_PORT)
    tls: TlsPolicy = TlsPolicy.OPPORTUNISTIC
    ca_file: Path | None = None
    username: str = ""
    password: SecretStr = SecretStr("")
    unsafe_password_unverified: bool = False
    """Send it to whoever answers over TLS, whatever the certificate; else a password needs ``tls = "verified"``."""
    timeout_seconds: int = Field(default=60, gt=0)


class ServiceSettings(_Section):
    """Who we are to the world, and the keys that sign what leaves."""

    name: str = "Shared Lives"
    address: str = "shared-lives@localhost"
    phone: str = ""
    domains: tuple[str, ...] = ()
    """The council's own mail domains: recipients there are staff, unless the register knows better."""
    management: tuple[str, ...] = ()
    """The Shared Lives Management Team's addresses. Without any, no urgent release is possible."""
    openpgp_key: Path | None = None
    smime_certificate: Path | None = None
    smime_key: Path | None = None


class StoreKind(StrEnum):
    """Where sealed copies go."""

    LOCAL = "local"
    S3 = "s3"


class VaultSettings(_Section):
    """The object store and the public keys that copies are sealed to."""

    store: StoreKind = StoreKind.LOCAL
    path: Path = Path("var/objects")
    escrow_path: Path = Path("var/escrow")
    """Where sealed secret halves are kept a second time, without lock, so that they can be destroyed."""
    endpoint: str = ""
    bucket: str = "sallyport-vault"
    escrow_bucket: str = "sallyport-escrow"
    region: str = "us-east-1"
    secure: bool = True
    ca_file: Path | None = None
    access_key: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    lock_days: int = Field(default=30, ge=1)
    index_key: Path = Path("keys/index.key")
    """A file of 32 random bytes that the search's words are keyed with; made at first start. All relays share it."""
    records_mode: bool = True
    """Nothing is filed in a store that has not shown that it keeps locks and holds. Off only to try things out."""
    masters: tuple[str, ...] = ()
    """age recipients (public) that secret halves are sealed to: the records service, an offline escrow.

    X25519 (``age1...``) or of an age plug-in (``age1yubikey1...``). After a change: ``sallyport keys rotate``."""
    drill_days: int = Field(default=366, ge=1)
    """How long after a recovery drill with a master (``sallyport keys drill``) ``sallyport check`` asks for another."""
    service_recipient: str = ""
    """age recipient (public) for what concerns nobody known."""

    @model_validator(mode="after")
    def _s3_has_a_place(self) -> Self:
        if self.store is StoreKind.S3 and not re.fullmatch(r"[A-Za-z0-9.-]+(:\d{1,5})?", self.endpoint):
            raise ValueError("the endpoint of the S3 server must be written as host or host:port")
        return self


class WitnessSettings(_Section):
    """Another party that countersigns the audit log. ``key`` is its public line: name+0123abcd+base64."""

    key: str
    url: str = ""
    """Where it answers (c2sp.org/tlog-witness), without ``/add-checkpoint``. Unset: by files, docs/audit.md."""

    @field_validator("url")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
            raise ValueError("the witness's address must be written as https://host/path")
        return value.rstrip("/")


class AuditSettings(_Section):
    """The audit log's checkpoints (docs/audit.md). The worker signs them; the relay needs nothing of this."""

    origin: str = Field(default="", max_length=255, pattern=r"^[^\s+]*$")
    """The log's name, for ever; unset: relay.hostname and ``/audit``."""
    key: Path | None = None
    """The private key that signs checkpoints, as `sallyport audit key` makes it."""
    public_keys: tuple[str, ...] = ()
    """Public keys whose checkpoints are believed: the present one and those before it; unset: that of ``key``."""
    lock_years: int = Field(default=10, ge=1, le=100)
    checkpoint_seconds: int = Field(default=50, ge=1, le=60)
    late_minutes: int = Field(default=10, ge=1)
    """An event that has no place in the log after this time is an alarm."""
    witness_hours: int = Field(default=192, ge=0)
    """How long after a checkpoint each witness must have countersigned it, or a later one."""
    witnesses: tuple[WitnessSettings, ...] = ()

    @property
    def lock(self) -> timedelta:
        """As a length of time."""
        return timedelta(days=366 * self.lock_years)

    @property
    def late(self) -> timedelta:
        """As a length of time."""
        return timedelta(minutes=self.late_minutes)


class DisposalSettings(_Section):
    """Disposal (docs/disposal.md). The clock only proposes; two people approve."""

    approval_days: int = Field(default=30, ge=1, le=365)
    """How long an approval counts."""
    propose_days: int = Field(default=30, ge=0)
    """The worker proposes what has run out at most once in so many days; 0: never."""
    most_records: int = Field(default=500, ge=1)
    """In one proposal of the worker: as many as two people can look at."""
    key_grace_hours: int = Field(default=24, ge=1)
    """Between a key's retirement and its destruction: longer than any filing that may have begun takes."""
    certificate_years: int = Field(default=20, ge=1, le=100)
    """The lock of certificates of destruction."""

    @property
    def approval(self) -> timedelta:
        """As a length of time."""
        return timedelta(days=self.approval_days)

    @property
    def every(self) -> timedelta:
        """As a length of time."""
        return timedelta(days=self.propose_days)

    @property
    def key_grace(self) -> timedelta:
        """As a length of time."""
        return timedelta(hours=self.key_grace_hours)

    @property
    def certificate(self) -> timedelta:
        """As a length of time."""
        return timedelta(days=366 * self.certificate_years)


class JournalSettings(_Section):
    """How long a relay may hold a mail, and how long a served mail is remembered (longer than a sender's queue)."""

    lease_seconds: int = Field(default=600, gt=0)
    remember_days: int = Field(default=14, ge=6)
    resend_minutes: int = Field(default=15, ge=1)
    """After how long a mail that was stopped may be sent again unchanged, to be decided anew; a retry comes earlier."""

    @property
    def lease(self) -> timedelta:
        """As a length of time."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def resend(self) -> timedelta:
        """As a length of time."""
        return timedelta(minutes=self.resend_minutes)

    @property
    def remember(self) -> timedelta:
        """As a length of time."""
        return timedelta(days=self.remember_days)


_MOST_PICTURES = 1_000


class SandboxSettings(_Section):
    """The processes that read documents."""

    workers: int = Field(default=2, gt=0)
    memory_mb: int = Field(default=1024, ge=256)
    seconds: float = Field(default=20, gt=0)
    council_id: str = r"\bSL-\d{5}\b"
    walls: bool | None = None
    """Whether readers must be walled in by bubblewrap; unset: where it is possible, and a warning where not."""
    known_pictures: frozenset[str] = frozenset()
    """SHA-256 (hexadecimal) of pictures that say nothing, such as the logo in signatures. Others hold a mail."""

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


class WebSettings(_Section):
    """The API (docs/api.md). ``hosts`` are the names it goes by; ``proxies`` may say that a caller came over TLS."""

    host: str = "127.0.0.1"
    port: int = Field(default=8025, ge=0, le=_LAST_PORT)
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    tls_certificate: Path | None = None
    tls_key: Path | None = None  # PKCS#8
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    threads: int = Field(default=8, gt=0)
    max_body: int = Field(default=2**20, gt=0)
    body_seconds: int = Field(default=10, gt=0)
    requests_a_minute: int = Field(default=600, gt=0)
    webhook_ca_file: Path | None = None
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks of the council's own that webhooks may go to. Elsewhere only addresses of the open internet are told."""

    @model_validator(mode="after")
    def _certificate_and_key(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together")
        return self


class Settings(BaseSettings):
    """Everything an operator sets. ``home`` is what relative paths in it are relative to."""

    model_config = SettingsConfigDict(
        env_prefix="SALLYPORT_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    home: Path = Path()
    database_url: SecretStr = SecretStr("")
    relay: RelaySettings = RelaySettings()
    next_hops: Annotated[tuple[NextHopSettings, ...], Field(min_length=1)] = (NextHopSettings(),)
    service: ServiceSettings = ServiceSettings()
    vault: VaultSettings = VaultSettings()
    audit: AuditSettings = AuditSettings()
    disposal: DisposalSettings = DisposalSettings()
    journal: JournalSettings = JournalSettings()
    sandbox: SandboxSettings = SandboxSettings()
    web: WebSettings = WebSettings()
    policy_file: Path = HERE / "policy.toml"
    retention_file: Path = HERE / "retention.toml"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file; no dotenv."""
        return init_settings, env_settings, file_secret_settings, TomlConfigSettingsSource(settings_cls, config_file())

    def at_home(self, path: Path) -> Path:
        """A path of the settings, made absolute."""
        return path if path.is_absolute() else (self.home / path).absolute()

    def database(self) -> str:
        """The database as a URL: PostgreSQL if set, else SQLite below ``home``."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.at_home(Path('var/sallyport.sqlite3'))}"


def config_file() -> Path:
    """The file that settings are read from; it need not exist."""
    return Path(os.environ.get("SALLYPORT_CONFIG", "sallyport.toml"))


def any_settings() -> bool:
    """Whether anything is set, by a file or by the environment: defaults alone would be a service that nobody meant."""
    return config_file().is_file() or any(name.startswith("SALLYPORT_") for name in os.environ)


_SECRETS = ("DATABASE_URL", "VAULT__ACCESS_KEY", "VAULT__SECRET_KEY")


def _read_secret_files() -> None:
    """``SALLYPORT_DATABASE_URL_FILE=/run/secrets/url`` and the like, as containers and systemd hand secrets over."""
    for name in _SECRETS:
        path = os.environ.get(f"SALLYPORT_{name}_FILE")
        if path and f"SALLYPORT_{name}" not in os.environ:
            try:
                os.environ[f"SALLYPORT_{name}"] = Path(path).read_text(encoding="utf-8").strip()
            except OSError:
                public = f"The file {path}, which SALLYPORT_{name}_FILE names, cannot be read."
                raise ConfigurationError("secret file", public=public) from None


def load() -> Settings:
    """The settings, or ``ConfigurationError`` that names what is wrong and where."""
    if "SALLYPORT_CONFIG" in os.environ and not config_file().is_file():
        raise ConfigurationError("no settings file", public=f"The settings file {config_file()} does not exist.")
    _read_secret_files()
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"])
        raise ConfigurationError(
            "settings", public=f"The setting '{where}' in {config_file()} cannot be used: {first['msg']}."
        ) from None
    except ValueError as error:  # tomllib
        raise ConfigurationError(
            "settings syntax", public=f"The settings file {config_file()} is not well formed: {error}."
        ) from None
    if settings.home == Path() and config_file().is_file():
        return settings.model_copy(update={"home": config_file().absolute().parent})
    return settings
