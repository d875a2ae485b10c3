"""The page of somebody who no longer looks after a person: what was shared, what to give back and delete; signed.

The policy: all paper comes back to the officer, digital copies are told of, and what is kept was agreed
("What to do with paperwork when a placement ends or a carer retires"). Who still has something says so, and signs
that: then the officer rings.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from domain.leaving import Copies, How, Papers, Sheet, is_all_gone
from domain.model import Category
from domain.pickup import Doing
from vault.pickup.copy import Document
from vault.pickup.signing import NotSigned
from vault.pickup.trying import may
from web.pickup import failing
from web.pickup.door import Door, inside
from web.pickup.frame import page
from web.pickup.parts import parts
from web.pickup.signing import TICKED, hand_over, named, saved, signed_once

_DOCUMENT, _FIRST = 1, 100
_SHOWN = 20
"""Of the newest; all of them are in the document."""
_PAPERS: dict[Papers, str | Promise] = {
    Papers.RETURNED: _("I have given all papers back."),
    Papers.NONE: _("I never had any papers."),
    Papers.SOME: _("I still have some. Please ring me."),
}
_COPIES: dict[Copies, str | Promise] = {
    Copies.DELETED: _("I have deleted all copies."),
    Copies.NONE: _("I never had any copies."),
    Copies.SOME: _("I still have some. Please ring me."),
}
_HOW: dict[How, str | Promise] = {
    How.MAIL: _("sent to your mailbox"),
    How.SAVED: _("you saved a copy"),
    How.SHOWN: _("shown on our page"),
    How.UNREAD: _("not opened"),
}
_KINDS: dict[Category, str | Promise] = {
    Category.ALL_ABOUT_ME: _("All About Me"),
    Category.RISK_MANAGEMENT_PLAN: _("risk plan"),
    Category.MEDICAL: _("about health"),
    Category.PLACEMENT_AGREEMENT: _("placement agreement"),
    Category.PROFESSIONAL_REPORT: _("a report"),
    Category.FINANCIAL: _("about money"),
    Category.LEGAL: _("a legal paper"),
    Category.ASSESSMENT: _("a review"),
    Category.INCIDENT: _("about an accident or a worry"),
    Category.COMPLAINT: _("a complaint"),
    Category.PERMISSION_FORM: _("a form about sharing"),
    Category.OTHER_PERSONAL: _("other private facts"),
}
_SAID = {
    Papers.RETURNED: "I have given all papers back.",
    Papers.NONE: "I never had any papers.",
    Papers.SOME: "I still have some papers. Please ring me.",
    Copies.DELETED: "I have deleted all copies.",
    Copies.NONE: "I never had any copies.",
    Copies.SOME: "I still have some copies. Please ring me.",
}
"""For the signed paper, which the office reads."""


def leaving(request: HttpRequest, link: str) -> HttpResponse:
    """The form, and what comes from it."""
    return _take(request, link) if request.method == "POST" else _ask(request, link)


@require_safe
@inside
def _ask(request: HttpRequest, door: Door) -> HttpResponse:
    sheet, document = _sheet(door)
    last = parts().signed.latest(door.grant.id)
    if last and is_all_gone(*_said_by(last[0])):
        return page(request, "left", link=door.link)
    return _form(request, door, sheet, document, before=last is not None)


@require_POST
@inside
def _take(request: HttpRequest, door: Door) -> HttpResponse:
    sheet, document = _sheet(door)
    papers, copies = _chosen(request)
    name, missing = named(request)
    problem = ("papers" if papers is None else "copies" if copies is None else "") or missing
    if papers is None or copies is None or problem:
        return _form(request, door, sheet, document, 422, problem=problem)
    if not may(door.caller, Doing.ANSWERED, door.now):
        return failing.too_many(request)
    said = (f"Papers: {_SAID[papers]}", f"Copies: {_SAID[copies]}", TICKED)
    try:
        copy = signed_once(door, document, _number(papers, copies), name, request.POST.get("drawn", ""), said)
    except NotSigned:
        return _form(request, door, sheet, document, 422, problem="broken")
    mail = hand_over(door, document.name, copy)
    if mail is None:
        return _form(request, door, sheet, document, 503, problem="away")
    told = {"papers": papers.value, "copies": copies.value, "mail": mail}
    door.note("leaving signed", sha256=hashlib.sha256(copy.content).hexdigest(), **told)
    return page(request, "left", link=door.link, some=not is_all_gone(papers, copies))


@require_safe
@inside
def copy(_request: HttpRequest, door: Door) -> HttpResponse:
    """What they signed last, to keep."""
    _, document = _sheet(door)
    last = parts().signed.latest(door.grant.id)
    if last is None:
        raise Http404
    door.note("signed copy downloaded", document=_DOCUMENT)
    return saved(last[1], document.name)


def _number(papers: Papers, copies: Copies) -> int:
    """Whoever still has something signs that, and once it is gone signs anew: each is a signature of its own."""
    return _FIRST + len(Copies) * list(Papers).index(papers) + list(Copies).index(copies)


def _said_by(number: int) -> tuple[Papers, Copies]:
    papers, copies = divmod(number - _FIRST, len(Copies))
    return list(Papers)[papers], list(Copies)[copies]


def _sheet(door: Door) -> tuple[Sheet, Document]:
    """Raises ``Http404`` where a mail waits instead, or nothing can be signed here."""
    waiting = parts().shelf.open(door.grant)
    if waiting.leaving is None or parts().signer is None:
        raise Http404
    return waiting.leaving, waiting.documents[0]


def _chosen(request: HttpRequest) -> tuple[Papers | None, Copies | None]:
    """What was ticked; None for nothing, or for what is none of ours."""
    papers, copies = request.POST.get("papers", ""), request.POST.get("copies", "")
    return (
        next((p for p in Papers if p.name == papers), None),
        next((c for c in Copies if c.name == copies), None),
    )


def _form(
    request: HttpRequest,
    door: Door,
    sheet: Sheet,
    document: Document,
    status: int = 200,
    *,
    problem: str = "",
    before: bool = False,
) -> HttpResponse:
    newest = sorted(sheet.shared, key=lambda s: s.on, reverse=True)
    told: dict[str, Any] = {
        "sheet": sheet,
        "document": document,
        "shared": [(s.on, [_KINDS[Category(k)] for k in s.kinds], _HOW[s.how]) for s in newest[:_SHOWN]],
        "more": len(newest) - _SHOWN,
        "papers": [(p.name, text) for p, text in _PAPERS.items()],
        "copies": [(c.name, text) for c, text in _COPIES.items()],
        "problem": problem,
        "before": before,
        "typed": " ".join(request.POST.get("name", "").split()),
    }
    told |= {f"said_{name}": request.POST.get(name, "") for name in ("papers", "copies")}
    return page(request, "leaving", status, link=door.link, **told)
