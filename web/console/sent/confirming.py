"""One click on one's own held mail: the address is right, or the mail goes to the address that was meant.

By POST alone, from a button on the mail's page; what is offered there is looked at again here. Each settles all copies
of the mail that wait for the same, so that a mail to thirty takes one click.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from vault.held import confirming
from web import clock
from web.console.answering import in_sentences
from web.console.desk import desk
from web.console.doors import permits, who
from web.console.may import Action
from web.console.sent.views import own_mail

_DONE = "Thank you. The mail is decided anew within seconds, and leaves if nothing else is in the way."


@permits(Action.SENT_ACT)
@require_POST
@in_sentences
def right(request: HttpRequest, record: str) -> HttpResponse:
    """Yes, the address is right."""
    own_mail(request, record)
    confirming.confirm(confirming.of_record(record), who(request).actor, desk().guard, clock.now())
    return _back(request, record)


@permits(Action.SENT_ACT)
@require_POST
@in_sentences
def instead(request: HttpRequest, record: str) -> HttpResponse:
    """Send it to the address that was meant."""
    own_mail(request, record)
    confirming.send_instead(confirming.of_record(record), who(request).actor, clock.now())
    return _back(request, record)


def _back(request: HttpRequest, record: str) -> HttpResponse:
    messages.success(request, _DONE)
    return HttpResponseRedirect(reverse("sent-mail", args=[record]))
