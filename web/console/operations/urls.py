"""Paths of operations."""

from __future__ import annotations

from django.urls import path

from web.console.operations.views import operations

urlpatterns = [path("", operations, name="operations")]
