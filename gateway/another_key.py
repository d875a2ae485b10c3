"""The mail about keys that are not those that were known: people lose keys, and people are impersonated.

As all notices: our own words to our own people, from the null sender, automatic (RFC 3834). The address and the kind of
the key are in it, and no fingerprint: what is compared is what the console shows, not what a mail says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.here import HERE
from domain.model import Address
from domain.outgoing import Notice
from domain.seen_keys import KeySource
from gateway.letters import Letterhead, always_the_same, many

_MOST = 50
"""Lines of one mail; the rest are counted."""
_CAME = {
    KeySource.OPENPGP: "in a mail that was signed by it",
    KeySource.SMIME: "in a mail that was signed by it",
    KeySource.AUTOCRYPT: "in a line of a mail that anybody can write",
}


_WHAT_TO_DO = (
    "Either they have a new key, or somebody writes in their name. Ring them on a number that you knew before, "
    "not one from the mail, and ask them to read out the fingerprint of their key."
)


class AnotherKey(NamedTuple):
    """Whose it says it is, its kind, how it came, and when first."""

    address: str
    method: str
    source: KeySource
    at: datetime


@dataclass(frozen=True, slots=True)
class AnotherKeyMail:
    """``letterhead`` is whose it is; ``console`` may be empty."""

    letterhead: Letterhead
    hostname: str
    console: str = ""

    def compose(self, to: Address, keys: Sequence[AnotherKey], now: datetime) -> Notice:
        """One mail to one reader."""
        whose = sorted({key.address for key in keys})
        title = f"Another key came for {whose[0] if len(whose) == 1 else f'{len(whose)} addresses'}"
        opening = (
            "A mail from outside brought a key that is not the one that was known for its author. It is not used: "
            "nothing is encrypted to it, and mail to them leaves as before."
        )
        lines = [*map(_line, keys)]
        seed = "\0".join([to.key, now.isoformat(), *lines])
        ident = always_the_same("another-key", seed, self.hostname)
        return self.letterhead.to(to, many(title, opening, lines, self._closing(), ident, _MOST), now)

    def _closing(self) -> list[str]:
        where = f" in the console, under Register, Recipients\u2019 keys: {self.console}" if self.console else ""
        return [
            _WHAT_TO_DO,
            f"Then accept the key or dismiss it{where or ' with `sallyport keys accept` or `dismiss`'}.",
            f"{self.letterhead.service}. This is an automatic message, sent once a day at most about one address.",
        ]


def _line(key: AnotherKey) -> str:
    return (
        f"{key.address}: another key for {key.method}, {_CAME[key.source]}, on {key.at.astimezone(HERE):%d %B at %H:%M}"
    )
