"""Which mailboxes are somebody's, by the register: what was sent from them is theirs, by whatever account."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q

from domain.permission import PartyKind
from register.models import EarlierMailbox, Party
from web.console.may import Who


def with_mailboxes(who: Who) -> Who:
    """With those that are theirs and that were: what they sent before a mailbox changed stays theirs."""
    about = Q(code=who.officer) if who.officer else Q(email=who.email)
    officers = Party.objects.filter(about, kind=PartyKind.OFFICER.value)
    earlier = EarlierMailbox.objects.filter(party__in=officers)
    return replace(
        who,
        mailboxes=frozenset(officers.values_list("email", flat=True).union(earlier.values_list("email", flat=True))),
    )
