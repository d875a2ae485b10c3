"""Django's handle on the console."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The app."""

    name = "web.console"
    label = "console"
