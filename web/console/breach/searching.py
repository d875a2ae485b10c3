"""The search over the vault. Every search is in the audit trail, its words sealed, before its answer is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from vault.search import asked, find
from vault.search.grammar import QueryError, parse
from vault.search.terms import Nobody, Terms
from vault.search.tree import Tree, conditions
from web import clock
from web.console.breach import links, query, shown
from web.console.breach.forms import FieldsForm, SearchForm
from web.console.breach.links import Search
from web.console.breach.parts import parts
from web.console.doors import permits, who
from web.console.may import Action
from web.pages.errors import error_page
from web.searching import named, terms_for

_PAGE = 20


@permits(Action.SEARCH)
def search(request: HttpRequest) -> HttpResponse:
    """The box; and for a sealed link what it finds."""
    if request.method == "POST":
        return _typed(request)
    if sealed := request.GET.get("s"):
        return _found(request, sealed)
    return _page(request)


def _typed(request: HttpRequest) -> HttpResponse:
    """To the link of what was typed, so that neither "back" nor a new page asks for the form again."""
    if "fields" in request.POST:
        fields = FieldsForm(request.POST)
        if not fields.is_valid():
            return _page(request, fields=fields, status=422)
        return _checked(request, Search(query.composed(fields.cleaned_data)), fields)
    form = SearchForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    return _checked(request, Search(form.cleaned_data["q"], form.cleaned_data["why"].strip()), None)


def _checked(request: HttpRequest, wanted: Search, fields: FieldsForm | None) -> HttpResponse:
    try:
        understood(wanted.query)
    except QueryError as error:
        return _page(request, form=_filled(wanted), fields=fields, wrong=shown.Wrong.of(error), status=422)
    return HttpResponseRedirect(link(wanted))


def understood(text: str) -> tuple[Tree, Terms]:
    """Tree and terms. Raises ``QueryError``, also for a person whom nobody knows: it points at the word."""
    tree, terms = parse(text), terms_for(parts().keyed, parts().domains)
    try:
        terms.plan(tree)
    except Nobody as error:
        raise QueryError(error.public, text, error.at, error.length) from error
    return tree, terms


def link(wanted: Search, **more: str) -> str:
    """Of the search's page."""
    return f"{reverse('search')}?{urlencode({'s': links.seal(wanted), **more})}"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a link asks for: a search, the order, and where the last page ended."""

    wanted: Search
    ranked: bool
    after: str


def _found(request: HttpRequest, sealed: str) -> HttpResponse:
    try:
        asks = _Asked(links.opened(sealed), request.GET.get("order") == "best", request.GET.get("after", ""))
        tree, terms = understood(asks.wanted.query)
        page = find.Page(_PAGE, asks.after, asks.ranked, facets=not asks.after)
        found = named(find.search(tree, terms, parts().keyed, page))
    except links.OldLink as error:
        return error_page(request, 410, "This link is too old", error.public)
    except QueryError as error:  # the person has left the register since
        return _page(request, form=_filled(asks.wanted), wrong=shown.Wrong.of(error), status=422)
    except find.WrongCursor:
        return HttpResponseRedirect(link(asks.wanted))
    by = asked.Asker(who(request).actor, asks.wanted.why)
    asked.record(asks.wanted.query, found.total, by, parts().masters, parts().keyed, clock.now())
    results = _results(asks, found) | {"sentences": shown.sentences(found, filtered=bool(conditions(tree)))}
    return _page(request, form=_filled(asks.wanted), results=results)


def _results(asks: _Asked, found: find.Found) -> dict[str, Any]:
    order = {"order": "best"} if asks.ranked else {}
    facets = {
        title: [(label, times, link(Search(query.narrowed(asks.wanted.query, name, value), asks.wanted.why), **order))
                for label, value, times in values]
        for name, title, values in shown.facets(found.facets)
    }  # fmt: skip
    return {
        "hits": [shown.Line.of(hit) for hit in found.hits],
        "facets": facets,
        "total": found.total,
        "link": links.seal(asks.wanted),
        "ranked": asks.ranked,
        "newest": link(asks.wanted),
        "best": link(asks.wanted, order="best"),
        "more": link(asks.wanted, after=found.after, **order) if found.after else "",
        "first": link(asks.wanted, **order) if asks.after else "",
        "keep": f"{reverse('search-keep')}?{urlencode({'s': links.seal(asks.wanted)})}",
        "command": shown.command("vault", "search", asks.wanted.query, why=asks.wanted.why),
    }


def _filled(wanted: Search) -> SearchForm:
    return SearchForm(initial={"q": wanted.query, "why": wanted.why})


def _page(request: HttpRequest, status: int = 200, **given: Any) -> HttpResponse:
    given["form"] = given.get("form") or SearchForm()
    given["fields"] = given.get("fields") or FieldsForm()
    title = "Search" if status == 200 else "Error: Search"  # noqa: PLR2004 - HTTP's
    return render(request, "console/breach/search.html", {"title": title, **given}, status=status)
