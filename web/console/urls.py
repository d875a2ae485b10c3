"""Paths of the console."""

from __future__ import annotations

from django.urls import include, path

from web.console.held import one, queue, settling
from web.console.start.page import start

urlpatterns = [
    path("", start, name="start"),
    path("inspection/", include("web.console.inspection.urls")),
    path("operations/", include("web.console.operations.urls")),
    path("records/", include("web.console.records.urls")),
    path("sent/", include("web.console.sent.urls")),
    path("held/", queue.queue, name="held"),
    path("held/<int:number>/", one.one, name="held-mail"),
    path("held/<int:number>/page/<str:part>/<int:page>/", one.picture, name="held-picture"),
    path("held/<int:number>/release/", settling.release, name="held-release"),
    path("held/<int:number>/redirect/", settling.redirect, name="held-redirect"),
    path("held/<int:number>/return/", settling.back, name="held-return"),
    path("held/<int:number>/reject/", settling.reject, name="held-reject"),
    path("held/<int:number>/agree/", settling.agree, name="held-agree"),
    path("held/<int:number>/disagree/", settling.disagree, name="held-disagree"),
    path("leaving/", include("web.console.leaving.urls")),
    path("register/", include("web.console.register.urls")),
    path("", include("web.console.breach.urls")),
]
