"""What each step shares: the case, what was asked about it, and the key of this browser, to which answers are sealed.

The secret half lies in a cookie for the pages of this one request; without it nothing that was opened can be shown.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from vault.errands import asking
from vault.errands.asking import Wanted
from vault.export import cases
from vault.models import AccessRequest, Errand, ErrandKind, ErrandState
from vault.search.asked import sealed
from web import clock
from web.console.breach.parts import parts
from web.console.doors import who
from web.console.records.asking import acting

_COOKIE = "sallyport-request"


class Opened(NamedTuple):
    """An errand whose answer this browser can show, and what it says."""

    row: Errand
    told: dict[str, Any]


def case_of(number: int) -> AccessRequest:
    """Raises ``Http404``."""
    try:
        return cases.find(str(number))
    except cases.CaseError:
        raise Http404 from None


def open_case(number: int) -> AccessRequest:
    """One that is not answered yet. Raises ``Http404``, ``CaseError``."""
    return cases.must_be_open(case_of(number))


def ask(request: HttpRequest, case: AccessRequest, kind: ErrandKind, **more: Any) -> tuple[Errand, str]:
    """Asked of the key holder; the secret half of the key that its answer is sealed to. Raises ``ErrandError``."""
    secret, public = asking.reply_key(request.COOKIES.get(_COOKIE, ""))
    why = more.pop("why", f"to answer {case.code}")
    return asking.ask(Wanted(kind, case.code, **more), acting(request, why), public), secret


def keep(answer: HttpResponse, case: AccessRequest, secret: str) -> HttpResponse:
    """So that this browser can open what comes back."""
    answer.set_cookie(
        _COOKIE, secret, max_age=int(asking.WORK_LASTS.total_seconds()), path=reverse("request", args=[case.pk]),
        httponly=True, samesite="Strict", secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return answer


def typed(said: dict[str, Any]) -> bytes:
    """What somebody typed, for the masters alone: it quotes what is confidential."""
    return sealed(json.dumps(said), parts().masters)


def mine(request: HttpRequest, case: AccessRequest, kind: ErrandKind) -> Errand | None:
    """What whoever is signed in asked last."""
    return asking.newest(kind, case.code, who(request).actor)


def opened(request: HttpRequest, row: Errand | None, name: str = asking.WORDS) -> Opened | None:
    """Nothing where there is no answer, its time is over, or another browser asked."""
    if row is None or not asking.is_answered(row, clock.now()):
        return None
    told = asking.described(row, request.COOKIES.get(_COOKIE, ""), name)
    return None if told is None else Opened(row, told)


def piece(request: HttpRequest, row: Errand, name: str) -> bytes | None:
    """Of an answer; nothing where this browser does not open it."""
    return asking.piece(row, name, request.COOKIES.get(_COOKIE, "")) if asking.is_answered(row, clock.now()) else None


def picture(request: HttpRequest, row: Errand | None, name: str) -> HttpResponse:
    """A page as pixels that a contained process drew, never the file. Raises ``Http404``."""
    png = piece(request, row, name) if row is not None else None
    if png is None:
        raise Http404
    return HttpResponse(png, content_type="image/png", headers={"Content-Disposition": "inline"})


def day_of(written: str) -> date | None:
    """A day as the tables have it; nothing for what is none."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def waiting(request: HttpRequest, case: AccessRequest, row: Errand, title: str, here: str) -> HttpResponse:
    """How far it is; a script asks by HEAD whether it is done."""
    if request.method == "HEAD":
        return HttpResponse(status=202)
    said = {"title": title, "case": case, "row": row, "here": here, "there": asking.is_holder_there(clock.now())}
    return render(request, "console/records/answer/waiting.html", said, status=202)


def begin(request: HttpRequest, case: AccessRequest, page: Any, row: Errand | None) -> HttpResponse:
    """Asks for a button to be pressed; says what became of it last time."""
    if request.method == "HEAD":
        return HttpResponse()
    refused = row.says if row is not None and row.state == ErrandState.REFUSED else ""
    over = row is not None and not refused
    said = {"case": case, "refused": refused, "over": over, "there": asking.is_holder_there(clock.now())}
    return render(request, "console/records/answer/begin.html", said | page)
