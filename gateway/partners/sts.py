"""Partners' published policies on TLS (MTA-STS, RFC 8461): found, fetched over HTTPS, kept until they run out.

Input: a TXT record and a page by whoever runs the domain. Failure: ``NoPolicy`` with the kind of failure that TLS-RPT
names; a policy that was once seen counts until its own end, whatever can be fetched meanwhile (section 5.1).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from domain.errors import NextHopUnavailable
from gateway.fetching import Fetcher, FetchFailed
from gateway.partners.dns import Resolver

_RECORD = re.compile(r"v=STSv1\s*;(?:.*;)?\s*id=([A-Za-z0-9]{1,32})\s*(?:;.*)?")
_MODES = frozenset({"enforce", "testing", "none"})
_LONGEST = 31_557_600
"""Seconds: a year, as section 3.2 bounds it."""
_ASK_AGAIN = timedelta(hours=1)
MOST_OCTETS = 64 << 10
"""Of a policy (section 3.3)."""


class NoPolicy(Exception):
    """There is none that can be used. ``result`` is TLS-RPT's word (RFC 8460 section 4.3)."""

    def __init__(self, result: str) -> None:
        super().__init__(result)
        self.result = result


@dataclass(frozen=True, slots=True)
class Policy:
    """``mx``: names or ``*.name``; ``until``: its end; ``identity``: the record's; ``checked``: when asked."""

    mode: str
    mx: tuple[str, ...]
    until: datetime
    identity: str
    checked: datetime
    lines: tuple[str, ...] = ()

    def allows(self, host: str) -> bool:
        """Section 4.1: a star stands for one label, the leftmost."""
        return any(host == p or (p.startswith("*.") and host.partition(".")[2] == p[2:]) for p in self.mx)


def parse(text: str, identity: str, now: datetime) -> Policy:
    """Section 3.2. Raises ``NoPolicy``."""
    lines = tuple(line.strip() for line in text.replace("\r\n", "\n").split("\n") if line.strip())
    pairs = [(k.strip().lower(), v.strip()) for k, colon, v in (line.partition(":") for line in lines) if colon]
    first: dict[str, str] = {}
    for key, value in pairs:
        first.setdefault(key, value)
    mx = tuple(v.lower().rstrip(".") for k, v in pairs if k == "mx")
    age, mode = first.get("max_age", ""), first.get("mode", "")
    if first.get("version") != "STSv1" or mode not in _MODES or not (age.isascii() and age.isdigit()):
        raise NoPolicy("sts-policy-invalid")
    if mode != "none" and not mx:
        raise NoPolicy("sts-policy-invalid")
    return Policy(mode, mx, now + timedelta(seconds=min(int(age), _LONGEST)), identity, now, lines)


class Policies:
    """Asks and remembers. ``folder`` is shared by all processes; a file in it is one domain's."""

    def __init__(self, resolver: Resolver, folder: Path, fetcher: Fetcher | None = None) -> None:
        self._resolver, self._folder = resolver, folder
        self._fetcher = fetcher or Fetcher(octets=MOST_OCTETS, https_only=True)

    def of(self, domain: str, now: datetime) -> Policy:
        """The domain's policy now. Raises ``NoPolicy`` where it has none, and none was seen that still counts."""
        known = self._known(domain, now)
        if known and now - known.checked < _ASK_AGAIN:
            return known
        try:
            fresh = self._fresh(domain, known, now)
        except NoPolicy:
            if known is None:
                raise
            return known
        self._keep(domain, fresh)
        return fresh

    def _fresh(self, domain: str, known: Policy | None, now: datetime) -> Policy:
        identity = self._identity(domain)
        if known and known.identity == identity:
            return Policy(known.mode, known.mx, known.until, identity, now, known.lines)
        try:
            page, kind = self._fetcher.get(f"https://mta-sts.{domain}/.well-known/mta-sts.txt")
        except FetchFailed as error:
            certificate = "CertVerification" in str(error)
            raise NoPolicy("sts-webpki-invalid" if certificate else "sts-policy-fetch-error") from error
        if kind != "text/plain":
            raise NoPolicy("sts-policy-invalid")
        return parse(page.decode("utf-8", "replace"), identity, now)

    def _identity(self, domain: str) -> str:
        """Section 3.1: exactly one record of the version."""
        try:
            texts = self._resolver.texts(f"_mta-sts.{domain}")
        except NextHopUnavailable as error:
            raise NoPolicy("sts-policy-fetch-error") from error
        found = [t for t in texts if t.startswith("v=STSv1")]
        match = _RECORD.fullmatch(found[0].strip()) if len(found) == 1 else None
        if match is None:
            raise NoPolicy("sts-policy-fetch-error" if not found else "sts-policy-invalid")
        return match[1]

    def _file(self, domain: str) -> Path:
        return self._folder / f"{hashlib.sha256(domain.encode()).hexdigest()[:32]}.json"

    def _known(self, domain: str, now: datetime) -> Policy | None:
        """None where there is none, it has run out, or cannot be read."""
        try:
            known = _read(self._file(domain).read_bytes())
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return known if now < known.until else None

    def _keep(self, domain: str, policy: Policy) -> None:
        """A folder that cannot be written to costs a question for each mail, and no mail."""
        fields = asdict(policy) | {"until": policy.until.isoformat(), "checked": policy.checked.isoformat()}
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, made = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump(fields, out)
            Path(made).replace(self._file(domain))


def _read(data: bytes) -> Policy:
    """As ``_keep`` wrote it. Raises ``ValueError``, ``KeyError`` or ``TypeError``."""
    read = json.loads(data)
    until, checked = (datetime.fromisoformat(read[k]) for k in ("until", "checked"))
    return Policy(read["mode"], tuple(read["mx"]), until, read["identity"], checked, tuple(read["lines"]))
