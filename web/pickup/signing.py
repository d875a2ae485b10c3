"""Signing a document on the page: a name typed, drawn besides if they wish; who they are, the code has shown.

A copy stays for them; another goes to the officer as a mail inward, so it is read, decided, filed and recorded.
"""

from __future__ import annotations

import hashlib
import json

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
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
TICKED = "I have read this and I agree."


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
    name, problem = named(request)
    if problem:
        return page(request, "sign", 422, link=door.link, document=found, problem=problem, typed=name)
    if not may(door.caller, Doing.ANSWERED, door.now):
        return failing.too_many(request)
    try:
        copy = signed_once(door, found, number, name, request.POST.get("drawn", ""), (TICKED,))
    except NotSigned:
        return page(request, "sign", 422, link=door.link, document=found, problem="broken", typed=name)
    mail = hand_over(door, found.name, copy)
    if mail is None:
        return page(request, "sign", 503, link=door.link, document=found, problem="away", typed=name)
    door.note("signed", document=number, sha256=hashlib.sha256(copy.content).hexdigest(), mail=mail)
    return page(request, "signed", link=door.link, document=found)


@require_safe
@inside
def copy(_request: HttpRequest, door: Door, number: int) -> HttpResponse:
    """Their own copy."""
    found = parts().signed.find(door.grant.id, number)
    if found is None:
        raise Http404
    door.note("signed copy downloaded", document=number)
    return saved(found, document_of(door, number).name)


def saved(copy: Copy, name: str) -> HttpResponse:
    """A signed copy of the document of that name, to keep."""
    answer = HttpResponse(copy.content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = attachment(f"signed {name}")
    return answer


def _signable(door: Door, number: int) -> Document:
    found = document_of(door, number)
    if parts().signer is None or not signable(found):
        raise Http404
    return found


def named(request: HttpRequest) -> tuple[str, str]:
    """The name that was typed, and what is missing: a first and a last name, the tick; or nothing."""
    name = " ".join(request.POST.get("name", "").split())[:_LONGEST_NAME]
    if len(name.split()) < 2:  # noqa: PLR2004 - a first and a last name
        return name, "name"
    return name, "" if request.POST.get("agree") else "agree"


def signed_once(door: Door, document: Document, number: int, name: str, drawn: str, said: tuple[str, ...]) -> Copy:
    """The signed copy of that number; an earlier one counts. ``said`` is what they ticked. Raises ``NotSigned``."""
    kept = parts().signed.find(door.grant.id, number)
    if kept is not None:
        return kept
    signer = parts().signer
    assert signer is not None  # noqa: S101 - else it is not offered
    evidence = _evidence(door, document, name, said)
    made = signer.sign(document.content, Signature(name, _strokes(drawn), said[-1], evidence, door.now))
    return parts().signed.keep(door.grant.id, number, made, door.now)


def _evidence(door: Door, document: Document, name: str, said: tuple[str, ...]) -> tuple[str, ...]:
    """What is known, as sentences for whoever reads the document in years: in English, whatever the page was in."""
    return (
        "Signature",
        f"Signed by: {name}",
        f"At: {door.now.astimezone(HERE):%d %B %Y, %H:%M:%S %Z}",
        *(f'They ticked "{sentence}"' for sentence in said),
        f"How they were known: the link sent to {door.grant.recipient}, and {door.way}.",
        f"Language of the page: {get_language()}.",
        f"Document that was shown: SHA-256 {hashlib.sha256(document.content).hexdigest()}",
        f"Pick-up {door.grant.id}, record {door.grant.record}.",
        f"{parts().service} confirms this by its own electronic signature.",
        "",
    )


def hand_over(door: Door, name: str, copy: Copy) -> str | None:
    """To the officer, by mail: its SHA-256, by which the vault knows it; None where the relay did not take it."""
    text = "The signed document is attached. On its last page stands who signed it, when, and how they were known."
    files = (Sent(f"signed {name}", copy.content),)
    answer = Answer(copy.ident, door.grant.recipient, door.grant.sender, f"signed: {name}", text, files)
    content = parts().post.compose(answer)
    return hashlib.sha256(content).hexdigest() if parts().post.send(answer) else None


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
