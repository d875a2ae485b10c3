"""What became of a copy, in plain words, and what its officer can do."""

from __future__ import annotations

from domain.decision import Action, Method
from domain.pickup import Ending
from vault.models import PickupGrant
from vault.sent import Became, Copy

_PROTECTED = {
    Method.OPENPGP: "encrypted for them (OpenPGP)",
    Method.SMIME: "encrypted for them (S/MIME)",
    Method.PDF: "in a PDF with a password of theirs",
    Method.PICK_UP: "kept here; they open it with a link and a code",
}
_COLOUR = {
    Became.LEFT: "green",
    Became.WAITS: "blue",
    Became.CLOSED: "grey",
    Became.HELD: "yellow",
    Became.RETURNED: "orange",
    Became.REJECTED: "red",
    Became.REFUSED: "red",
    Became.AGAIN: "grey",
    Became.ELSEWHERE: "grey",
    Became.UNDER_WAY: "grey",
}


_ENDED = {Ending.REVOKED.value: "somebody of the council closed it"}
_NOT_LEFT = {Became.HELD, Became.RETURNED, Became.REJECTED, Became.REFUSED, Became.AGAIN, Became.ELSEWHERE}


def protected(copy: Copy) -> str:
    """How it was protected on its way; of what did not leave, that it did not."""
    if copy.became in _NOT_LEFT:
        return "it has not left"
    if copy.decision.action is Action.RELAY:
        return "sent as it is: nothing confidential was found"
    return _PROTECTED[copy.decision.method] if copy.decision.method else "it has not left"


def colour(became: Became) -> str:
    """Of the tag; the word in it says the same."""
    return _COLOUR[became]


def what_to_do(copy: Copy) -> str:
    """For a copy that did not leave; empty for one that did."""
    fixes = [r.fix for r in copy.decision.decisive if r.fix]
    if copy.became is Became.RETURNED:
        return copy.settled.note if copy.settled else "Read the mail that came back to you."
    if copy.became is Became.REJECTED:
        return (
            copy.settled.note if copy.settled and copy.settled.note else "Ask the reviewers before you send it again."
        )
    if copy.became is Became.AGAIN:
        return "You sent the same mail again; look at the newer one."
    if copy.became is Became.ELSEWHERE and copy.settled:
        return f"Nothing. It went to {copy.settled.to}, and not to this address."
    if copy.became in {Became.HELD, Became.REFUSED}:
        return " ".join(dict.fromkeys(fixes)) or "Ask the reviewers."
    return ""


def stands(grant: PickupGrant, *, is_open: bool, ending: str) -> str:
    """Whether a pick-up opens now."""
    ending = ending or grant.ended
    return "Open" if is_open else f"Closed: {_ENDED.get(ending, ending)}"
