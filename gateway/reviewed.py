"""What a reviewer ruled on a held mail is carried out: the mail is decided anew, now, and leaves if it may.

The same pipeline, with the same journal: it leaves once, protected, filed and recorded as any other, and byte for byte
as it came inside its protection. What changed since it was held counts: permission withdrawn meanwhile holds it again.
Run by ``sallyport worker``, which alone has the reviewers' identity beside the console; the relay never opens a copy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from domain.errors import TryAgain
from domain.outgoing import Fate
from domain.ruling import Ruling
from gateway.delivering import REFUSED
from gateway.pipeline import process

if TYPE_CHECKING:
    from gateway.pipeline import Ports
    from vault.held.copy import Copy


class Result(Enum):
    """What became of a release."""

    SENT = "sent"
    HELD_AGAIN = "held again"
    FORBIDDEN = "refused by the rules"
    NOT_TAKEN = "the mail system on the way refused it, and the sender was told"
    LATER = "not now"


@dataclass(frozen=True, slots=True)
class Released:
    """The result, and its detail: the next hop's reply code, for example."""

    result: Result
    detail: str = ""


_RESULTS = {Fate.DELIVERED: Result.SENT, Fate.HELD: Result.HELD_AGAIN, Fate.TOLD: Result.NOT_TAKEN}


def release(copy: Copy, ruling: Ruling, ports: Ports) -> Released:
    """Decide the mail anew for the one recipient of the ruling. Total: whatever fails is LATER, and can be repeated."""
    envelope = replace(copy.envelope, recipients=(ruling.recipient,))
    try:
        (outcome,) = process(envelope, copy.raw, ports, {ruling.recipient: ruling})
    except TryAgain:
        return Released(Result.LATER)
    if outcome.fate is Fate.TOLD and not outcome.detail.startswith(REFUSED):
        return Released(Result.FORBIDDEN)
    return Released(_RESULTS.get(outcome.fate, Result.LATER), outcome.detail)
