"""From the link to the message: ask for a code, give it, read. No account, no session before the code.

GET changes nothing (mail scanners follow links); codes are sent and used up by POST alone (RFC 9110 section 9.2.1).
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from domain.pickup import CODE_DIGITS, Doing
from vault.pickup.devices import remembered
from vault.pickup.trying import Way, contact, end_visits, is_passphrase, may
from web.pickup import failing
from web.pickup.door import Door, inside, let_in, with_link
from web.pickup.frame import page, script
from web.pickup.parts import parts


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Without a link there is nothing to see."""
    return page(request, "home")


@require_safe
def a_script(_request: HttpRequest, name: str) -> HttpResponse:
    """One of the two scripts of these pages, which work without."""
    return HttpResponse(script(name), content_type="text/javascript", headers={"Cache-Control": "max-age=3600"})


@require_safe
@with_link
def start(request: HttpRequest, door: Door) -> HttpResponse:
    """What the link shows: that there is something, and one button. Who sent it, whoever proves who they are reads."""
    if door.way:
        return door.to("message")
    sender, known = parts().sender, contact(door.link, door.grant.recipient)
    where = sender.reaches(known) if sender else ""
    devices = bool(parts().devices and remembered(door.grant.recipient, door.now))
    return page(request, "start", link=door.link, where=where, agreed=bool(known and known.passphrase), devices=devices)


@require_POST
@with_link
def send(request: HttpRequest, door: Door) -> HttpResponse:
    """A new code to the phone that the office has."""
    sender, known = parts().sender, contact(door.link, door.grant.recipient)
    if sender is None or not sender.reaches(known):
        return door.to("code")
    if not may(door.caller, Doing.SENT, door.now):
        door.note("code refused: too many")
        return failing.too_many(request)
    door.note("code sent", way=sender.way.value)
    code = parts().codes.make(door.grant.id, sender.way, door.now)
    if not sender.send(known, code):
        door.note("code not taken", way=sender.way.value)
        return page(request, "not_sent", 502, link=door.link)
    return door.to("code")


def code(request: HttpRequest, link: str) -> HttpResponse:
    """The form for the code, and what comes from it."""
    return _try(request, link) if request.method == "POST" else _ask(request, link)


@require_safe
@with_link
def _ask(request: HttpRequest, door: Door) -> HttpResponse:
    return door.to("message") if door.way else _form(request, door)


def _form(request: HttpRequest, door: Door, status: int = 200, *, wrong: bool = False) -> HttpResponse:
    sender, known = parts().sender, contact(door.link, door.grant.recipient)
    where = sender.reaches(known) if sender else ""
    agreed = bool(known and known.passphrase)
    return page(request, "code", status, link=door.link, where=where, agreed=agreed, wrong=wrong)


@require_POST
@with_link
def _try(request: HttpRequest, door: Door) -> HttpResponse:
    if not may(door.caller, Doing.TRIED, door.now):
        door.note("try refused: too many")
        return failing.too_many(request)
    way = _way_in(door, request.POST.get("code", "")[:200])
    if way is None:
        door.note("wrong code")
        return _form(request, door, 422, wrong=True)
    door.note("opened", way=way.value)
    return let_in(door.to("message"), door, way)


def _way_in(door: Door, given: str) -> Way | None:
    """Six digits are a code; anything else may be the passphrase that was agreed."""
    if sum(c.isdigit() for c in given) == CODE_DIGITS and not any(c.isalpha() for c in given):
        return parts().codes.use(door.grant.id, given, door.now)
    return Way.PASSPHRASE if is_passphrase(contact(door.link, door.grant.recipient), given) else None


@require_POST
@inside
def leave(_request: HttpRequest, door: Door) -> HttpResponse:
    """On a computer that others use, too."""
    end_visits([door.grant.id])
    answer = door.to("start")
    answer.delete_cookie(door.cookie)
    return answer
