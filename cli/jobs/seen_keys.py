"""Whoever looks after keys is told, by mail, of a key from outside that is not the one that was known."""

from __future__ import annotations

from datetime import datetime

from config.settings import Settings


def tell_of_changed(settings: Settings, now: datetime) -> None:
    """One mail to each reader about all of them. Raises ``NextHopUnavailable`` where nobody could be told now."""
    from domain.errors import NextHopUnavailable
    from domain.model import Address
    from domain.seen_keys import KeySource
    from gateway.another_key import AnotherKey, AnotherKeyMail
    from gateway.bootstrap import build_next_hop
    from gateway.letters import Letterhead, Told, hand_over
    from register import seen_news

    rows = seen_news.claim(now)
    if not rows:
        return
    s = settings.service
    readers = settings.keys.alarm or s.management or (s.address,)
    mail = AnotherKeyMail(Letterhead(s.name, s.address), settings.relay.hostname, settings.console.url)
    keys = [AnotherKey(row.address, row.method, KeySource(row.source), row.first_at) for row in rows]
    hop = build_next_hop(settings)
    try:
        told = [hand_over(mail.compose(Address.of(r), keys, now), hop) for r in readers]
    finally:
        hop.close()
    if Told.YES not in told:
        seen_news.give_back(rows)
        raise NextHopUnavailable("changed keys", readers=len(readers))
