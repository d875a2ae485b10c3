"""Each day, what TLS to a partner's servers came to, for the partner that asks for it (TLS-RPT, RFC 8460).

A report is sent once; one that cannot be sent now is tried again at the next time, for the day before alone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import structlog

from config.settings import Settings
from domain.errors import ConfigurationError, NextHopUnavailable, TryAgain
from domain.model import Address
from domain.outgoing import Notice
from domain.ports import NextHop
from gateway.fetching import Fetcher, FetchFailed
from gateway.partners.report import Count, Submitter, mail_of, mailbox_of, report_of, where_to
from gateway.signing import DkimSigner

_LOG = structlog.get_logger("worker")
_MEDIA = "application/tlsrpt+gzip"


class NotReported(TryAgain):
    """Some partner did not get its report; it is tried again."""


def report(settings: Settings, now: datetime, fetcher: Fetcher | None = None) -> None:
    """Yesterday's (UTC), to every domain that asks. Raises ``NotReported`` at the end where one was not sent."""
    from vault import partners

    partners.forget(now)
    if not settings.partners.report:
        return
    from gateway.bootstrap import build_dkim, build_next_hop, build_resolver

    signer = build_dkim(settings)
    if signer is None:
        raise ConfigurationError(
            "reports without dkim", public="Reports on TLS need [dkim] in the settings (RFC 8460)."
        )
    day = now.astimezone(UTC).date() - timedelta(days=1)
    hop, failed = build_next_hop(settings), 0
    sending = Sending(settings, signer, hop, fetcher or Fetcher(https_only=True), now)
    resolver = build_resolver(settings)
    try:
        for domain in partners.unreported(day):
            if not partners.claim_report(day, domain, now):
                continue
            try:
                taken = [sending.send(domain, day, uri) for uri in where_to(resolver.texts(f"_smtp._tls.{domain}"))]
                if any(taken):
                    partners.reported(day, domain)
            except (NextHopUnavailable, FetchFailed, ValueError) as error:
                failed += 1
                partners.give_back(day, domain)
                _LOG.warning("TLS report not sent", reason=str(error))
    finally:
        hop.close()
    if failed:
        raise NotReported("TLS reports", failed=failed)


class Sending:
    """What all reports of a run share."""

    def __init__(self, settings: Settings, signer: DkimSigner, hop: NextHop, fetcher: Fetcher, now: datetime) -> None:
        s = settings.service
        contact = settings.partners.contact or s.address
        self._by = Submitter(s.name, signer.domain, contact, s.address)
        self._hop, self._fetcher, self._now = hop, fetcher, now

    def send(self, domain: str, day: date, uri: str) -> bool:
        """To one address; True where it was taken. Raises ``NextHopUnavailable``, ``FetchFailed`` or ``ValueError``."""
        from vault import partners

        rows = partners.of_day(day).get(domain, [])
        counts = [Count(r.host, r.policy, tuple(r.lines), r.result, r.count) for r in rows]
        data = report_of(domain, day, counts, self._by)
        if uri.startswith("https://"):
            self._fetcher.post(uri, data, _MEDIA)
            return True
        to: Address = mailbox_of(uri)
        mail = mail_of(domain, day, data, to, self._by, self._now)
        replies = self._hop.deliver(Notice(to, mail))
        return all(r.delivered for r in replies)
