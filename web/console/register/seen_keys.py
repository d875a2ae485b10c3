"""Keys that came by mail from outside: accepted once their owner has confirmed them, or dismissed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from domain.decision import Method
from domain.errors import UnusableKey
from domain.ports import StoredKey
from domain.seen_keys import KeySource
from register import models as m
from register import seeing
from register.acting import acting
from web import clock
from web.console.answering import in_sentences
from web.console.doors import permits, who
from web.console.may import Action
from web.console.outside import outside
from web.console.records.asking import ask
from web.console.register import scope
from web.console.register.fields import text
from web.console.register.looks import looked

_CAME = {
    KeySource.OPENPGP: "It came in a mail that was signed by it: whoever wrote that mail has the key.",
    KeySource.SMIME: "It came in a mail that was signed by it: whoever wrote that mail has the key.",
    KeySource.AUTOCRYPT: "It came in a line of a mail that anybody can write. It proves nothing.",
}
_WHERE = {
    Method.OPENPGP: (
        "In Thunderbird it stands in the account's settings under End-To-End Encryption; other programs call it the "
        "key's properties or details."
    ),
    Method.SMIME: (
        "It stands in the details of their certificate, as the SHA-256 fingerprint. Windows shows another, shorter one "
        "there, the thumbprint: they save the certificate as a file, and their IT desk says the SHA-256 of it."
    ),
}
_GROUP, _LINE = 4, 4
_CHANGED = "This is another key than the one that was known. Somebody may be writing in their name."


class AcceptForm(forms.Form):
    """How its owner confirmed it."""

    why = text(
        "How did its owner confirm the fingerprint?",
        hint="For example: rang the number in their file. It is kept with your name",
        required="Say how its owner confirmed it. Without that nobody knows whose key it is.",
        longest=100,
    )


class DismissForm(forms.Form):
    """Why it is not theirs, or not wanted."""

    why = text(
        "Why is it dismissed?",
        hint="For example: they say that they have no new key. It is kept with your name",
        required="Say why, in a few words.",
        longest=100,
    )


def listed(request: HttpRequest, most: int) -> Sequence[m.SeenKey]:
    """All that wait, changed ones first: for those who settle them. The look is recorded."""
    rows = seeing.waiting()[:most]
    if rows:
        looked(request, "seen keys listed", rows=len(rows))
    return rows


@permits(Action.KEYS_SETTLE, sudo=True)
@in_sentences
def accept(request: HttpRequest, key: int) -> HttpResponse:
    """From now on mail to its address is encrypted to it, beside the keys that were there. It passes the gate first."""
    row = _row(key)

    def do(form: AcceptForm) -> str:
        stored = StoredKey(Method(row.method), row.fingerprint, bytes(row.data), row.address)
        if reason := outside().key_fault(stored, clock.now()):
            raise UnusableKey("gate", public=f"This key cannot be used: {reason}.")
        looked(request, "recipient key added", address=row.address, fingerprint=row.fingerprint)
        with acting(who(request).actor, form.cleaned_data["why"]):
            done = seeing.accept(row.address, row.fingerprint)
        return "Accepted. Mail to this address is encrypted to it from now on." if done else "It was settled already."

    back = reverse("register-keys")
    return ask(request, AcceptForm, do, back, "Accept this key", accepting=True, **_about(request, row))


@permits(Action.KEYS_SETTLE, sudo=True)
@in_sentences
def dismiss(request: HttpRequest, key: int) -> HttpResponse:
    """Forget it. Another mail may bring it again."""
    row = _row(key)

    def do(form: DismissForm) -> str:
        about = {"address": row.address, "fingerprint": row.fingerprint, "why": form.cleaned_data["why"]}
        looked(request, "seen key dismissed", **about)
        seeing.dismiss(row.address, row.fingerprint)
        return "Dismissed. Nothing was encrypted to it. Another mail may bring it again."

    back = reverse("register-keys")
    return ask(request, DismissForm, do, back, "Dismiss this key", danger=True, **_about(request, row))


def _about(request: HttpRequest, row: m.SeenKey) -> dict[str, Any]:
    """What stands above the form."""
    named = scope.parties(who(request)).filter(email=row.address).first()
    older = m.RecipientKey.objects.filter(address=row.address, method=row.method).order_by("pk")
    return {
        "template": "console/register/key_seen.html",
        "caption": f"{row.address}, {row.method}",
        "lines": (_CAME[KeySource(row.source)],),
        "warning": _CHANGED if row.changed else "",
        "owner": named.name if named else "its owner",
        "where": _WHERE[Method(row.method)],
        "mark": _lines(row.fingerprint),
        "known": [_lines(fingerprint) for fingerprint in older.values_list("fingerprint", flat=True)],
    }


def _lines(fingerprint: str) -> list[list[str]]:
    """As it is read out: groups of four, four in a line."""
    groups = [fingerprint[at : at + _GROUP] for at in range(0, len(fingerprint), _GROUP)]
    return [groups[at : at + _LINE] for at in range(0, len(groups), _LINE)]


def _row(key: int) -> m.SeenKey:
    row = m.SeenKey.objects.filter(pk=key).first()
    if row is None:
        raise Http404
    return row
