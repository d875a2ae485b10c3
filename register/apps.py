"""Django's handle on the register."""

from __future__ import annotations

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """The app."""

    name = "register"
    verbose_name = "Register"
