"""Settings of the pages for the council's own people, and of how they sign in."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from config.sections.section import Section

_OF_EVERYBODY = ("/common", "/organizations", "/consumers")


class ConsoleSettings(Section):
    """The pages for officers, reviewers and the others (docs/console.md). They are served where the API is: [web]."""

    url: str = ""
    """Where people reach them, as https://sallyport.council.example; stands in links. Unset: where [web] listens."""
    secret_key: Path = Path("office/pages.key")
    """A file that signs sessions' cookies and links; `sallyport setup` makes it. All processes with pages share it."""
    idle_minutes: int = Field(default=30, ge=1, le=24 * 60)
    """After how long without a click somebody has to sign in again."""
    session_hours: int = Field(default=10, ge=1, le=24)
    """After how long they have to in any case."""
    sudo_minutes: int = Field(default=10, ge=1, le=60)
    """How long it counts that somebody has shown who they are, for what is dangerous."""

    @field_validator("url")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/]+", value.rstrip("/")):
            raise ValueError("it must be written as https://sallyport.council.example, without a path")
        return value.rstrip("/")

    @property
    def idle(self) -> timedelta:
        """As a length of time."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def longest(self) -> timedelta:
        """As a length of time."""
        return timedelta(hours=self.session_hours)

    @property
    def sudo(self) -> timedelta:
        """As a length of time."""
        return timedelta(minutes=self.sudo_minutes)


class KeyholderSettings(Section):
    """What `sallyport keyholder` does for the pages, which have no key that opens a filed mail (docs/keyholder.md)."""

    looks_an_hour: int = Field(default=30, ge=1, le=1_000)
    """How many filed mails one person may look at within an hour."""
    looks_an_hour_all: int = Field(default=100, ge=1, le=10_000)
    """The same for everybody together: what whoever broke into the pages could have at most."""
    collections_a_day: int = Field(default=10, ge=1, le=1_000)
    """For how many requests for access everything is opened within a day, by everybody together."""
    answers_take_two: bool = True
    """Whether a second records officer looks at the answer to a request for access, and agrees, before it is sealed."""


class SignInSettings(Section):
    """How people sign in (docs/console.md): with an account of our own, or with the council's (OpenID Connect)."""

    passwords: bool = True
    """Whether accounts of our own, with a password and a second factor, may sign in."""
    invitation_hours: int = Field(default=72, ge=1, le=14 * 24)
    """How long the link that makes somebody's password lives."""
    failures: int = Field(default=5, ge=2, le=20)
    """Wrong passwords for one account from one address, until it is locked."""
    lock_minutes: int = Field(default=15, ge=1)
    """How long it is locked."""
    oidc_issuer: str = ""
    """Microsoft Entra ID: https://login.microsoftonline.com/TENANT/v2.0, with the council's own tenant. Unset: none."""
    oidc_client_id: str = ""
    """As registered there. Register [console] url and then /sign-in/oidc/council/login/callback/ as where to answer."""
    oidc_client_secret: SecretStr = SecretStr("")
    """As registered there."""
    oidc_name: str = "your council account"
    """On the button: Sign in with ..."""
    oidc_second_factor: bool = False
    """Whether the provider asks each of our people for a second factor. Otherwise they set one up here, too."""

    @field_validator("oidc_issuer")
    @classmethod
    def _is_one_tenant(cls, value: str) -> str:
        """Others' tenants may put any e-mail address into their tokens."""
        if value and not re.fullmatch(r"https?://[^\s?#]+", value):
            raise ValueError("it must be written as https://login.microsoftonline.com/TENANT/v2.0")
        if any(part in value for part in _OF_EVERYBODY):
            raise ValueError("name the council's own tenant: with this one, anybody's tenant could sign people in")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _some_way_in(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError("oidc_issuer needs oidc_client_id and oidc_client_secret")
        if not self.passwords and not self.oidc_issuer:
            raise ValueError("nobody could sign in: set oidc_issuer, or passwords = true")
        return self
