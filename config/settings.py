"""Typed settings, read once at start-up; secrets are redacted wherever they are printed.

They come from a TOML file (``SALLYPORT_CONFIG``, else ``./sallyport.toml``) and from the
environment, which wins: ``SALLYPORT_RELAY__PORT=2525``. Unknown names are refused, so that
a misspelt setting is not a silent default.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from config.sections.console import ConsoleSettings, KeyholderSettings, SignInSettings
from config.sections.keys import KeysSettings, PdfSettings, SmimeSettings
from config.sections.mail import JournalSettings, NextHopSettings, RelaySettings, ServiceSettings
from config.sections.partners import ArcSettings, DkimSettings, DnsSettings, PartnersSettings
from config.sections.pickup import PickupSettings
from config.sections.programs import SandboxSettings, WebSettings
from config.sections.vault import AuditSettings, DisposalSettings, ReviewSettings, VaultSettings
from config.sections.watch import WatchSettings
from domain.errors import ConfigurationError

HERE = Path(__file__).parent


class Settings(BaseSettings):
    """Everything an operator sets. ``home`` is what relative paths in it are relative to."""

    model_config = SettingsConfigDict(
        env_prefix="SALLYPORT_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
        use_attribute_docstrings=True,
    )

    home: Path = Path()
    """What relative paths are relative to; by itself the folder of the settings file."""
    database_url: SecretStr = SecretStr("")
    """PostgreSQL: postgres://user:password@host/name; unset: SQLite below home."""
    relay: RelaySettings = RelaySettings()
    next_hops: Annotated[tuple[NextHopSettings, ...], Field(min_length=1)] = (NextHopSettings(),)
    service: ServiceSettings = ServiceSettings()
    keys: KeysSettings = KeysSettings()
    smime: SmimeSettings = SmimeSettings()
    pdf: PdfSettings = PdfSettings()
    dns: DnsSettings = DnsSettings()
    partners: PartnersSettings = PartnersSettings()
    dkim: DkimSettings = DkimSettings()
    arc: ArcSettings = ArcSettings()
    vault: VaultSettings = VaultSettings()
    audit: AuditSettings = AuditSettings()
    disposal: DisposalSettings = DisposalSettings()
    review: ReviewSettings = ReviewSettings()
    pickup: PickupSettings = PickupSettings()
    journal: JournalSettings = JournalSettings()
    sandbox: SandboxSettings = SandboxSettings()
    web: WebSettings = WebSettings()
    console: ConsoleSettings = ConsoleSettings()
    keyholder: KeyholderSettings = KeyholderSettings()
    sign_in: SignInSettings = SignInSettings()
    watch: WatchSettings = WatchSettings()
    policy_file: Path = HERE / "policy.toml"
    """The decision table (docs/policy-file.md)."""
    retention_file: Path = HERE / "retention.toml"
    """How long records are kept (docs/retention.md)."""

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


_SECRETS = (
    *("DATABASE_URL", "VAULT__ACCESS_KEY", "VAULT__SECRET_KEY"),
    *("PICKUP__DATABASE_URL", "PICKUP__NOTIFY_KEY"),
    *("SIGN_IN__OIDC_CLIENT_SECRET", "SECRET_KEY"),
)


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
