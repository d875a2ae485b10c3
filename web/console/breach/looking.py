"""What a filed mail says: asked of the key holder, a mail at a time, with a reason; shown while the answer lasts.

These pages hold no key that opens a mail. The answer is sealed to a key that was made for this one look; its secret
half is a cookie of the browser that asked, for that page alone. Each time that it is shown is in the audit trail first.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from vault.acting import Acting
from vault.errands import asking
from vault.errands.asking import Wanted
from vault.ids import is_id
from vault.models import Errand, ErrandKind, ErrandState, RecordState, VaultRecord
from vault.search.asked import sealed
from web import clock
from web.console.breach import links
from web.console.breach.forms import why_field
from web.console.breach.noting import looked
from web.console.breach.parts import parts
from web.console.breach.shown import command
from web.console.doors import permits, who
from web.console.held.documents import Document, Text, laid_out
from web.console.held.marking import Mark
from web.console.may import Action

_COOKIE = "sallyport-look"
_LASTS = int(asking.LOOK_LASTS.total_seconds())
_FOUND = "what you searched for"


class LookForm(forms.Form):
    """A reason."""

    why = why_field("Why do you need to see what it says?", "It goes to the audit trail with your name.")


@permits(Action.RECORD_READ, sudo=True)
def ask(request: HttpRequest, ident: str) -> HttpResponse:
    """Why; then the key holder is asked."""
    row = _record(ident.upper())
    search = _search(request)
    form = LookForm(request.POST or None, initial={"why": search.why if search else ""})
    if request.method == "POST" and form.is_valid():
        return _asked(request, row, search, form.cleaned_data["why"].strip())
    told = {
        "title": "See what it says",
        "form": form,
        "row": row,
        "there": asking.is_holder_there(clock.now()),
        "command": command("vault", "get", row.id),
        "minutes": _LASTS // 60,
        "marks": search is not None,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "console/breach/look_ask.html", told, status=status)


def _asked(request: HttpRequest, row: VaultRecord, search: links.Search | None, why: str) -> HttpResponse:
    query = sealed(search.query, parts().masters) if search else b""
    secret, public = asking.new_reply_key()
    by = Acting(who(request).actor, clock.now(), why)
    errand = asking.ask(Wanted(ErrandKind.LOOK, row.id, query), by, public)
    where = reverse("search-looked", args=[errand.pk])
    answer = HttpResponseRedirect(where)
    answer.set_cookie(
        _COOKIE, secret, max_age=_LASTS * 2, path=where, httponly=True, samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return answer


@permits(Action.RECORD_READ)
def seen(request: HttpRequest, errand: str) -> HttpResponse:
    """What the key holder answered; or that it is waited for."""
    row = _own(request, errand)
    over = asking.is_over(row, clock.now())
    if row.state in {ErrandState.ASKED, ErrandState.TAKEN}:
        return _waiting(request, row, over=over)
    if request.method == "HEAD":  # a script asks whether there is an answer, and sees nothing of it
        return HttpResponse()
    told = (
        asking.described(row, request.COOKIES.get(_COOKIE, "")) if row.state == ErrandState.DONE and not over else None
    )
    if told is None:
        return _nothing(request, row)
    looked(request, "look shown", row.target, errand=row.pk)
    found = list(_documents(told))
    said = {
        "title": "What it says",
        "row": row,
        "record": VaultRecord.objects.filter(pk=row.target).first(),
        "documents": [(d, _pages(row, d, told)) for d in found],
        "hits": sum(d.hits for d in found),
        "cut": told["cut"],
    }
    return render(request, "console/breach/look.html", said)


@permits(Action.RECORD_READ)
def picture(request: HttpRequest, errand: str, part: str, number: int) -> HttpResponse:
    """A page as pixels that a contained process drew, never the file."""
    row = _own(request, errand)
    if asking.is_over(row, clock.now()):
        raise Http404
    png = asking.piece(row, f"page/{part}/{number}", request.COOKIES.get(_COOKIE, ""))
    if png is None:
        raise Http404
    looked(request, "look's page shown", row.target, errand=row.pk, part=part, page=number)
    return HttpResponse(png, content_type="image/png", headers={"Content-Disposition": "inline"})


def _own(request: HttpRequest, ident: str) -> Errand:
    """Whoever asked, and nobody else; nothing once its time is over. Raises ``Http404``."""
    row = asking.find(ident.upper(), ErrandKind.LOOK)
    if row is None or row.asked_by != who(request).actor:
        raise Http404
    return row


def _record(ident: str) -> VaultRecord:
    kept = VaultRecord.objects.exclude(state=RecordState.DISPOSED)
    found = kept.filter(pk=ident).first() if is_id(ident) else None
    if found is None:
        raise Http404
    return found


def _search(request: HttpRequest) -> links.Search | None:
    """What is to be marked, if they came from a search."""
    link = request.GET.get("s", "")
    try:
        return links.opened(link) if link else None
    except links.OldLink:
        return None


def _waiting(request: HttpRequest, row: Errand, *, over: bool) -> HttpResponse:
    there = asking.is_holder_there(clock.now())
    told: dict[str, Any] = {"title": "The key holder is asked", "row": row, "there": there}
    told |= {"command": command("vault", "get", row.target), "over": over}
    return render(request, "console/breach/look_waiting.html", told, status=410 if over else 202)


def _nothing(request: HttpRequest, row: Errand) -> HttpResponse:
    """Refused, over, or another browser's."""
    says = row.says if row.state == ErrandState.REFUSED else ""
    told = {"title": "It cannot be shown", "row": row, "says": says}
    return render(request, "console/breach/look_nothing.html", told, status=410)


def _documents(told: dict[str, Any]) -> list[Document]:
    texts = [
        Text(t["part"], t["page"], t["text"], t["pictured"], tuple(Mark(a, b, _FOUND) for a, b in t["marks"]))
        for t in told["texts"]
    ]
    return list(laid_out(texts, [(a, b, c) for a, b, c in told["files"]], dict(told["unread"])))


def _pages(row: Errand, document: Document, told: dict[str, Any]) -> list[tuple[int, str]]:
    """Number and address of each page that was drawn."""
    numbers = [number for part, number in told["pictures"] if part == document.part]
    return [(n, reverse("search-looked-page", args=[row.pk, document.part, n])) for n in numbers]
