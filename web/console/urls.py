"""Paths of the console."""

from __future__ import annotations

from django.urls import include, path

from web.console.start import start

urlpatterns = [
    path("", start, name="start"),
    path("sent/", include("web.console.sent.urls")),
]
