"""What was shared with a carer about a person, as far as it is known here, and the links to it. Rows alone: no word.

Raises ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from domain.errors import VaultUnavailable
from domain.here import HERE
from domain.leaving import How, Shared
from vault import sent
from vault.models import AuditEvent, PickupGrant
from vault.rows import reading
from vault.sent import Became, Copy

_SAVED = ("pick-up document downloaded", "pick-up signed copy downloaded")
_SHOWN = ("pick-up message read", "pick-up document read", "pick-up page shown")


def shared(person: str, addresses: Collection[str]) -> tuple[Shared, ...]:
    """Every mail with something confidential about the person (a reference) that reached one of these (folded)."""
    found = []
    mails = [(mail, copy) for mail in sent.about(person) for copy in mail.copies]
    theirs = [(mail, copy) for mail, copy in mails if copy.decision.recipient.key in addresses]
    seen = _looks(grant for _, copy in theirs for grant in copy.pickups)
    for mail, copy in theirs:
        kinds = sorted({r.category.value for r in copy.decision.reasons if r.person == person and r.category})
        how = _how(copy, seen)
        if kinds and how is not None:
            found.append(Shared(mail.at.astimezone(HERE).date(), tuple(kinds), how))
    return tuple(found)


def links(person: str, addresses: Collection[str]) -> list[PickupGrant]:
    """Every link to something about the person that one of these was sent, whether it opens or not; oldest first."""
    with reading(VaultUnavailable):
        rows = list(PickupGrant.objects.filter(recipient__in=addresses).order_by("made_at", "pk"))
    return [row for row in rows if any(ref == person for ref, _ in row.about)]


def _looks(grants: Iterable[PickupGrant]) -> Mapping[str, set[str]]:
    """By grant, what was done with it."""
    known = {grant.id: grant.record for grant in grants}
    with reading(VaultUnavailable):
        events = AuditEvent.objects.filter(record__in=set(known.values()), action__in=(*_SAVED, *_SHOWN))
        done: dict[str, set[str]] = {}
        for action, details in events.values_list("action", "details"):
            done.setdefault(str(details.get("grant", "")), set()).add(action)
    return done


def _how(copy: Copy, seen: Mapping[str, set[str]]) -> How | None:
    """None for what never reached them."""
    if not copy.pickups:
        return How.MAIL if copy.became is Became.LEFT else None
    done = {action for grant in copy.pickups for action in seen.get(grant.id, ())}
    if done & set(_SAVED):
        return How.SAVED
    return How.SHOWN if done & set(_SHOWN) else How.UNREAD
