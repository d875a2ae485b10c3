"""Settings of the vault: stores and public keys, the audit log, disposal."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from config.sections.section import Section


class StoreKind(StrEnum):
    """Where sealed copies go."""

    LOCAL = "local"
    S3 = "s3"


class VaultSettings(Section):
    """The object store and the public keys that copies are sealed to."""

    store: StoreKind = StoreKind.LOCAL
    """A folder of this machine, or an S3 server with Object Lock (docs/object-stores.md)."""
    path: Path = Path("var/objects")
    """The folder of sealed copies, where the store is local."""
    escrow_path: Path = Path("var/escrow")
    """Where sealed secret halves are kept a second time, without lock, so that they can be destroyed."""
    endpoint: str = ""
    """The S3 server, as host or host:port."""
    bucket: str = "sallyport-vault"
    """Sealed copies, under Object Lock."""
    escrow_bucket: str = "sallyport-escrow"
    """Sealed secret halves, without lock."""
    region: str = "us-east-1"
    """As the S3 server names it."""
    secure: bool = True
    """TLS to the S3 server."""
    ca_file: Path | None = None
    """PEM: authorities besides the system's, for the S3 server."""
    access_key: SecretStr = SecretStr("")
    """Of the S3 server."""
    secret_key: SecretStr = SecretStr("")
    """Of the S3 server."""
    lock_days: int = Field(default=30, ge=1)
    """The first, short lock of a sealed copy; housekeeping extends it while retention lasts."""
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


class ReviewSettings(Section):
    """Held mails while they wait for a reviewer (docs/held-mail.md)."""

    recipient: str = ""
    """age recipient (public) that held mails are sealed to for reviewers. Unset: none can be released."""
    identity: Path | None = None
    """The file that opens them: on the machines of the worker and the console, never on the relay's."""
    path: Path = Path("var/held")
    """The folder of held mails, where the store is local."""
    bucket: str = "sallyport-held"
    """Held mails, without lock."""


class WitnessSettings(Section):
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


class AuditSettings(Section):
    """The audit log's checkpoints (docs/audit.md). The worker signs them; the relay needs nothing of this."""

    origin: str = Field(default="", max_length=255, pattern=r"^[^\s+]*$")
    """The log's name, for ever; unset: relay.hostname and ``/audit``."""
    key: Path | None = None
    """The private key that signs checkpoints, as `sallyport audit key` makes it."""
    public_keys: tuple[str, ...] = ()
    """Public keys whose checkpoints are believed: the present one and those before it; unset: that of ``key``."""
    lock_years: int = Field(default=10, ge=1, le=100)
    """The lock of checkpoints."""
    checkpoint_seconds: int = Field(default=50, ge=1, le=60)
    """How often at most a checkpoint is signed, when something is new."""
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


class DisposalSettings(Section):
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
