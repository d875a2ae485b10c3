"""Paths of the breach team's pages."""

from __future__ import annotations

from django.urls import path

from web.console.breach import evidence, incidents, kept, looking, record, searching
from web.console.breach.containing import CONTAINING
from web.console.breach.steps import STEPS, view

urlpatterns = [
    path("search/", searching.search, name="search"),
    path("search/kept/", kept.kept, name="search-kept"),
    path("search/keep/", kept.keep, name="search-keep"),
    path("search/kept/<str:search>/", kept.finds, name="search-finds"),
    path("search/kept/<str:search>/forget/", kept.forget, name="search-forget"),
    path("search/mail/<str:ident>/", record.record, name="search-record"),
    path("search/mail/<str:ident>/look/", looking.ask, name="search-look"),
    path("search/look/<str:errand>/", looking.seen, name="search-looked"),
    path("search/look/<str:errand>/page/<str:part>/<int:number>/", looking.picture, name="search-looked-page"),
    path("incidents/", incidents.listed, name="incident"),
    path("incidents/register.csv", incidents.table, name="incident-table"),
    path("incidents/open/", incidents.opening, name="incident-open"),
    path("incidents/<str:reference>/", incidents.one, name="incident-one"),
    path("incidents/<str:reference>/evidence/", evidence.bundle, name="incident-bundle"),
    path("incidents/evidence/<str:errand>/see/", evidence.one, name="evidence"),
    path("incidents/evidence/<str:errand>/agree/", evidence.agree, name="evidence-agree"),
    path("incidents/evidence/<str:errand>/back/", evidence.take_back, name="evidence-back"),
    path("incidents/evidence/<str:errand>/file/", evidence.file, name="evidence-file"),
    *(
        path(f"incidents/<str:reference>/{step.name}/", view(step), name=f"incident-{step.name}")
        for step in (*CONTAINING, *STEPS)
    ),
]
