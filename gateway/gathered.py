"""The notice for many: what was stopped beyond the notices that a sender gets at once (``vault/notice_book.py``).

As all notices: our own words to our own people, from the null sender, automatic (RFC 3834). The recipients' addresses
and the policy's words are in it, and no word of any mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.here import HERE
from domain.model import Address
from domain.outgoing import Notice, Untold
from gateway.letters import Letterhead, always_the_same, last_words, many

_MOST = 100
"""Lines of one notice; the rest are counted."""
_DANGER = "If someone may be in danger, do not wait: speak to the Shared Lives Management Team{reach}."
Mail = tuple[datetime, Sequence[Untold]]


@dataclass(frozen=True, slots=True)
class GatheredNotice:
    """``letterhead`` is whose it is; ``phone`` and ``console`` may be empty."""

    letterhead: Letterhead
    phone: str
    hostname: str
    console: str = ""

    def compose(self, to: Address, mails: Sequence[Mail], now: datetime) -> Notice:
        """One mail to one sender. The same mails are the same Message-ID, so that a repeat is seen as one."""
        number = "1 more mail" if len(mails) == 1 else f"{len(mails)} more mails"
        opening = f"{number} of yours could not be sent to everyone. So many came that you are told of them together."
        lines = [_line(at, untold) for at, several in mails for untold in several]
        fixes = dict.fromkeys(u.fix for _, several in mails for u in several if u.fix)
        closing = [
            *(f"What to do: {fix}" for fix in fixes),
            *last_words(self.letterhead, _DANGER, self.phone, self.console),
        ]
        seed = "\0".join([to.key, *(f"{at.isoformat()}{u.recipient}" for at, several in mails for u in several)])
        ident = always_the_same("gathered", seed, self.hostname)
        letter = many(f"Not sent: {number}", opening, lines, closing, ident, _MOST)
        return self.letterhead.to(to, letter, now)


def _line(at: datetime, untold: Untold) -> str:
    return f"{at.astimezone(HERE):%d %B, %H:%M}, to {untold.recipient}: {untold.what}. {untold.why}."
