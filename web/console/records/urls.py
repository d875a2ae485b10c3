"""Paths of the records officer's pages."""

from __future__ import annotations

from django.urls import path

from web.console.records import carrying_out, disposal, front, holds, inspectors, requests, retention

urlpatterns = [
    path("", front.front, name="records"),
    path("requests/", requests.requests, name="requests"),
    path("requests/open/", requests.open_, name="request-open"),
    path("requests/<int:number>/", requests.one, name="request"),
    path("requests/<int:number>/question/", requests.question, name="request-question"),
    path("requests/<int:number>/answer/", requests.answer, name="request-answer"),
    path("requests/<int:number>/extend/", requests.extend, name="request-extend"),
    path("requests/<int:number>/close/", requests.close, name="request-close"),
    path("retention/", retention.due, name="retention"),
    path("holds/", holds.holds, name="holds"),
    path("holds/new/", holds.new, name="hold-new"),
    path("holds/<str:hold>/", holds.one, name="hold"),
    path("holds/<str:hold>/ask/", holds.ask_to_lift, name="hold-ask"),
    path("holds/<str:hold>/lift/", holds.lift, name="hold-lift"),
    path("inspectors/", inspectors.accesses, name="inspectors"),
    path("inspectors/grant/", inspectors.grant, name="inspector-grant"),
    path("inspectors/<int:number>/", inspectors.one, name="inspector"),
    path("inspectors/<int:number>/end/", inspectors.end, name="inspector-end"),
    path("disposal/", disposal.proposals, name="disposals"),
    path("disposal/propose/", disposal.propose, name="disposal-propose"),
    path("disposal/certificates/<str:ident>/", disposal.certificate, name="certificate"),
    path("disposal/<str:batch>/", disposal.one, name="disposal"),
    path("disposal/<str:batch>/approve/", disposal.approve, name="disposal-approve"),
    path("disposal/<str:batch>/execute/", carrying_out.execute, name="disposal-execute"),
    path("disposal/<str:batch>/progress/", carrying_out.progress, name="disposal-progress"),
    path("disposal/<str:batch>/<int:number>/keep/", disposal.keep, name="disposal-keep"),
]
