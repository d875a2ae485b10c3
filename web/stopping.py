"""Mail to a recipient is stopped, or let go again: in the audit trail first, then in the register, in one name.

Command line and pages share it. Raises ``Impossible``, ``VaultUnavailable``.
"""

from __future__ import annotations

from domain.model import Address
from register.acting import acting
from register.recording import stops
from vault import looks
from vault.acting import Acting


def stop(address: Address, incident: str, who: Acting) -> bool:
    """From the return on whatever is sent to it is held. False where that is so already."""
    looks.note(who.event("recipient stopped", incident=incident, recipient=address.key))
    with acting(who.actor):
        return stops.stop(address, incident, who.now)


def let_go(address: Address, who: Acting) -> str:
    """Decided by the rules again; the incident for which it was stopped. ``who`` says why."""
    case = stops.stopped_among([address.key]).get(address.key, "")
    looks.note(who.event("recipient let go", incident=case, recipient=address.key))
    with acting(who.actor, who.why):
        return stops.let_go(address, who.why, who.now)
