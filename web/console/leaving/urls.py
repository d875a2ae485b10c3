"""Paths of partings."""

from __future__ import annotations

from django.urls import path

from web.console.leaving import views

urlpatterns = [
    path("", views.partings, name="leaving"),
    path("<int:number>/", views.parting, name="leaving-one"),
    path("<int:number>/send/", views.ask, name="leaving-ask"),
    path("<int:number>/done/", views.done, name="leaving-done"),
    path("<int:number>/code/", views.code, name="leaving-code"),
]
