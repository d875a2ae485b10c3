"""My sent mail: the list, one mail, and a request for the release of a held copy. Each officer sees their own alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from domain.here import HERE
from domain.ruling import meant_instead, sender_may_settle
from vault import sent
from vault.held import asking, confirming
from vault.pickup import history
from vault.sent import Became, Copy, Sent, Show
from web import clock
from web.console.answering import in_sentences, looked
from web.console.desk import desk
from web.console.doors import permits, who
from web.console.may import Action
from web.console.outside import outside
from web.console.sent import own as mine
from web.console.sent import words
from web.console.sent.forms import FilterForm, WhyForm

SIZE = 25


@permits(Action.SENT_SEE)
@in_sentences
def mails(request: HttpRequest) -> HttpResponse:
    """A mail a row, newest first."""
    form = FilterForm(request.GET or None)
    asked = _asked(form, request.GET.get("before", ""))
    of = mine.own(who(request))
    looked(request, "sent mail listed")
    found, more = sent.page(of.senders, asked, SIZE)
    known = mine.named(of, {p for mail in found for p in mail.people})
    rows = [_row(mail, mine.about(known, mail.people)) for mail in found]
    older = "?" + urlencode({**_plain(request), "before": more}) if more else ""
    context = {"title": "My sent mail", "form": form, "rows": rows, "older": older, "narrowed": bool(_plain(request))}
    return render(request, "console/sent/list.html", context | {"newer": bool(asked.before), "now": clock.now()})


@permits(Action.SENT_SEE)
@in_sentences
def mail(request: HttpRequest, record: str) -> HttpResponse:
    """One: each recipient, how it was protected, what became of it, why it did not leave and what to do."""
    of, found = own_mail(request, record)
    looked(request, "sent mail looked at", record=found.record)
    known = mine.named(of, set(found.people))
    told = history.stories([g for c in found.copies for g in c.pickups])
    busy = confirming.under_way([c.held.pk for c in found.copies if c.held])
    cards = [_card(copy, told, busy) for copy in found.copies]
    context = {"title": "Sent mail", "mail": found, "about": mine.about(known, found.people), "cards": cards}
    return render(request, "console/sent/mail.html", context)


@permits(Action.SENT_ACT)
@in_sentences
def ask(request: HttpRequest, record: str, number: int) -> HttpResponse:
    """Ask the reviewers to let a held copy leave."""
    _, found = own_mail(request, record)
    held = next((c.held for c in found.copies if c.held and c.held.pk == number), None)
    if held is None:
        raise Http404
    back = reverse("sent-mail", args=[record])
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asking.ask(held, who(request).actor, form.cleaned_data["why"], clock.now())
        messages.success(request, "The reviewers see your reason. You are told by mail what they decide.")
        return HttpResponseRedirect(back)
    lines = (
        f"To {held.recipient}. A reviewer decides; your reason is shown to them.",
        "If a permission or a key is missing, put that right first: then it may not need a reviewer.",
    )
    context = {"title": "Ask for this mail to leave", "form": form, "button": "Ask", "back": back, "lines": lines}
    return render(request, "console/ask.html", context, status=status(request))


def own_mail(request: HttpRequest, record: str) -> tuple[mine.Own, Sent]:
    """Raises ``Http404`` for one that is not theirs, as for one that is not there."""
    of = mine.own(who(request))
    found = sent.one(of.senders, record)
    if found is None:
        raise Http404
    return of, found


def status(request: HttpRequest) -> int:
    """A form that came back is no success, to programs too."""
    return 422 if request.method == "POST" else 200


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list."""

    mail: Sent
    about: str
    copies: list[dict[str, Any]]


def _row(found: Sent, about: str) -> Row:
    told = [
        {"to": c.decision.recipient.text, "became": c.became, "colour": words.colour(c.became), "asked": c.asked}
        for c in found.copies
    ]
    return Row(found, about, told)


def _card(copy: Copy, told: Mapping[str, history.Story], busy: Collection[int] = ()) -> dict[str, Any]:
    now, waits = clock.now(), copy.became is Became.HELD
    settled = bool(copy.held and copy.held.pk in busy)
    pickups = []
    for grant in copy.pickups:
        standing = outside().stands(grant, now)
        text = words.stands(grant, is_open=standing.open, ending=str(standing.ending or ""))
        pickups.append({"grant": grant, "stands": text, "open": standing.open, "told": told[grant.pk]})  # fmt: skip
    stopped = copy.became in {Became.HELD, Became.RETURNED, Became.REJECTED, Became.REFUSED}
    return {
        "copy": copy,
        "to": copy.decision.recipient.text,
        "colour": words.colour(copy.became),
        "protected": words.protected(copy),
        "reasons": list(dict.fromkeys(r.why for r in copy.decision.decisive)) if stopped else [],
        "todo": words.what_to_do(copy),
        "may_ask": waits and copy.asked is None and not settled,
        "settled": waits and settled,
        "may_confirm": waits and not settled and bool(sender_may_settle(copy.decision, desk().guard)),
        "instead": meant_instead(copy.decision) if waits and not settled else "",
        "pickups": pickups,
    }


def _asked(form: FilterForm, before: str) -> sent.Asked:
    if not form.is_bound or not form.is_valid():
        return sent.Asked(before=before)
    given = form.cleaned_data
    return sent.Asked(
        show=Show(given["show"]),
        to=given["to"],
        since=_start(given["since"]),
        until=_start(given["until"] + timedelta(days=1)) if given["until"] else None,
        before=before,
    )


def _start(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=HERE) if day else None


def _plain(request: HttpRequest) -> dict[str, str]:
    """What is narrowed to, for the next page's address."""
    return {k: request.GET[k] for k in FilterForm.base_fields if request.GET.get(k)}
