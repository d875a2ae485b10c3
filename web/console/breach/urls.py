"""Paths of the breach team's pages."""

from __future__ import annotations

from django.urls import path

from web.console.breach import incidents, kept, record, searching
from web.console.breach.bundle import bundle
from web.console.breach.containing import CONTAINING
from web.console.breach.steps import STEPS, view

urlpatterns = [
    path("search/", searching.search, name="search"),
    path("search/kept/", kept.kept, name="search-kept"),
    path("search/keep/", kept.keep, name="search-keep"),
    path("search/kept/<str:search>/", kept.finds, name="search-finds"),
    path("search/kept/<str:search>/forget/", kept.forget, name="search-forget"),
    path("search/mail/<str:ident>/", record.record, name="search-record"),
    path("incidents/", incidents.listed, name="incident"),
    path("incidents/register.csv", incidents.table, name="incident-table"),
    path("incidents/open/", incidents.opening, name="incident-open"),
    path("incidents/<str:reference>/", incidents.one, name="incident-one"),
    path("incidents/<str:reference>/evidence/", bundle, name="incident-bundle"),
    *(
        path(f"incidents/<str:reference>/{step.name}/", view(step), name=f"incident-{step.name}")
        for step in (*CONTAINING, *STEPS)
    ),
]
