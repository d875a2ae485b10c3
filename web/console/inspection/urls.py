"""Paths of an inspector's pages."""

from __future__ import annotations

from django.urls import path

from web.console.inspection import views

urlpatterns = [
    path("", views.people, name="inspection"),
    path("<str:ref>/", views.records, name="inspection-records"),
    path("<str:ref>/permissions/", views.permissions, name="inspection-permissions"),
    path("<str:ref>/timeline/", views.timeline, name="inspection-timeline"),
]
