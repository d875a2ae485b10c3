"""Paths of the records officer's pages."""

from __future__ import annotations

from django.urls import path

from web.console.records import carrying_out, disposal, front, holds, inspectors, requests, retention
from web.console.records.answer import collecting, handing_over, previewing, reviewing

urlpatterns = [
    path("", front.front, name="records"),
    path("requests/", requests.requests, name="requests"),
    path("requests/open/", requests.open_, name="request-open"),
    path("requests/<int:number>/", requests.one, name="request"),
    path("requests/<int:number>/question/", requests.question, name="request-question"),
    path("requests/<int:number>/answer/", requests.answer, name="request-answer"),
    path("requests/<int:number>/extend/", requests.extend, name="request-extend"),
    path("requests/<int:number>/close/", requests.close, name="request-close"),
    path("requests/<int:number>/collect/", collecting.collect, name="request-collect"),
    path("requests/<int:number>/collecting/", collecting.collecting, name="request-collecting"),
    path("requests/<int:number>/review/", reviewing.review, name="request-review"),
    path("requests/<int:number>/review/open/", reviewing.start, name="request-review-open"),
    path("requests/<int:number>/review/<str:name>/", reviewing.document, name="request-document"),
    path("requests/<int:number>/review/<str:name>/<int:page>/", reviewing.picture, name="request-document-page"),
    path("requests/<int:number>/preview/", previewing.preview, name="request-preview"),
    path("requests/<int:number>/preview/make/", previewing.make, name="request-preview-make"),
    path("requests/<int:number>/preview/<int:entry>/<int:page>/", previewing.picture, name="request-preview-page"),
    path("requests/<int:number>/seal/", handing_over.seal, name="request-seal"),
    path("requests/<int:number>/sealed/", handing_over.sealed, name="request-sealed"),
    path("requests/<int:number>/sealed/agree/", handing_over.agree, name="request-agree"),
    path("requests/<int:number>/sealed/back/", handing_over.take_back, name="request-back"),
    path("requests/<int:number>/sealed/file/", handing_over.file, name="request-file"),
    path("requests/<int:number>/sent/", handing_over.sent, name="request-sent"),
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
