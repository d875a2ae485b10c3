"""Before an urgent release leaves, the management team is told of it.

The policy: where confidentiality cannot be kept, officers "will need to inform and seek guidance and advice from the
Shared Lives Management Team". So the team is told first; a release of which it could not be told yet waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.ports import Release
from gateway.letters import Told, hand_over

if TYPE_CHECKING:
    from domain.model import Address
    from gateway.delivering import Ledger
    from gateway.pipeline import Ports


def tell_management(ledger: Ledger, releases: tuple[Release, ...], ports: Ports) -> None:
    """One notice to each of the team for all releases of this mail. If none can be handed over, the releases wait.

    Where every one of their mailboxes refuses for good, waiting would help nobody: the mail leaves, protected and on
    record, and the reviews show that the team was not told.
    """
    if not releases:
        return
    assert ledger.message is not None  # noqa: S101 - parsed before anything is decided
    now = ports.clock.now()
    notices = ports.notices.compose_releases(ledger.message, ledger.envelope, releases, now)
    told = [hand_over(notice, ports.next_hop) for notice in notices]
    if Told.YES in told:
        ports.obligations.told(ledger.digest, ledger.envelope, now)
    elif Told.LATER in told:
        _hold_back(ledger, {r.recipient for r in releases})


def _hold_back(ledger: Ledger, recipients: set[Address]) -> None:
    """Their outcome stays TRY_AGAIN; the client keeps its copy and comes again."""
    ledger.outgoing = tuple(o for o in ledger.outgoing if not set(o.recipients) & recipients)
