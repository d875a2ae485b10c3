"""Grants as rows and as rules see them; looked up by their link, asked anew each time. Raises ``VaultUnavailable``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from domain.errors import VaultUnavailable
from domain.model import Address, Category
from domain.permission import Circle
from domain.pickup import Ending, PickupGrant, Standing, standing
from domain.rules import Rules
from domain.tags import Concern
from vault import models
from vault.rows import reading

Ask = Callable[[Collection[str], Collection[Address], datetime], Circle]
"""What the register says of people and recipients at a time (``domain.ports.Register.circle``)."""
NOBODY = "nobody@invalid"
_NOBODY = models.PickupGrant(
    recipient=NOBODY, about=[["nobody", Category.MEDICAL.value]], until=datetime(9999, 1, 1, tzinfo=UTC)
)


def find(link: str) -> models.PickupGrant | None:
    """The grant of a link, whether it opens or not."""
    with reading(VaultUnavailable):
        return models.PickupGrant.objects.filter(link_sha256=hashlib.sha256(link.encode()).hexdigest()).first()


def stands(row: models.PickupGrant | None, ask: Ask, rules: Rules, now: datetime) -> Standing:
    """Whether it may be opened now. Of a link that is none as much is asked, so that it takes as long."""
    known = row or _NOBODY
    grant = as_rules_see_it(known)
    people = {person for person, _ in grant.about}
    found = standing(grant, ask(people, (grant.recipient,), now), rules, now)
    return found if row else Standing(Ending.EXPIRED)


def as_rules_see_it(row: models.PickupGrant) -> PickupGrant:
    """The row's facts."""
    return PickupGrant(
        recipient=Address.of(row.recipient),
        about=frozenset((person, Category(category)) for person, category in row.about),
        until=row.until,
        ended=_ending(row),
        concern=Concern(row.concern) if row.concern else None,
    )


def _ending(row: models.PickupGrant) -> Ending | None:
    """A copy that was destroyed opens no more, whatever else the row says."""
    if row.ended:
        return Ending(row.ended)
    return Ending.EXPIRED if row.destroyed_at else None
