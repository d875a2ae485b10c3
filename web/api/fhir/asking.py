"""How a caller wants FHIR back: as JSON, the only form here, and as what (R4, "RESTful API": content types, Prefer)."""

from __future__ import annotations

import re
from typing import Annotated

from django.http import HttpRequest
from ninja import Header, Query

from web.api.problems import Problem

MEDIA_TYPE = "application/fhir+json"
_IN_JSON = frozenset({"json", "application/json", "text/json", MEDIA_TYPE, "application/fhir json"})
"""The last is the media type in a query, where a plus sign is a blank."""
_ALLOWED = frozenset({"application/json", MEDIA_TYPE, "application/*", "*/*"})
_RETURN = re.compile(r"(?:^|[,;\s])return=\"?(minimal|representation|OperationOutcome)\b")

Format = Annotated[str | None, Query(alias="_format", max_length=64, description="Only `json`, in any spelling.")]
Prefer = Annotated[
    str | None, Header(description="`return=minimal`, `return=representation` or `return=OperationOutcome`.")
]


def in_json(request: HttpRequest) -> None:
    """Raises :class:`Problem` 406 for who wants another form. ``_format`` stands over Accept."""
    asked = request.GET.get("_format")
    wants = _accepted(request.headers.get("Accept", "")) if asked is None else {_bare(asked)} & _IN_JSON
    if not wants:
        raise Problem(406, f"FHIR is answered as {MEDIA_TYPE} here, and as nothing else.")


def _accepted(header: str) -> set[str]:
    """What of ours an Accept header allows; everything, where there is none (RFC 9110 section 12.5.1)."""
    ranges = [part.split(";") for part in header.split(",") if part.strip()]
    refused = {_bare(r[0]) for r in ranges if any(re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", p) for p in r[1:])}
    allowed = {_bare(r[0]) for r in ranges} or {"*/*"}
    return (allowed & _ALLOWED) - refused


def _bare(media_type: str) -> str:
    return media_type.split(";", maxsplit=1)[0].strip().lower()


def wanted_back(request: HttpRequest) -> str:
    """The preference that is known here, or nothing (RFC 7240: another is passed over)."""
    found = _RETURN.search(request.headers.get("Prefer", ""))
    return found[1] if found else ""
