"""An answer with files: one form, which works without JavaScript; with it, files go up piece by piece and can go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from domain.errors import SallyportError
from domain.pickup import Doing
from vault.ids import is_id, made_at, new_id
from vault.pickup.cleaning import NotTaken, Sent, clean
from vault.pickup.trying import may
from vault.pickup.uploads import PIECE
from web.pickup import failing
from web.pickup.door import Door, inside
from web.pickup.frame import page
from web.pickup.parts import parts
from web.pickup.posting import Answer

_LONGEST = 20_000
_FRESH = timedelta(days=1)
_MOST_FILES = 10


def answer(request: HttpRequest, link: str) -> HttpResponse:
    """The form, and what comes from it."""
    return _take(request, link) if request.method == "POST" else _form_page(request, link)


@require_safe
@inside
def _form_page(request: HttpRequest, door: Door) -> HttpResponse:
    return _form(request, door, new_id(door.now))


def _form(
    request: HttpRequest, door: Door, ident: str, status: int = 200, *, problem: str = "", file: str = ""
) -> HttpResponse:
    text = request.POST.get("text", "")[:_LONGEST] if request.method == "POST" else ""
    told = {"ident": ident, "text": text, "problem": problem, "file": file, "piece": PIECE}
    return page(request, "answer", status, link=door.link, most=parts().most, **told)


@require_POST
@inside
def _take(request: HttpRequest, door: Door) -> HttpResponse:
    if not may(door.caller, Doing.ANSWERED, door.now):  # before a file of theirs is opened: that costs the most
        return failing.too_many(request)
    ident = request.POST.get("answer", "")
    if not is_id(ident) or not door.now - _FRESH <= made_at(ident) <= door.now:  # it gives the mail's date
        ident = new_id(door.now)
    text = request.POST.get("text", "")[:_LONGEST].strip()
    try:
        files = tuple(_files(request, door))
    except NotTaken as error:
        return _form(request, door, ident, 422, problem="kind", file=error.name)
    except (ValueError, SallyportError):
        return _form(request, door, ident, 422, problem="broken")
    if len(files) > _MOST_FILES or sum(len(f.content) for f in files) > parts().most:
        return _form(request, door, ident, 422, problem="large")
    if not text and not files:
        return _form(request, door, ident, 422, problem="empty")
    return _send(request, door, Answer(ident, door.grant.recipient, door.grant.sender, _subject(door), text, files))


def _send(request: HttpRequest, door: Door, made: Answer) -> HttpResponse:
    if not parts().post.send(made):
        return _form(request, door, made.ident, 503, problem="away")
    door.note("answered", files=len(made.files))
    for upload in _uploads(request):
        parts().uploads.forget(door.grant.id, upload)
    return page(request, "answered", link=door.link)


@inside
def upload(request: HttpRequest, door: Door, ident: str) -> HttpResponse:
    """How many pieces of a file there are; or one more, by POST (``number`` in the query, the piece as the body)."""
    if not is_id(ident):
        return JsonResponse({"problem": "name"}, status=400)
    if request.method == "POST":
        if not may(door.caller, Doing.UPLOADED, door.now):
            return JsonResponse({"problem": "too many"}, status=429)
        try:
            number = int(request.GET.get("number", ""))
            parts().uploads.add(door.grant.id, ident, number, request.body, door.now)
        except ValueError:
            return JsonResponse({"problem": "piece"}, status=400)
    return JsonResponse({"pieces": parts().uploads.pieces(door.grant.id, ident)})


def _files(request: HttpRequest, door: Door) -> Iterator[Sent]:
    """Those in the form itself, and those that went up before it."""
    for given in request.FILES.getlist("files")[: _MOST_FILES + 1]:
        if isinstance(given, UploadedFile) and given.size:
            yield clean(given.name or "file", given.read())
    for upload_ident, name in zip(_uploads(request), request.POST.getlist("name"), strict=False):
        yield clean(name, parts().uploads.read(door.grant.id, upload_ident))


def _uploads(request: HttpRequest) -> list[str]:
    return request.POST.getlist("upload")[:_MOST_FILES]


def _subject(door: Door) -> str:
    return parts().shelf.open(door.grant).subject
