"""Every path that is answered over HTTP: the API below /api, the pages for the council's people above."""

from __future__ import annotations

from django.urls import include, path

from web.api.application import api
from web.api.docs import asset

urlpatterns = [
    path("api/docs/assets/<str:name>", asset),
    path("api/", api.urls),
    path("sign-in/", include("web.accounts.urls")),
    path("", include("web.console.urls")),
]
handler400 = "web.handlers.bad_request"
handler403 = "web.handlers.forbidden"
handler404 = "web.handlers.not_found"
handler500 = "web.handlers.broken"
