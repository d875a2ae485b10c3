"""Whom a form is likely to name: carers at home and who stands in, the person's own circle, who was named before."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from register import models as m
from register.models.recorded import valid_on
from web import clock


def likely(person: m.Person, named: Collection[str]) -> list[tuple[str, str]]:
    """Code and words of each, without those who are named already and the person themselves."""
    day = clock.now().date()
    homes = m.Placement.objects.filter(valid_on(day), person=person).values("household")
    support = m.Support.objects.filter(valid_on(day), household__in=homes).values("party")
    before = m.Grant.objects.filter(permission__person=person)
    around = Q(kind="carer", household__in=homes) | Q(pk__in=support) | (Q(person=person) & ~Q(kind="person"))
    parties = m.Party.objects.filter(valid_on(day)).filter(around | Q(pk__in=before.values("party")))
    firms = m.Organisation.objects.filter(pk__in=before.values("organisation"))
    found = [(p.code, f"{p.name}, {p.role or p.kind}") for p in parties.distinct().order_by("kind", "name")]
    found += [(o.code, f"{o.name}, all of it") for o in firms.order_by("name")]
    return [(code, words) for code, words in found if code not in named]
