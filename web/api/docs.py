"""``/api/docs``: the API's description as a page, with its scripts from here and from nowhere else."""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from web.api import problems

_SCRIPT = "text/javascript"
_ASSETS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": _SCRIPT, "swagger-ui-init.js": _SCRIPT}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><link rel="stylesheet" href="docs/assets/swagger-ui.css"></head>
<body>
<script type="application/json" id="swagger-settings">{settings}</script>
<main id="swagger-ui"></main>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/swagger-ui-init.js"></script>
</body>
</html>
"""


class Page(DocsBase):
    """Swagger UI, as django-ninja brings it."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 - ninja's
        """The page itself."""
        settings = json.dumps({"url": "openapi.json", "deepLinking": True, "layout": "BaseLayout"})
        return HttpResponse(
            _PAGE.format(title=escape(api.title), settings=settings), headers={"Content-Security-Policy": _POLICY}
        )


def asset(request: HttpRequest, name: str) -> HttpResponse:
    """One of the three files that the page needs."""
    if request.method not in {"GET", "HEAD"}:
        return problems.answer(405, "This address does not take that method.", {"Allow": "GET, HEAD"})
    if name not in _ASSETS:
        return problems.answer(404, "There is no such file.")
    data = files("ninja").joinpath("static", "ninja", name).read_bytes()
    return HttpResponse(data, content_type=_ASSETS[name], headers={"Cache-Control": "public, max-age=86400"})
