"""Whose records are whose to see and to change. Asked by every view of these pages, for each thing by itself.

An officer sees and changes those whom they look after and, since officers stand in for each other, those of their team;
and whoever is around these people. The records officer keeps the whole register. Reviewers and the breach team see it.
What is not theirs is as if it were not there (404).
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from domain.here import HERE
from domain.permission import PartyKind
from register import models as m
from register.models.recorded import valid_on
from web import clock
from web.accounts.roles import Role
from web.console.doors import who
from web.console.may import CHANGES_EVERYBODY, SEES_EVERYBODY, Who

_OF_ALL = (PartyKind.OFFICER.value, PartyKind.PROFESSIONAL.value)
"""Named for their work: any officer may need them for a form."""


def people(whoever: Who, *, change: bool = False) -> QuerySet[Any]:
    """Those whom they may see, or change."""
    every = m.Person.objects.all()
    if whoever.roles & (CHANGES_EVERYBODY if change else SEES_EVERYBODY):
        return every
    officer = _officer(whoever)
    if officer is None:
        return every.none()
    theirs = Q(officer=officer) | Q(officer__team=officer.team_id) if officer.team_id else Q(officer=officer)
    return every.filter(theirs)


def _officer(whoever: Who) -> Any:
    if Role.OFFICER not in whoever.roles or not whoever.officer:
        return None
    today = clock.now().astimezone(HERE).date()
    serving = m.Party.objects.filter(valid_on(today), code=whoever.officer, kind=PartyKind.OFFICER.value)
    return serving.first()


def officers(whoever: Who) -> QuerySet[Any]:
    """Whose people they may add: everybody's, or their own and their team's."""
    every = m.Party.objects.filter(kind=PartyKind.OFFICER.value)
    if whoever.roles & CHANGES_EVERYBODY:
        return every
    own = _officer(whoever)
    if own is None:
        return every.none()
    return every.filter(Q(pk=own.pk) | Q(team=own.team_id) if own.team_id else Q(pk=own.pk))


def parties(whoever: Who, *, change: bool = False) -> QuerySet[Any]:
    """Those with a mailbox whom they may see: all at work, and who is around their people; or change: the latter."""
    every = m.Party.objects.all()
    if whoever.roles & (CHANGES_EVERYBODY if change else SEES_EVERYBODY):
        return every
    theirs = people(whoever, change=change)
    homes = m.Placement.objects.filter(person__in=theirs).values("household")
    carers = Q(household__in=homes) | Q(earlier_households__household__in=homes) | Q(supports__household__in=homes)
    around = Q(person__in=theirs) | Q(kind=PartyKind.CARER.value) & carers
    found = every.filter(around if change else around | Q(kind__in=_OF_ALL))
    return every.filter(pk__in=found.values("pk"))


def person(request: HttpRequest, ref: str, *, change: bool = False) -> m.Person:
    """Raises ``Http404`` also for one who is not theirs to see."""
    found: m.Person = _one(people(who(request), change=change).select_related("officer"), ref=ref)
    return found


def party(request: HttpRequest, key: int, *, change: bool = False) -> m.Party:
    """Raises ``Http404`` also for one who is not theirs to see."""
    rows = parties(who(request), change=change)
    found: m.Party = _one(rows.select_related("household", "team", "organisation", "person"), pk=key)
    return found


def may_send_to_live_or_help(whoever: Who, code: str) -> bool:
    """Whether they may let a carer live or stand in at this household: theirs live there, or nobody does.

    Whoever is a carer there is told about those who live there, so it is a change about these.
    """
    today = clock.now().astimezone(HERE).date()
    there = m.Placement.objects.filter(Q(ends=None) | Q(ends__gte=today), household__code=code)
    return not there.exists() or there.filter(person__in=people(whoever, change=True)).exists()


def permission(request: HttpRequest, key: int, *, change: bool = False) -> m.Permission:
    """Raises ``Http404`` also for one of somebody who is not theirs to see."""
    theirs = people(who(request), change=change)
    found: m.Permission = _one(m.Permission.objects.filter(person__in=theirs).select_related("person"), pk=key)
    return found


def _one(rows: QuerySet[Any], **key: object) -> Any:
    found = rows.filter(**key).first()
    if found is None:
        raise Http404
    return found
