"""Searches that are kept: their owner is told of new records. What they look for only a master can read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from vault.ids import is_id
from vault.models import AuditEvent, SavedSearch
from vault.search import asked, saved
from vault.search.grammar import QueryError
from web import clock
from web.console.breach import links
from web.console.breach.forms import KeepForm, WhyForm
from web.console.breach.noting import looked
from web.console.breach.parts import parts
from web.console.breach.searching import link, understood
from web.console.doors import permits, who
from web.console.may import Action
from web.pages.errors import error_page, refused
from web.pages.templatetags.pages import by

_SHOWN = 200


@permits(Action.SEARCH)
def kept(request: HttpRequest) -> HttpResponse:
    """All of them: what for, who is told, since when."""
    looked(request, "searches listed")
    rows = list(SavedSearch.objects.order_by("-made_at"))
    return render(request, "console/breach/kept.html", {"title": "Kept searches", "rows": _with_reasons(rows)})


@permits(Action.SEARCH_KEEP)
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the search of a sealed link."""
    try:
        wanted = links.opened(request.GET.get("s", ""))
        tree, terms = understood(wanted.query)
    except (links.OldLink, QueryError) as error:
        return error_page(request, 410, "This link is too old", error.public)
    account = who(request)
    form = KeepForm(parts().domains, request.POST or None, initial={"to": account.email, "why": wanted.why})
    if request.method != "POST" or not form.is_valid():
        said: dict[str, Any] = {"title": "Keep this search", "form": form, "query": wanted.query, "back": link(wanted)}
        return render(request, "console/breach/keep.html", said, status=422 if request.method == "POST" else 200)
    asker = asked.Asker(account.actor, form.cleaned_data["why"])
    saved.save(tree, terms, parts().keyed, form.cleaned_data["to"], parts().masters, asker, clock.now())
    messages.success(request, "The search is kept. New mails are looked for every five minutes.")
    return HttpResponseRedirect(reverse("search-kept"))


@permits(Action.SEARCH)
def finds(request: HttpRequest, search: str) -> HttpResponse:
    """What one finds now."""
    if not is_id(search):
        raise Http404
    try:
        records = saved.records_of(search)
    except saved.NoSuchSearch:
        raise Http404 from None
    except saved.OldKey as error:
        return refused(request, error.public)
    looked(request, "saved search asked", search=search, found=len(records))
    (row,) = _with_reasons([SavedSearch.objects.get(pk=search)])
    said = {"title": "What it finds now", "row": row, "records": records[:_SHOWN], "total": len(records)}
    return render(request, "console/breach/finds.html", said)


@permits(Action.SEARCH_KEEP)
def forget(request: HttpRequest, search: str) -> HttpResponse:
    """Keep it no longer."""
    if not is_id(search) or not SavedSearch.objects.filter(pk=search).exists():
        raise Http404
    form = WhyForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        lines = ["Nobody is told of new mails any more. What it found stays where it is."]
        said = {"title": "Forget this search", "form": form, "lines": lines, "button": "Forget it"}
        status = 422 if request.method == "POST" else 200
        return render(request, "console/ask.html", said | {"back": reverse("search-kept")}, status=status)
    try:
        saved.forget(search, asked.Asker(who(request).actor, form.cleaned_data["why"]), clock.now())
    except (saved.NoSuchSearch, saved.OnHold) as error:
        return refused(request, error.public)
    messages.success(request, "The search is forgotten.")
    return HttpResponseRedirect(reverse("search-kept"))


def _with_reasons(rows: list[SavedSearch]) -> list[dict[str, Any]]:
    """A row has no words of what it looks for; it goes by the reason that was given."""
    events = AuditEvent.objects.filter(action="search saved").values_list("details", "why", "actor")
    told = {details.get("search"): (why, actor) for details, why, actor in events}
    return [{"row": row, "why": told.get(row.id, ("", ""))[0], "by": by(told.get(row.id, ("", ""))[1])} for row in rows]
