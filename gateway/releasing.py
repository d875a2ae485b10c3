"""Before an urgent release leaves, the management team is told of it.

The policy: where confidentiality cannot be kept, officers "will need to inform and seek guidance and advice from the
Shared Lives Management Team". So the team is told first; a release of which it could not be told yet waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import NextHopUnavailable
from domain.outgoing import Notice
from domain.ports import Release

if TYPE_CHECKING:
    from domain.model import Address
    from gateway.delivering import Ledger
    from gateway.pipeline import Ports


def tell_management(ledger: Ledger, releases: tuple[Release, ...], ports: Ports) -> None:
    """One notice to each of the team for all releases of this mail. If none can be handed over, the releases wait."""
    if not releases:
        return
    assert ledger.message is not None  # noqa: S101 - parsed before anything is decided
    now = ports.clock.now()
    notices = ports.notices.compose_releases(ledger.message, ledger.envelope, releases, now)
    handed_over = [_handed_over(notice, ports) for notice in notices]
    if any(handed_over):
        ports.obligations.told(ledger.digest, ledger.envelope, now)
    else:
        _hold_back(ledger, {r.recipient for r in releases})


def _handed_over(notice: Notice, ports: Ports) -> bool:
    try:
        replies = ports.next_hop.deliver(notice)
    except NextHopUnavailable:
        return False
    return bool(replies) and all(r.delivered for r in replies)


def _hold_back(ledger: Ledger, recipients: set[Address]) -> None:
    """Their outcome stays TRY_AGAIN; the client keeps its copy and comes again."""
    ledger.outgoing = tuple(o for o in ledger.outgoing if not set(o.recipients) & recipients)
