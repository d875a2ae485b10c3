"""Officers are told of text messages that the provider does not take, so that nobody waits for one unknown to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.settings import Settings

PATIENCE = timedelta(minutes=15)
"""A provider may be away for some minutes."""


def tell_of_untaken(settings: Settings, now: datetime) -> None:
    """A mail to each officer about all of theirs; nobody outside the council is told.

    Raises ``NextHopUnavailable`` where one waits on.
    """
    from domain.errors import NextHopUnavailable
    from gateway.bootstrap import build_next_hop
    from gateway.letters import Letterhead, Told, hand_over
    from gateway.telling import Insiders
    from gateway.untexted import Untexted, UntextedMail
    from register.lookup import DatabaseRegister
    from vault import untaken

    untaken.note(now, PATIENCE)
    due = untaken.due(now)
    if not due:
        return
    s = settings.service
    mail = UntextedMail(Letterhead(s.name, s.address), s.phone, settings.relay.hostname, settings.console.url)
    insiders = Insiders(s.domains, DatabaseRegister(s.domains, s.subaddress))
    hop, waiting = build_next_hop(settings), 0
    try:
        for sender, several in due:
            texts = [Untexted(one.recipient, one.at, one.is_code) for one in several]
            if insiders(sender, now) and hand_over(mail.compose(sender, texts, now), hop) is Told.LATER:
                waiting += 1
            else:
                untaken.told(several, now)
    finally:
        hop.close()
    if waiting:
        raise NextHopUnavailable("text messages not taken", waiting=waiting)
