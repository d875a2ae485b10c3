"""Django's handle on accounts."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app."""

    name = "web.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Signing in and out goes to the audit trail."""
        from web.accounts import trail  # noqa: PLC0415 - models are ready now

        trail.listen()
