"""Somebody is told, by mail, of a partner whose mail server cannot be reached as securely as the settings ask."""

from __future__ import annotations

from datetime import datetime

from config.settings import Settings


def alarm(settings: Settings, now: datetime) -> None:
    """One mail to each reader about all of them. Raises ``NextHopUnavailable`` where nobody could be told now."""
    from domain.errors import NextHopUnavailable
    from domain.model import Address
    from gateway.bootstrap import build_next_hop
    from gateway.letters import Letterhead, Told, hand_over
    from gateway.partners.alarm import Failed, TlsAlarmMail
    from vault import partner_alarms

    alarm = partner_alarms.claim(now)
    if not alarm:
        return
    s = settings.service
    readers = settings.partners.alarm or s.management or (s.address,)
    mail = TlsAlarmMail(Letterhead(s.name, s.address), settings.relay.hostname, settings.console.url)
    failed = [Failed(f.domain, f.result, f.times, f.last_at) for f in alarm.failing]
    hop = build_next_hop(settings)
    try:
        told = [hand_over(mail.compose(Address.of(r), failed, alarm.well, now), hop) for r in readers]
    finally:
        hop.close()
    if Told.YES not in told:
        partner_alarms.give_back(alarm, now)
        raise NextHopUnavailable("alarms about TLS", readers=len(readers))
