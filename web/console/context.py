"""What the console's frame shows: who is signed in, and the menu of what they may see."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from web import clock
from web.console.may import Action, Who, may

MENU = (
    (Action.START, "Start", "start"),
    (Action.SENT_SEE, "My sent mail", "sent"),
    (Action.HELD_LIST, "Held mail", "held"),
    (Action.REGISTER_SEE, "Register", "register"),
    (Action.REGISTER_SEE, "Reviews due", "reviews"),
    (Action.REGISTER_SEE, "Placements that ended", "leaving"),
    (Action.REQUESTS_SEE, "Records", "records"),
    (Action.INSPECT, "Inspection", "inspection"),
    (Action.SEARCH, "Search", "search"),
    (Action.INCIDENT_LIST, "Incidents", "incident"),
    (Action.KEYS_SETTLE, "Recipients\u2019 keys", "register-keys"),
    (Action.OPERATIONS_SEE, "Operations", "operations"),
)
"""Action, words, name of the path. A menu is a help, no lock: each page asks again."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """Django context processor; nothing where nobody is signed in."""
    who: Who | None = getattr(request, "who", None)
    if who is None:
        return {}
    hrefs = {reverse(name): text for action, text, name in MENU if may(who, action)}
    if reverse("register") in hrefs:
        hrefs.pop(reverse("register-keys"), None)  # there they are found, too
    within = max((href for href in hrefs if request.path.startswith(href)), key=len, default="")
    shown = [_entry(text, href, request.path, within) for href, text in hrefs.items()]
    where = request.build_absolute_uri(request.path)  # a query may be sealed, and long
    return {"menu": shown, "signed_in": who.email, "printed_at": clock.now(), "printed_from": where}


def _entry(text: str, href: str, here: str, within: str) -> dict[str, Any]:
    """``within``: the entry whose pages this one is among. Every page's address begins as the start page's does."""
    return {"text": text, "href": href, "current": href == here, "active": href == within != reverse("start")}
