"""Subject access requests that are open: what somebody has asked for is not destroyed before they have their answer.

Erasing it then may be an offence (Data Protection Act 2018 s.173), and the answer would be another than the one that
the person had a right to when they asked (UK GDPR Art. 15).
"""

from __future__ import annotations

from django.db.models import Q

from vault.models import AccessDecision, AccessRequest, VaultSubject


def is_asked_for() -> Q:
    """A condition on records: about somebody whose request is open, or a document of theirs is part of one."""
    open_now = AccessRequest.objects.filter(finished_on=None)
    people = open_now.values("person")
    return Q(pk__in=VaultSubject.objects.filter(person__in=people).values("record")) | Q(
        pk__in=AccessDecision.objects.filter(request__in=open_now.values("pk")).values("record")
    )


def has_asked(person: str) -> bool:
    """Whether a request of this person is open."""
    return AccessRequest.objects.filter(person=person, finished_on=None).exists()
