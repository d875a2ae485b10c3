"""Every path that is answered over HTTP."""

from __future__ import annotations

from django.urls import path

from web.api.application import api
from web.api.docs import asset

urlpatterns = [
    path("api/docs/assets/<str:name>", asset),
    path("api/", api.urls),
]
handler400 = "web.api.problems.bad_request"
handler404 = "web.api.problems.not_found"
handler500 = "web.api.problems.broken"
