"""Django's handle on the register."""

from __future__ import annotations

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """The app."""

    name = "register"
    verbose_name = "Register"

    def ready(self) -> None:
        """Connect the change feed."""
        from register import changes  # noqa: F401, PLC0415 - models exist only now
