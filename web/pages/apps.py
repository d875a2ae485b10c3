"""Django's handle on what all pages share."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.apps import AppConfig
from govuk_frontend_django.components import base
from jinja2 import Environment, PackageLoader, PrefixLoader, Template, select_autoescape


class PagesConfig(AppConfig):
    """The app."""

    name = "web.pages"
    label = "pages"

    def ready(self) -> None:
        """The components' templates are compiled once: the package compiles them at each use, 10 ms a button."""
        setattr(base, "Environment", _the_one)  # noqa: B010 - a class by its type, for which a function stands in


class _Compiled(Environment):
    """As the package sets it up."""

    @lru_cache(maxsize=64)  # noqa: B019 - there is one, for the life of the process
    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Template:  # type: ignore[override]
        """A component's template."""
        return super().from_string(source, *args, **kwargs)


_ENVIRONMENT = _Compiled(
    loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
    autoescape=select_autoescape(default_for_string=True),
)


def _the_one(**_: Any) -> Environment:
    return _ENVIRONMENT
