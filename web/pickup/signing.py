"""Signing a document on the page: a name typed, drawn besides if they wish; who they are, the code has shown.

A copy stays for them; another goes to the officer as a mail inward, so it is read, decided, filed and recorded.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from domain.here import HERE
from domain.pickup import Doing
from vault.pickup.cleaning import Sent
from vault.pickup.copy import Document
from vault.pickup.signed import Copy
from vault.pickup.signing import NotSigned, Signature, signable
from vault.pickup.trying import may
from web.pickup import failing
from web.pickup.door import Door, inside
from web.pickup.frame import page
from web.pickup.parts import parts
from web.pickup.posting import Answer
from web.pickup.reading import attachment, document_of

_LONGEST_NAME = 100
_MOST_POINTS, _WIDEST = 3000, 1000


def sign(request: HttpRequest, link: str, number: int) -> HttpResponse:
    """The form, and what comes from it."""
    return _take(request, link, number=number) if request.method == "POST" else _ask(request, link, number=number)


@require_safe
@inside
def _ask(request: HttpRequest, door: Door, number: int) -> HttpResponse:
    found = _signable(door, number)
    if parts().signed.find(door.grant.id, number):
        return page(request, "signed", link=door.link, document=found)
    return page(request, "sign", link=door.link, document=found)


@require_POST
@inside
def _take(request: HttpRequest, door: Door, number: int) -> HttpResponse:
    found = _signable(door, number)
    name = " ".join(request.POST.get("name", "").split())[:_LONGEST_NAME]
    if len(name.split()) < 2 or not request.POST.get("agree"):  # noqa: PLR2004 - a first and a last name
        problem = "agree" if len(name.split()) > 1 else "name"
        return page(request, "sign", 422, link=door.link, document=found, problem=problem, typed=name)
    if not may(door.caller, Doing.ANSWERED, door.now):
        return failing.too_many(request)
    copy = parts().signed.find(door.grant.id, number)
    if copy is None:
        try:
            copy = _signed(door, found, name, _strokes(request.POST.get("drawn", "")))
        except NotSigned:
            return page(request, "sign", 422, link=door.link, document=found, problem="broken", typed=name)
    if not _hand_over(door, found, copy):
        return page(request, "sign", 503, link=door.link, document=found, problem="away", typed=name)
    door.note("signed", document=number, sha256=hashlib.sha256(copy.content).hexdigest())
    return page(request, "signed", link=door.link, document=found)


@require_safe
@inside
def copy(_request: HttpRequest, door: Door, number: int) -> HttpResponse:
    """Their own copy."""
    found = parts().signed.find(door.grant.id, number)
    if found is None:
        raise Http404
    door.note("signed copy downloaded", document=number)
    name = f"signed {document_of(door, number).name}"
    return HttpResponse(
        found.content, content_type="application/octet-stream", headers={"Content-Disposition": attachment(name)}
    )


def _signable(door: Door, number: int) -> Document:
    found = document_of(door, number)
    if parts().signer is None or not signable(found):
        raise Http404
    return found


def _signed(door: Door, document: Document, name: str, strokes: list[list[tuple[int, int]]]) -> Copy:
    signer = parts().signer
    assert signer is not None  # noqa: S101 - else it is not offered
    evidence = _evidence(door, document, name, door.now)
    signature = Signature(name, strokes, gettext("I have read this and I agree."), evidence, door.now)
    made = signer.sign(document.content, signature)
    return parts().signed.keep(door.grant.id, document.number, made, door.now)


def _evidence(door: Door, document: Document, name: str, now: datetime) -> tuple[str, ...]:
    """What is known, as sentences for whoever reads the document in years."""
    return (
        "Signature",
        f"Signed by: {name}",
        f"At: {now.astimezone(HERE):%d %B %Y, %H:%M:%S %Z}",
        'They ticked "I have read this and I agree."',
        f"How they were known: the link sent to {door.grant.recipient}, and {door.way}.",
        f"Document that was shown: SHA-256 {hashlib.sha256(document.content).hexdigest()}",
        f"Pick-up {door.grant.id}, record {door.grant.record}.",
        f"{parts().service} confirms this by its own electronic signature.",
        "",
    )


def _hand_over(door: Door, document: Document, copy: Copy) -> bool:
    text = gettext(
        "The signed document is attached. On its last page stands who signed it, when, and how they were known."
    )
    subject = gettext("signed: %(name)s") % {"name": document.name}
    files = (Sent(f"signed {document.name}", copy.content),)
    return parts().post.send(Answer(copy.ident, door.grant.recipient, door.grant.sender, subject, text, files))


def _strokes(drawn: str) -> list[list[tuple[int, int]]]:
    """What was drawn: lists of points in pixels. What is no drawing is none."""
    try:
        told = json.loads(drawn) if drawn else []
        strokes = [[(int(x), int(y)) for x, y in stroke] for stroke in told]
    except (ValueError, TypeError, OverflowError, RecursionError):
        return []
    points = [n for stroke in strokes for point in stroke for n in point]
    fits = len(points) <= 2 * _MOST_POINTS and all(0 <= n <= _WIDEST for n in points)
    return strokes if fits else []
