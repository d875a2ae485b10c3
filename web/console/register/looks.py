"""Each look into the register is in the audit trail before anything is shown; what is unrecorded is not shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.forms import Form
from django.http import HttpRequest, QueryDict

from register.acting import acting
from register.recording import Impossible
from vault import audit, looks
from web import clock
from web.console.doors import who


def looked(request: HttpRequest, action: str, **details: object) -> None:
    """An event in their name, durable on return. Raises ``VaultUnavailable``."""
    looks.note(audit.Event(clock.now(), who(request).actor, action, details=details))


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form gets: also an empty answer is one, once it was sent."""
    return request.POST if request.method == "POST" else None


@contextmanager
def recorded(request: HttpRequest, form: Form, why: str = "") -> Iterator[None]:
    """What is saved inside is theirs, for that reason. What cannot be stands on the form, with what to do instead."""
    try:
        with acting(who(request).actor, why):
            yield
    except Impossible as error:
        form.add_error(None, error.public)
