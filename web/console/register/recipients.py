"""Whom somebody means who types a name or an id: a party or an organisation of the register."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Q

from register import models as m

_TOLD = 5


def recipient_of(typed: str) -> m.Party | m.Organisation:
    """By id or whole name, in any case. Raises ``ValidationError`` that names some where there are several."""
    words = typed.strip()
    for wanted in (Q(code__iexact=words), Q(name__iexact=words)):
        several: list[m.Party | m.Organisation] = [*m.Party.objects.filter(wanted)[: _TOLD + 1]]
        several += m.Organisation.objects.filter(wanted)[: _TOLD + 1]
        if several:
            break
    if len(several) == 1:
        return several[0]
    if not several:
        raise ValidationError("Nobody in the register has this name or id. Look for them under Register first.")
    codes = ", ".join(row.code for row in several[:_TOLD])
    raise ValidationError(f"Several have this name. Type the id: {codes}.")
