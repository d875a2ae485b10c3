"""What the guard against misdirected mail leaves to the clock: officers are told of warnings, old rows forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from config.settings import Settings

if TYPE_CHECKING:
    from gateway.warned import WarningDigest


def tell_of_warnings(settings: Settings, now: datetime) -> None:
    """A mail to each officer whose oldest warning waited long enough. Raises ``NextHopUnavailable`` if one waits."""
    from config import policy
    from domain.errors import NextHopUnavailable
    from gateway.bootstrap import build_next_hop
    from gateway.letters import Told, hand_over
    from gateway.warned import Warned
    from vault import correspondence

    due = correspondence.due(now, policy.load(settings.policy_file).guard.digest)
    if not due:
        return
    digest, hop, waiting = _digest(settings), build_next_hop(settings), 0
    try:
        for one in due:
            warned = [Warned(w.recipient, w.at, w.why, w.fix, w.instead) for w in one.warnings]
            if hand_over(digest.compose(one.sender, warned, now), hop) is Told.LATER:
                waiting += 1
            else:
                correspondence.told(one.warnings, now)
    finally:
        hop.close()
    if waiting:
        raise NextHopUnavailable("digests of warnings", waiting=waiting)


def forget_correspondence(settings: Settings, now: datetime) -> None:
    """Whom officers wrote to longer ago than the policy remembers."""
    from config import policy
    from vault import correspondence

    correspondence.forget(now - policy.load(settings.policy_file).guard.remember)


def _digest(settings: Settings) -> WarningDigest:
    from gateway.letters import Letterhead
    from gateway.warned import WarningDigest

    s = settings.service
    return WarningDigest(Letterhead(s.name, s.address), s.phone, settings.relay.hostname, settings.console.url)
