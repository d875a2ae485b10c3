"""Paths of an officer's own sent mail."""

from __future__ import annotations

from django.urls import path

from web.console.sent import confirming, pickups, views

urlpatterns = [
    path("", views.mails, name="sent"),
    path("<str:record>/", views.mail, name="sent-mail"),
    path("<str:record>/right/", confirming.right, name="sent-right"),
    path("<str:record>/instead/", confirming.instead, name="sent-instead"),
    path("<str:record>/ask/<int:number>/", views.ask, name="sent-ask"),
    path("<str:record>/pick-up/<str:grant>/close/", pickups.revoke, name="sent-revoke"),
    path("<str:record>/pick-up/<str:grant>/again/", pickups.resend, name="sent-resend"),
    path("<str:record>/pick-up/<str:grant>/code/", pickups.code, name="sent-code"),
]
