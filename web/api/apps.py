"""Django's handle on the API."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The app."""

    name = "web.api"
    label = "api"
    verbose_name = "API"
