"""What senders are told later, together: mails stopped beyond the notices that they get at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.settings import Settings

_GATHERED = timedelta(minutes=15)


def tell_together(settings: Settings, now: datetime) -> None:
    """A notice to each sender whose oldest mail waited long enough. Raises ``NextHopUnavailable`` if one waits on."""
    from domain.errors import NextHopUnavailable
    from gateway.bootstrap import build_next_hop
    from gateway.gathered import GatheredNotice
    from gateway.letters import Letterhead, Told, hand_over
    from vault import notice_book

    notice_book.forget(now - settings.journal.remember)
    due = notice_book.due(now, _GATHERED)
    if not due:
        return
    s = settings.service
    notice = GatheredNotice(Letterhead(s.name, s.address), s.phone, settings.relay.hostname, settings.console.url)
    hop, waiting = build_next_hop(settings), 0
    try:
        for sender, mails in due:
            if hand_over(notice.compose(sender, [m[1:] for m in mails], now), hop) is Told.LATER:
                waiting += 1
            else:
                notice_book.told(mails, now)
    finally:
        hop.close()
    if waiting:
        raise NextHopUnavailable("gathered notices", waiting=waiting)
