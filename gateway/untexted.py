"""The mail to an officer whose recipient cannot open what came: the text message they need was not taken.

As all notices: our own words to our own people, from the null sender, automatic (RFC 3834). The recipients' addresses
are in it, and no number, no password and no word of any mail.
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
"""Lines of one mail; the rest are counted."""
_WHAT_TO_DO = (
    "Please ring them: they may wait for something urgent. Check the mobile number that the office has of them. Never "
    "tell a password or a code to somebody who rings you, and never write one in a mail."
)
_DANGER = "If someone may be in danger, do not wait: speak to the Shared Lives Management Team{reach}."


class Untexted(NamedTuple):
    """One text message. ``is_code``: asked for at the pick-up; else the password of a mail that left ``at``."""

    recipient: str
    at: datetime
    is_code: bool


@dataclass(frozen=True, slots=True)
class UntextedMail:
    """``letterhead`` is whose it is; ``phone`` and ``console`` may be empty."""

    letterhead: Letterhead
    phone: str
    hostname: str
    console: str = ""

    def compose(self, to: Address, several: Sequence[Untexted], now: datetime) -> Notice:
        """One mail to one officer. The same texts are the same Message-ID, so that a repeat is seen as one."""
        number = "1 text message" if len(several) == 1 else f"{len(several)} text messages"
        opening = f"{number} could not be sent, so somebody cannot open what you sent them."
        again = (
            [] if all(one.is_code for one in several) else ["A password is tried again by itself until it is taken."]
        )
        closing = [_WHAT_TO_DO, *again, *last_words(self.letterhead, _DANGER, self.phone, self.console)]
        seed = "\0".join([to.key, *(f"{one.recipient}{one.at.isoformat()}" for one in several)])
        ident = always_the_same("untexted", seed, self.hostname)
        letter = many(f"Not readable yet: {number} not sent", opening, [*map(_line, several)], closing, ident, _MOST)
        return self.letterhead.to(to, letter, now)


def _line(one: Untexted) -> str:
    at = f"{one.at.astimezone(HERE):%d %B, %H:%M}"
    if one.is_code:
        return f"{one.recipient} asked for a code on {at}, to pick your mail up, and did not get it"
    return f"{one.recipient} has your mail of {at}, and not the password of its PDF"
