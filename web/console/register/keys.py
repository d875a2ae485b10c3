"""A recipient's key is taken up, or taken out.

To whom mail is encrypted is decided here, so it is a records officer who does it, shows once more who they are, and
types the end of the fingerprint as its owner has read it out: whoever sends a key of their own in somebody's name can
send everything but that. Keys that mail brings: ``seen_keys.py``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from domain.decision import Method
from register import models as m
from register import recording
from web.console.doors import permits
from web.console.may import Action
from web.console.outside import outside
from web.console.register.change import Change, answer
from web.console.register.key_forms import AddForm, OutForm
from web.console.register.looks import looked

ADD = Change(
    "Add a recipient's key", AddForm,
    lambda _, said, now: recording.take_up_key(said["address"], said["found"], now),
    "The key is added. The next mail to this address is encrypted to it.",
    ("Ring its owner on a number that you know, not on one from the mail that brought the key.",
     "Have them read out their key's fingerprint."), "Add the key",
)  # fmt: skip
OUT = Change(
    "Take a key out", OutForm, lambda row, _, now: recording.take_out_key(row.pk, now),
    "The key is taken out.",
    ("Nothing is encrypted to it any more. What was sent with it stays readable to its owner.",
     "If it is the last one of this address, mail to it waits on the pick-up page, or is held."), "Take it out",
)  # fmt: skip


@permits(Action.KEYS_CHANGE, sudo=True)
def add(request: HttpRequest) -> HttpResponse:
    """A key that somebody handed in, as a file or as text."""
    return _changed(request, replace(ADD, lines=(*ADD.lines, *_useless())), None, "")


def _useless() -> list[str]:
    """What is said of the kinds of keys that would be refused, whoever's they are: before somebody rings for one."""
    words = {
        Method.OPENPGP: "An OpenPGP key cannot be used: this service is not set up to send OpenPGP mail.",
        Method.SMIME: "A certificate cannot be used: this service is not set up to send S/MIME mail.",
    }
    said = [words[kind] for kind in words if kind not in outside().kinds()]
    return [*said, "An operator can set that up. Until then such a key is refused here."] if said else []


@permits(Action.KEYS_CHANGE, sudo=True)
def take_out(request: HttpRequest, key: int) -> HttpResponse:
    """It is used no more."""
    row = m.RecipientKey.objects.filter(pk=key).first()
    if row is None:
        raise Http404
    return _changed(request, OUT, row, f"{row.method} {row.fingerprint} of {row.address}")


def _changed(request: HttpRequest, change: Change, row: Any, caption: str) -> HttpResponse:
    if request.method == "POST":
        about = {"address": row.address, "fingerprint": row.fingerprint} if row else {}
        looked(request, f"key: {change.button[:1].lower()}{change.button[1:]}", **about)
    return answer(request, change, row, reverse("register-keys"), caption)
