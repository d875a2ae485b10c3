"""The digest of warnings: mails that left, and whose addresses their officer should look at once more.

As all notices: our own words to our own people, from the null sender, automatic (RFC 3834). The recipients' addresses
are in it, and no word of any mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.here import HERE
from domain.model import Address
from domain.outgoing import Notice
from gateway.letters import Letterhead, always_the_same, last_words, many

_MOST = 50
"""Lines of one digest; the rest are counted."""
_WRONG = "If something went to the wrong person, tell the Shared Lives office now{reach}: there are 72 hours."


class Warned(NamedTuple):
    """One mail that left. ``instead`` is a known address that may have been meant, or empty."""

    recipient: str
    at: datetime
    why: str
    fix: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class WarningDigest:
    """``letterhead`` is whose it is; ``phone`` and ``console`` may be empty."""

    letterhead: Letterhead
    phone: str
    hostname: str
    console: str = ""

    def compose(self, to: Address, warnings: Sequence[Warned], now: datetime) -> Notice:
        """One mail to one officer. The same warnings are the same Message-ID, so that a repeat is seen as one."""
        number = "1 address" if len(warnings) == 1 else f"{len(warnings)} addresses"
        opening = f"Your mail went to {number} that you may want to check. It has been sent; nothing is held."
        lines = [_line(w) for w in warnings]
        advice = list(dict.fromkeys(w.fix for w in warnings if w.fix))
        closing = [*advice, *last_words(self.letterhead, _WRONG, self.phone, self.console)]
        seed = "\0".join([to.key, *(f"{w.recipient}{w.at.isoformat()}" for w in warnings)])
        ident = always_the_same("warned", seed, self.hostname)
        letter = many(f"Please check: {number} that you wrote to", opening, lines, closing, ident, _MOST)
        return self.letterhead.to(to, letter, now)


def _line(w: Warned) -> str:
    meant = f" Did you mean {w.instead}?" if w.instead else ""
    return f"{w.recipient}, {w.at.astimezone(HERE):%d %B, %H:%M}: {w.why}.{meant}"
