"""Paths of the console."""

from __future__ import annotations

from django.urls import path

from web.console.start import start

urlpatterns = [
    path("", start, name="start"),
]
