"""Answers, conditions and pages: ETag, If-Match and If-None-Match (RFC 9110 section 13), cursors."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse

from web.api.problems import Problem

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')
_CURSOR = re.compile(r"n([0-9]{1,18})")


class Encoder(DjangoJSONEncoder):
    """Moments with all their digits: Django's own cuts microseconds, and then the answer is not what is stored."""

    def default(self, o: Any) -> Any:
        """ISO 8601 for anything that has it."""
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """JSON."""
    return JsonResponse(body, status=status, headers=dict(headers or {}), encoder=Encoder, safe=False)


def one(request: HttpRequest, body: Mapping[str, Any], status: int = 200, location: str = "") -> HttpResponse:
    """One record with its ETag; 304 where the caller has this state already."""
    headers = {"ETag": str(body["etag"])} | ({"Location": location} if location else {})
    if request.method in {"GET", "HEAD"} and _names(request.headers.get("If-None-Match", ""), str(body["etag"])):
        return HttpResponse(status=304, headers=headers)
    return reply(body, status, headers)


def require_match(request: HttpRequest, etag: str) -> None:
    """Raises 428 where the caller does not say which state they mean to change, 412 where it is another by now."""
    require_seen(request.headers.get("If-Match", ""), etag)


def require_seen(wanted: str, etag: str) -> None:
    """The same for what an ``If-Match`` says, wherever it stands."""
    if not wanted:
        raise Problem(428, "Say in If-Match which ETag you have seen, so that nobody's change is lost.")
    if not _names(wanted, etag, weak=False):
        raise Problem(412, "This has been changed since you read it; read it again.", {"ETag": etag})


def _names(header: str, etag: str, *, weak: bool = True) -> bool:
    """``*`` is any state. If-Match compares strongly (RFC 9110 section 8.8.3.2)."""
    if header.strip() == "*":
        return True
    listed = _TAG.findall(header)
    return etag in ([t.removeprefix("W/") for t in listed] if weak else listed)


def page(items: Sequence[Mapping[str, Any]], last: int | None) -> HttpResponse:
    """A page; ``next`` is the cursor of the one after it, null on the last. ``last`` is the id that it ends with."""
    return reply({"items": items, "next": cursor(last) if last else None})


def cursor(last: int) -> str:
    """Opaque to callers, so that it may become something else."""
    return base64.urlsafe_b64encode(f"n{last}".encode()).decode().rstrip("=")


def after(text: str) -> int:
    """The id that a cursor stands behind; 0 for none. Raises 422."""
    if not text:
        return 0
    try:
        found = _CURSOR.fullmatch(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    except ValueError:  # of Base64 and of UTF-8
        found = None
    if not found:
        raise Problem(422, "The cursor is not one that was given out.")
    return int(found[1])
