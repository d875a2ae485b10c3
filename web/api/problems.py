"""Errors as RFC 9457 problem details: one public sentence each, and never what was sent."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import DataError, Error, IntegrityError
from django.db.models import ProtectedError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as MisshapenError
from pydantic import BaseModel

from domain.errors import SallyportError

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger("web")


class ProblemBody(BaseModel):
    """RFC 9457 section 3.1; ``errors`` names the fields at fault."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = []


class Problem(Exception):
    """Raised anywhere below a handler: the status and the sentence that are answered."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


def answer(
    status: int, detail: str, headers: Mapping[str, str] | None = None, errors: Iterable[dict[str, str]] = ()
) -> HttpResponse:
    """The response."""
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    body["detail"] = detail
    if listed := list(errors):
        body["errors"] = listed
    return HttpResponse(json.dumps(body), status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))


def handle_in(api: NinjaAPI) -> None:
    """Every exception of a handler becomes a problem."""
    for kind, make in _MADE.items():
        api.add_exception_handler(kind, partial(_made, make))
    api.add_exception_handler(Exception, broken)


def _made(make: Callable[[Any], HttpResponse], _request: HttpRequest, error: Any) -> HttpResponse:
    return make(error)


_NO_RECORD = "There is no such record."
_TWICE = "Another record has the same identifier already."


def impossible(error: ValidationError) -> HttpResponse:
    """The sentences of the model's rules that were broken; 409 where the identifier is somebody else's."""
    fields = error.error_dict if hasattr(error, "error_dict") else {"__all__": error.error_list}
    every = [(name, e) for name, errors in fields.items() for e in errors]
    if all(e.code in {"unique", "unique_together"} for _, e in every):
        return answer(409, _TWICE)
    said = {name: _TWICE if e.code == "unique" else " ".join(e.messages) for name, e in every}
    listed = [{"field": "" if n == "__all__" else n, "says": s} for n, s in said.items()]
    return answer(422, f"This cannot be: {'; '.join(dict.fromkeys(said.values()))}.".replace("..", "."), errors=listed)


def _misshapen(error: MisshapenError) -> HttpResponse:
    """What cannot be an address's key is the key of nothing: 404."""
    if any(e["loc"][:1] == ("path",) for e in error.errors):
        return answer(404, _NO_RECORD)
    listed = [{"field": _field(e["loc"]), "says": str(e["msg"]).removeprefix("Value error, ")} for e in error.errors]
    return answer(422, "The request is not of the form that the API's description gives.", errors=listed)


def _field(place: Sequence[str | int]) -> str:
    """As the caller wrote it: ninja says first what part of the request it is, and a body's argument."""
    words = [str(w) for w in place]
    if words[0] == "body":
        return ".".join(words[2:])
    return ".".join(words[1:])


def _sentence(status: int) -> str:
    return "The body is not JSON." if status == HTTPStatus.BAD_REQUEST else "This cannot be done."


def _away(error: Exception) -> HttpResponse:
    _log.error("database away", error=type(error).__name__)
    return answer(503, "The register cannot be reached just now; try again.", {"Retry-After": "5"})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own refusals."""
    return answer(400, "This request cannot be understood.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such path."""
    return answer(404, "There is nothing at this address; /api/docs lists what there is.")


def broken(_request: HttpRequest, error: Any = None) -> HttpResponse:
    """A fault of ours. What was wrong goes to the log as a place in the code, without the values."""
    frames = traceback.extract_tb(getattr(error, "__traceback__", None))
    places = [f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in frames]
    _log.error("unexpected", error=type(error).__name__, places=places[-4:])
    return answer(500, "Something went wrong here; nothing was changed.")


_MADE: dict[type[Exception], Callable[[Any], HttpResponse]] = {
    Problem: lambda e: answer(e.status, e.detail, e.headers),
    MisshapenError: _misshapen,
    ValidationError: impossible,
    ProtectedError: lambda _: answer(409, "Other records still refer to this one."),
    Http404: lambda _: answer(404, _NO_RECORD),
    HttpError: lambda e: answer(e.status_code, _sentence(e.status_code)),
    IntegrityError: lambda _: answer(409, _TWICE),
    DataError: lambda _: answer(422, "A value is too long or out of range."),
    SallyportError: lambda e: answer(409, e.public),  # what recording says cannot be
    Error: _away,
}
