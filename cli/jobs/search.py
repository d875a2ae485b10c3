"""The search's part of the worker: what waits is folded, full blocks get their sets, saved searches tell of news."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

import structlog

from config.settings import Settings
from domain.errors import NextHopUnavailable
from domain.model import Address, folded
from domain.outgoing import Notice

if TYPE_CHECKING:
    from vault.search.saved import News

_MOST_NAMED = 50


def fold_index(_settings: Settings, _now: datetime) -> None:
    """So that a search finds little waiting."""
    from vault.search import index

    index.fold()


def make_blocks_ready(_settings: Settings, _now: datetime) -> None:
    """Some at a time: each takes a second."""
    from vault.search import blocks

    blocks.make_ready()


def tell_searches(settings: Settings, now: datetime) -> None:
    """A mail to each owner of a saved search that found something new. Raises ``NextHopUnavailable`` if some waits."""
    from gateway.bootstrap import build_next_hop
    from gateway.letters import Told, hand_over
    from vault.models import SavedSearch
    from vault.search import saved

    ours = [folded(d) for d in settings.service.domains]
    rows = [r for r in SavedSearch.objects.order_by("id") if Address.of(r.owner).belongs_to(ours)]
    if not rows:
        return
    hop, waiting = build_next_hop(settings), 0
    try:
        for row in rows:
            try:
                found = saved.news(row)
            except saved.OldKey:
                structlog.get_logger("worker").warning("saved search of another index key", search=row.id)
                continue
            if found.records and hand_over(alert(found, settings, now), hop) is Told.LATER:
                waiting += 1
            else:
                saved.told(found, now)
    finally:
        hop.close()
    if waiting:
        raise NextHopUnavailable("alerts of saved searches", waiting=waiting)


def alert(found: News, settings: Settings, now: datetime) -> Notice:
    """A short mail: how many, and which; no words of the query or of any record."""
    from gateway.letters import Letter, Letterhead, page

    number, s = len(found.records), settings.service
    title = f"{number} new {'record' if number == 1 else 'records'} in a saved search"
    opening = f"Hello. Your saved search {found.search.id} found {number} new {'record' if number == 1 else 'records'}:"
    named = list(found.records[:_MOST_NAMED])
    more = [f"and {number - len(named)} more."] if number > len(named) else []
    closing = f"Questions? Ask {s.address}. {s.name}. This is an automatic message."
    html = [
        f"<p>{opening}</p>",
        "<ul>",
        *(f"<li>{r}</li>" for r in [*named, *more]),
        "</ul>",
        f"<p>{escape(closing)}</p>",
    ]
    letter = Letter(
        title=title,
        text="\n".join([opening, "", *(f"  {r}" for r in [*named, *more]), "", closing, ""]),
        html=page(title, html),
        message_id=f"<search-{found.search.id}-{found.seen}@{settings.relay.hostname}>",
        automatic="auto-generated",
    )
    return Letterhead(s.name, s.address).to(Address.of(found.search.owner), letter, now)
