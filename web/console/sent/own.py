"""Which mail is somebody's own, and whom of the people in it they may see by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import Q

from domain.here import HERE
from domain.permission import PartyKind
from register.models import Party, Person, PersonName
from register.models.recorded import valid_on
from vault.sent import Since
from web import clock
from web.console.may import Who


@dataclass(frozen=True, slots=True)
class Own:
    """``senders`` are the mailboxes that are theirs, each from a time on; ``officers`` they and their team."""

    senders: Since
    officers: frozenset[int]


def own(who: Who) -> Own:
    """By the account's address, and by the register's mailbox of the officer that the account is joined to.

    A mailbox that was somebody else's before counts from the day on which the register says that it is theirs.
    """
    about = Q(code=who.officer) if who.officer else Q(email=who.email)
    party = Party.objects.filter(about, kind=PartyKind.OFFICER.value).first()
    senders: dict[str, datetime | None] = {who.email: None}
    if party is None:
        return Own(senders, frozenset())
    senders[party.email] = (
        datetime.combine(party.email_from, time(), tzinfo=HERE) if party.email_from is not None else None
    )
    return Own(senders, _colleagues(party))


def _colleagues(party: Party) -> frozenset[int]:
    """They and their team; nobody once their post has ended."""
    serving = Party.objects.filter(valid_on(clock.now().astimezone(HERE).date()), kind=PartyKind.OFFICER.value)
    if not serving.filter(pk=party.pk).exists():
        return frozenset()
    team = Party.objects.filter(team=party.team, kind=PartyKind.OFFICER.value) if party.team_id else serving.none()
    return frozenset({party.pk, *team.values_list("pk", flat=True)})


def named(of: Own, refs: Collection[str]) -> Mapping[str, str]:
    """Names and council IDs of those whom they or their team look after. Others are not named: two questions."""
    people = {p.ref: p for p in Person.objects.filter(ref__in=refs, officer__in=of.officers)}
    names = dict(
        PersonName.objects.filter(person__in=people.values(), main=True)
        .values_list("person__ref", "name")
        .order_by("pk")
    )
    return {ref: f"{names.get(ref, '')} ({p.council_id})".strip() for ref, p in people.items()}


def about(known: Mapping[str, str], refs: Collection[str]) -> str:
    """Whom a mail is about, in words: names where they may be seen, and how many others."""
    told = sorted(known[ref] for ref in refs if ref in known)
    others = len(refs) - len(told)
    if others:
        whom = "1 person" if others == 1 else f"{others} people"
        told.append(f"{whom} not on your team's caseload")
    return "; ".join(told) or "nobody in the register"
