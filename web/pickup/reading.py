"""The message and its documents, for whoever proved who they are. Each look is in the audit trail first."""

from __future__ import annotations

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vault.pickup.copy import Document
from vault.pickup.pictured import can_be_drawn, page_of, pages_of
from vault.pickup.signing import signable
from web.pickup.door import Door, inside
from web.pickup.frame import page
from web.pickup.parts import parts


@require_safe
@inside
def message(request: HttpRequest, door: Door) -> HttpResponse:
    """The words, and the list of documents."""
    door.note("message read")
    waiting = parts().shelf.open(door.grant)
    if waiting.leaving is not None:
        return door.to("leaving")
    return page(request, "message", link=door.link, message=waiting, until=door.grant.until, devices=parts().devices)


@require_safe
@inside
def document(request: HttpRequest, door: Door, number: int) -> HttpResponse:
    """A document as words, and as pictures of its pages where it has any."""
    found = document_of(door, number)
    door.note("document read", document=number)
    drawn = pages_of(found.content) if can_be_drawn(found.kind) else 0
    offered = parts().signer is not None and signable(found)
    return page(request, "document", link=door.link, document=found, pages=range(1, drawn + 1), signable=offered)


@require_safe
@inside
def picture(_request: HttpRequest, door: Door, number: int, which: int) -> HttpResponse:
    """One page, drawn anew behind walls. Whoever asks for it without the document's own page has seen it, too."""
    found = document_of(door, number)
    door.note("page shown", document=number, page=which)
    drawn = page_of(found.content, which) if can_be_drawn(found.kind) and which else None
    if drawn is None:
        raise Http404
    return HttpResponse(drawn, content_type="image/jpeg")


@require_safe
@inside
def file(_request: HttpRequest, door: Door, number: int) -> HttpResponse:
    """The document itself, to keep. From then on there is a copy that nobody can take back."""
    found = document_of(door, number)
    door.note("document downloaded", document=number)
    answer = HttpResponse(found.content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = attachment(found.name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def document_of(door: Door, number: int) -> Document:
    """That document of the message. Raises ``Http404``."""
    found = next((d for d in parts().shelf.open(door.grant).documents if d.number == number), None)
    if found is None:
        raise Http404
    return found


def attachment(name: str) -> str:
    """Content-Disposition (RFC 6266): a name that old programs read, and the true one."""
    clean = "".join(c for c in name if c.isprintable() and c not in '/\\"')
    plain = clean.encode("ascii", "replace").decode().replace("?", "_") or "document"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"
