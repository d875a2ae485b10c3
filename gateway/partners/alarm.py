"""The mail about partners whose mail servers cannot be reached as securely as they must be: mail for them waits.

As all notices: our own words to our own people, from the null sender, automatic (RFC 3834). Partners' domains are in
it, and nobody's address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.here import HERE
from domain.model import Address
from domain.outgoing import Notice
from gateway.letters import Letterhead, always_the_same, many

_MOST = 50
"""Lines of one mail; the rest are counted."""
_MEANS = {
    "certificate-expired": "its certificate has run out",
    "certificate-host-mismatch": "its certificate is for another name",
    "certificate-not-trusted": "its certificate is by nobody who is known",
    "starttls-not-supported": "it offers no encryption",
    "validation-failure": "encryption could not be agreed",
    "sts-policy-fetch-error": "its policy (MTA-STS) cannot be read",
    "sts-policy-invalid": "its policy (MTA-STS) says nothing that can be used",
    "sts-webpki-invalid": "the web server of its policy (MTA-STS) has a wrong certificate",
    "tlsa-invalid": "its certificate is not the one in its DNS (DANE)",
    "dnssec-invalid": "its DNS is signed wrongly (DNSSEC)",
    "dane-required": "its DNS does not say which certificate is right (DANE)",
}
"""The words of TLS-RPT (RFC 8460 section 4.3) in plain ones."""


class Failed(NamedTuple):
    """One partner and how it failed: TLS-RPT's word."""

    domain: str
    result: str
    times: int
    last: datetime


@dataclass(frozen=True, slots=True)
class TlsAlarmMail:
    """``letterhead`` is whose it is; ``console`` may be empty."""

    letterhead: Letterhead
    hostname: str
    console: str = ""

    def compose(self, to: Address, failed: Sequence[Failed], well: Sequence[str], now: datetime) -> Notice:
        """One mail to one reader. The same news is the same Message-ID, so that a repeat is seen as one."""
        title, opening = _news({f.domain for f in failed}, well)
        lines = [*map(_line, failed), *(f"{domain}: it works again, and mail for it leaves" for domain in well)]
        seed = "\0".join([to.key, now.isoformat(), *lines])
        ident = always_the_same("tls", seed, self.hostname)
        letter = many(title, opening, lines, self._closing(failed), ident, _MOST)
        return self.letterhead.to(to, letter, now)

    def _closing(self, failed: Sequence[Failed]) -> list[str]:
        last = f"{self.letterhead.service}. This is an automatic message, sent once a day while it lasts."
        if not failed:
            return [last]
        where = [f"You see how it stands in the console, under Operations: {self.console}"] if self.console else []
        return [
            "Please ring the organisation, and read out its line to whoever looks after its mail.",
            "Mail for it waits and is tried again by itself. If something is urgent, ring the person it is for.",
            *where,
            last,
        ]


def _news(failing: set[str], well: Sequence[str]) -> tuple[str, str]:
    if not failing:
        return f"Mail leaves again for {_some(well)}", "Mail servers that could not be reached securely are well again."
    title = f"Mail waits for {_some(sorted(failing))}"
    return title, "Mail has to travel encrypted to these organisations, and cannot now. Nothing was sent in the clear."


def _some(domains: Sequence[str]) -> str:
    return domains[0] if len(domains) == 1 else f"{len(domains)} organisations"


def _line(f: Failed) -> str:
    times = "once" if f.times == 1 else f"{f.times} times"
    meaning = f"{_MEANS[f.result]} ({f.result})" if f.result in _MEANS else f.result
    return f"{f.domain}: failed {times}, last on {f.last.astimezone(HERE):%d %B at %H:%M}: {meaning}"
