"""Containing a breach, each with a page that says what will happen: keep the mails, stop recipients, close pick-ups."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import QueryDict

from domain.model import Address
from register.recording.stops import stopped_among, stopped_for
from vault.acting import Acting
from vault.incidents.containing import hold_records
from vault.incidents.reach import reach_of
from vault.models import Incident, PickupGrant
from vault.pickup.ending import revoke
from web import clock, stopping
from web.console.breach.containing_forms import LetGoForm, RevokeForm, StopForm
from web.console.breach.incident_forms import StepForm
from web.console.breach.reaching import Row, table_of
from web.console.breach.steps import Step

_REVIEW = timedelta(days=90)


def _hold(row: Incident, _form: Any, by: Acting) -> str:
    hold = hold_records(row, (by.now + _REVIEW).date(), by)
    if hold is None:
        return "A legal hold is on already."
    said = f"The legal hold is on. It covers {hold.covered} mail{'' if hold.covered == 1 else 's'} by now."
    late = f" Too late for {', '.join(hold.too_late)}: destroyed before." if hold.too_late else ""
    return said + late


def _stop(row: Incident, form: Any, by: Acting) -> str:
    fresh = sum(stopping.stop(address, row.reference, by) for address in form.addresses())
    return f"Mail to {_many(fresh, 'more address', 'more addresses')} is stopped."


def _stop_form(row: Incident, data: QueryDict | None) -> StopForm:
    """Who received something and is not stopped yet; all of them chosen."""
    table = table_of(reach_of(row.reference), clock.now())
    open_ones = sorted(set(table.recipients) - stopped_among(table.recipients).keys())
    form = StopForm(row, [(a, a) for a in open_ones], data, initial={"chosen": open_ones})
    if "chosen" in form.fields:
        form.fields["chosen"].label = "To whom shall nothing go for now?"
    return form


def _let_go(_row: Incident, form: Any, by: Acting) -> str:
    who = Acting(by.actor, by.now, form.cleaned_data["because"])
    for address in form.cleaned_data["chosen"]:
        stopping.let_go(Address.of(address), who)
    return "Mail to them is decided by the rules again. What was held meanwhile waits for a reviewer."


def _let_go_form(row: Incident, data: QueryDict | None) -> LetGoForm:
    stopped = stopped_for(row.reference)
    form = LetGoForm(row, [(a, a) for a in stopped], data, initial={"chosen": stopped if len(stopped) == 1 else []})
    if "chosen" in form.fields:
        form.fields["chosen"].label = "To whom may mail go again?"
    return form


def _revoke(_row: Incident, form: Any, by: Acting) -> str:
    chosen = PickupGrant.objects.filter(pk__in=form.cleaned_data["chosen"])
    ended = sum(revoke(grant, by.actor, form.cleaned_data["why"], by.now) for grant in chosen)
    return f"{_many(ended, 'mail', 'mails')} can no longer be picked up."


def _revoke_form(row: Incident, data: QueryDict | None) -> RevokeForm:
    """What waits of this incident's mails, all of it chosen."""
    waiting = table_of(reach_of(row.reference), clock.now()).waiting
    initial = {"chosen": [r.grant for r in waiting], "why": f"suspected breach {row.reference}"}
    form = RevokeForm(row, [(r.grant, _waits(r)) for r in waiting], data, initial=initial)
    if "chosen" in form.fields:
        form.fields["chosen"].label = "What shall be closed?"
    return form


def _waits(row: Row) -> str:
    return f"{row.recipient}, sent on {row.sent:%d/%m/%Y}: {row.opened.lower()}"


def _many(number: int, one: str, several: str) -> str:
    return f"1 {one}" if number == 1 else f"{number} {several}"


CONTAINING = (
    Step("hold", "Keep the mails from being destroyed", "Put the legal hold on", StepForm, _hold,
         ("A legal hold is put on every mail of this incident, and on mails that are added later.",
          "It stays until two people lift it. Somebody looks at it again in 90 days.")),
    Step("stop", "Stop mail to recipients", "Stop mail to them", StopForm, _stop,
         ("From the next mail on everything to them is held, whatever it is. No reviewer can release it meanwhile.",
          "What waits for them on the pick-up pages does not open any more."), make=_stop_form, danger=True),
    Step("let-go", "Let mail go again", "Let it go", LetGoForm, _let_go,
         ("Mail to them is decided by the rules again.",
          "What was held meanwhile does not leave by itself: a reviewer releases it, or returns it."),
         make=_let_go_form, sudo=True),
    Step("revoke", "Close what waits to be picked up", "Close them", RevokeForm, _revoke,
         ("The links stop at once, also for somebody who is reading now.",
          "This cannot be undone; the officer can send the mail again.",
          "A copy that somebody saved is out of our hands."), make=_revoke_form, danger=True),
)  # fmt: skip
