"""Paths of the register's pages. No name is in an address: people go by their opaque reference."""

from __future__ import annotations

from django.urls import path

from web.console.register import (
    find,
    grounds,
    keys,
    organisations,
    parties,
    party_changes,
    people,
    permissions,
    person_changes,
    reviews,
    seen_keys,
    teams,
)
from web.console.register.adding import views as adding
from web.console.register.asking import signed
from web.console.register.asking import views as asking

urlpatterns = [
    path("", find.find, name="register"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<str:kind>/<int:key>/", reviews.settle, name="reviews-settle"),
    path("to-sign/", signed.listed, name="register-to-sign"),
    path("to-sign/<int:number>/", signed.one, name="register-to-sign-one"),
    path("to-sign/<int:number>/code/", signed.code, name="register-to-sign-code"),
    path("keys/", parties.keys, name="register-keys"),
    path("keys/seen/<int:key>/accept/", seen_keys.accept, name="register-key-accept"),
    path("keys/seen/<int:key>/dismiss/", seen_keys.dismiss, name="register-key-dismiss"),
    path("keys/add/", keys.add, name="register-key-add"),
    path("keys/<int:key>/out/", keys.take_out, name="register-key-out"),
    path("add/", adding.choose, name="register-add"),
    path("add/<str:kind>/check/", adding.check, name="register-add-check"),
    path("add/<str:kind>/<str:name>/", adding.step, name="register-add-step"),
    path("people/<str:ref>/", people.person, name="register-person"),
    path("people/<str:ref>/history/", people.history, name="register-person-history"),
    path("people/<str:ref>/change/<str:what>/", person_changes.change, name="register-person-change"),
    path("people/<str:ref>/grounds/<int:key>/end/", grounds.end, name="register-ground-end"),
    path("people/<str:ref>/permission/", asking.begin, name="register-asking"),
    path("people/<str:ref>/permission/whom/", asking.whom, name="register-asking-whom"),
    path("people/<str:ref>/permission/may-know/", asking.may_know, name="register-asking-may"),
    path("people/<str:ref>/permission/check/", asking.check, name="register-asking-check"),
    path("people/<str:ref>/permission/<str:name>/", asking.step, name="register-asking-step"),
    path("permissions/<int:key>/", permissions.permission, name="register-permission"),
    path("permissions/<int:key>/history/", permissions.history, name="register-permission-history"),
    path("permissions/<int:key>/lines/<int:line>/", permissions.change_line, name="register-line-change"),
    path("permissions/<int:key>/<str:what>/", permissions.change, name="register-permission-change"),
    path("parties/<int:key>/", parties.party, name="register-party"),
    path("parties/<int:key>/history/", parties.party_history, name="register-party-history"),
    path("parties/<int:key>/change/<str:what>/", party_changes.change, name="register-party-change"),
    path("organisations/<int:key>/", organisations.organisation, name="register-organisation"),
    path("organisations/<int:key>/history/", organisations.history, name="register-organisation-history"),
    path("organisations/<int:key>/change/", organisations.change, name="register-organisation-change"),
    path("organisations/<int:key>/regulator/", organisations.regulator, name="register-organisation-regulator"),
    path("teams/", teams.teams, name="register-teams"),
    path("teams/<int:key>/history/", teams.history, name="register-team-history"),
    path("teams/<int:key>/change/", teams.change, name="register-team-change"),
]
