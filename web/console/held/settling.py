"""What a reviewer rules, as pages: one thing a page. The rows see to it that nothing is settled twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from domain.errors import SallyportError
from register import persons
from vault.held import settling, words
from vault.held.settling import CannotSettle, Order
from vault.held.waiting import Waiting, waiting
from vault.models import HeldMail, SettlementKind, SettlementState
from web import clock
from web.console.desk import desk
from web.console.doors import insist, permits, who
from web.console.held.forms import BackForm, DisagreeForm, RedirectForm, ReleaseForm
from web.console.held.one import mail_of
from web.console.may import Action
from web.console.seeing import saw
from web.pages.errors import refused
from web.pages.forms import posted

_ORDERED = "Ordered. The mail is decided anew within seconds, and leaves if it may. If not, it stays in the queue."
_THERE = (
    "Ordered. It is decided anew for that address within seconds, and leaves if it may. Look here again in a minute."
)
_BACK = "Ordered. The officer is told by mail."
_PROPOSED = "Proposed. A second reviewer has to agree before it leaves."


@permits(Action.HELD_SETTLE)
def release(request: HttpRequest, number: int) -> HttpResponse:
    """Let it leave, protected, if the register permits."""
    row = _row(request, number, Action.HELD_SETTLE)
    saw(request, "held mail opened", record=row.record, why="to release it", recipient=row.recipient)
    try:
        copy = desk().open(row.record)
    except SallyportError as error:
        return refused(request, error.public, title="This mail cannot be released")
    named = {ref for each in copy.named for ref in each.people} | row.people
    form = ReleaseForm(row.decision, copy, desk().rules, persons.by_ref(named).values(), posted(request))
    decided = desk().now([row]).get(row.pk)
    now = words.decided_now(decided) if decided else ""
    return _page(request, row, form, "release", "Release this mail", _ORDERED, now=now)


@permits(Action.HELD_SETTLE, sudo=True)
def redirect(request: HttpRequest, number: int) -> HttpResponse:
    """Send it to another address. That is dangerous: who does it shows once more who they are, and two must agree."""
    row = _row(request, number, Action.HELD_SETTLE)
    return _page(request, row, RedirectForm(posted(request)), "redirect", "Send it to another address", _ORDERED)


@permits(Action.HELD_SETTLE)
def back(request: HttpRequest, number: int) -> HttpResponse:
    """Give it back to the officer with a note."""
    row = _row(request, number, Action.HELD_SETTLE)
    form = BackForm(SettlementKind.RETURN, posted(request))
    return _page(request, row, form, "return", "Return it to the officer", _BACK)


@permits(Action.HELD_SETTLE)
def reject(request: HttpRequest, number: int) -> HttpResponse:
    """It is not sent, and the officer is told why."""
    row = _row(request, number, Action.HELD_SETTLE)
    form = BackForm(SettlementKind.REJECT, posted(request))
    return _page(request, row, form, "reject", "Reject this mail", _BACK)


@permits(Action.HELD_AGREE, sudo=True)
def agree(request: HttpRequest, number: int) -> HttpResponse:
    """As the second reviewer: let it leave."""
    row = _row(request, number, Action.HELD_AGREE)
    there = _is_elsewhere(row)
    title, done = ("Agree to send it there", _THERE) if there else ("Agree to the release", _ORDERED)
    return _second(request, row, forms.Form(posted(request)), "agree", title, lambda by, _: (
        settling.agree(_proposed(row), by, clock.now())
    ), done)  # fmt: skip


@permits(Action.HELD_AGREE)
def disagree(request: HttpRequest, number: int) -> HttpResponse:
    """What was proposed is not done; the mail waits again. The proposer may take it back, too."""
    row = _row(request, number, Action.HELD_SETTLE)
    form = DisagreeForm(posted(request))
    title = "Do not send it there" if _is_elsewhere(row) else "Do not release it"
    return _second(request, row, form, "disagree", title, lambda by, said: (
        settling.disagree(_proposed(row), by, said["why"], clock.now())
    ), "The mail waits in the queue again.")  # fmt: skip


def _is_elsewhere(row: Waiting) -> bool:
    """Whether what is proposed is another address."""
    return bool(row.settlement and row.settlement.to)


def _row(request: HttpRequest, number: int, action: Action) -> Waiting:
    """The mail, where it waits and they may. Raises ``Http404``, ``PermissionDenied``."""
    rows = waiting(number)
    if not rows:
        raise Http404
    insist(request, action, mail_of(rows[0]))
    return rows[0]


def _page(request: HttpRequest, row: Waiting, form: Any, step: str, title: str, done: str, **more: str) -> HttpResponse:
    def rule(by: str, _: dict[str, Any]) -> str:
        order: Order = form.order(by)
        made = settling.settle(HeldMail.objects.get(pk=row.pk), order, desk().rules, clock.now())
        return _PROPOSED if made.state == SettlementState.PROPOSED else done

    return _ruled(request, row, form, step, title, rule, **more)


def _second(
    request: HttpRequest, row: Waiting, form: Any, step: str, title: str,
    move: Callable[[str, dict[str, Any]], None], done: str,
) -> HttpResponse:  # fmt: skip
    def rule(by: str, said: dict[str, Any]) -> str:
        move(by, said)
        return done

    return _ruled(request, row, form, step, title, rule)


def _ruled(
    request: HttpRequest, row: Waiting, form: Any, step: str, title: str,
    rule: Callable[[str, dict[str, Any]], str], **more: str,
) -> HttpResponse:  # fmt: skip
    """The form; once it is right, the ruling, and back to the queue. What cannot be ruled is said above the form."""
    if request.method == "POST" and form.is_valid():
        try:
            said = rule(who(request).actor, form.cleaned_data)
        except CannotSettle as error:
            form.add_error(None, error.public)
        else:
            messages.success(request, f"Held mail {row.pk}: {said}")
            there = step == "agree" and _is_elsewhere(row)
            return HttpResponseRedirect(reverse("held-mail", args=[row.pk]) if there else reverse("held"))
    told = {"title": title, "row": row, "form": form, "step": step, **more}
    return render(request, "console/held/step.html", told, status=422 if request.method == "POST" else 200)


def _proposed(row: Waiting) -> Any:
    if row.settlement is None:
        raise CannotSettle("not proposed", public="Nothing is proposed for this mail.")
    return row.settlement
