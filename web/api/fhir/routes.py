"""``/api/fhir``: a person and their permissions as FHIR R4, read and recorded, one by one or as a bundle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from ninja import Header, Path, Query, Router
from pydantic import BaseModel

from register import models as m
from web.api.access import BearerToken
from web.api.changing import once
from web.api.fhir import consent, patient
from web.api.fhir.asking import MEDIA_TYPE, Format, Prefer, in_json, wanted_back
from web.api.fhir.outcome import outcome
from web.api.fhir.taking import Note, Taking, refused
from web.api.fhir.words import Json
from web.api.problems import Problem
from web.api.replies import Encoder, one
from web.api.resources.listed import PEOPLE, PERMISSIONS
from web.api.resources.resource import Resource
from web.api.resources.routes import Again, IfNoneMatch, Key, Why, problems
from web.api.tokens import Scope
from web.api.values import Shape

router = Router(tags=["fhir"])
_READ, _WRITE = BearerToken(Scope.REGISTER_READ), BearerToken(Scope.REGISTER_WRITE)
_MOST = 500
IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="The ETag that you have seen. Required where it is known already.")
]
Ref = Annotated[str, Path(pattern=r"^[A-Za-z0-9.-]{1,64}$")]


def _body(kind: str) -> Json:
    shape = {"type": "object", "required": ["resourceType"], "properties": {"resourceType": {"const": kind}}}
    return {"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": shape}}}}


def _answers(*statuses: int) -> Json:
    """What comes back is FHIR, whose shape this description leaves to HL7's own."""
    fhir = {"content": {MEDIA_TYPE: {"schema": {"type": "object", "required": ["resourceType"]}}}}
    return {"responses": {status: fhir | {"description": "FHIR R4"} for status in statuses}}


class OfPerson(Shape):
    """``patient`` is a person's ``ref``."""

    patient: Annotated[str, Query(pattern=r"^(Patient/)?[A-Za-z0-9.-]{1,64}$")]


@router.get("/Patient/{ref}", auth=_READ, response={304: None} | problems(404, 406), openapi_extra=_answers(200),
            summary="Read a person as FHIR", description="Scope: `register:read`.",
            operation_id="fhir_read_patient")  # fmt: skip
def read_patient(
    request: HttpRequest, ref: Ref, format_: Format = None, if_none_match: IfNoneMatch = None
) -> HttpResponse:
    """By their reference."""
    in_json(request)
    row = m.Person.objects.filter(ref=ref).first()
    if row is None:
        raise Problem(404, "There is no such person.")
    return _one(request, PEOPLE, row, patient.export(row))


@router.get("/Consent/{key}", auth=_READ, response={304: None} | problems(404, 406), openapi_extra=_answers(200),
            summary="Read a permission as FHIR", description="Scope: `register:read`.",
            operation_id="fhir_read_consent")  # fmt: skip
def read_consent(
    request: HttpRequest, key: Key, format_: Format = None, if_none_match: IfNoneMatch = None
) -> HttpResponse:
    """By its id."""
    in_json(request)
    row = PERMISSIONS.get(key)
    return _one(request, PERMISSIONS, row, consent.export(row))


@router.get("/Consent", auth=_READ, response=problems(406), openapi_extra=_answers(200),
            summary="Read a person's permissions as FHIR", description="Scope: `register:read`.",
            operation_id="fhir_list_consents")  # fmt: skip
def list_consents(request: HttpRequest, asked: Annotated[OfPerson, Query()], format_: Format = None) -> HttpResponse:
    """A searchset."""
    in_json(request)
    rows = m.Permission.objects.filter(person__ref=asked.patient.removeprefix("Patient/")).order_by("pk")
    entries = [{"fullUrl": f"/api/fhir/Consent/{r.pk}", "resource": consent.export(r)} for r in rows]
    return _fhir({"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries})


@router.post("/Patient", auth=_WRITE, response=problems(406, 409, 412, 413, 415, 428),
             openapi_extra=_answers(200, 201) | _body("Patient"), summary="Record a person from FHIR",
             description="Scope: `register:write`.", operation_id="fhir_record_patient")  # fmt: skip
def record_patient(
    request: HttpRequest, if_match: IfMatch = None, format_: Format = None, prefer: Prefer = None,
    idempotency_key: Again = None, reason: Why = None,
) -> HttpResponse:  # fmt: skip
    """201 for a new person, 200 for one that is known; what is not kept is said."""
    in_json(request)
    element = _checked(request.body, "Patient")
    return once(request, lambda: _answer(request, _stored(element, {}, if_match or "")))


@router.post("/Consent", auth=_WRITE, response=problems(406, 409, 412, 413, 415, 428),
             openapi_extra=_answers(200, 201) | _body("Consent"), summary="Record a permission from FHIR",
             description="Scope: `register:write`.", operation_id="fhir_record_consent")  # fmt: skip
def record_consent(
    request: HttpRequest, if_match: IfMatch = None, format_: Format = None, prefer: Prefer = None,
    idempotency_key: Again = None, reason: Why = None,
) -> HttpResponse:  # fmt: skip
    """201 for a new one, 200 for one that is known; what is not kept is said."""
    in_json(request)
    element = _checked(request.body, "Consent")
    return once(request, lambda: _answer(request, _stored(element, {}, if_match or "")))


@router.post("", auth=_WRITE, response=problems(406, 409, 412, 413, 415, 428),
             openapi_extra=_answers(200) | _body("Bundle"), operation_id="fhir_record_bundle",
             summary="Record people and permissions from a FHIR bundle",
             description="A transaction: all of it, or nothing. Scope: `register:write`.")  # fmt: skip
def record_bundle(
    request: HttpRequest, format_: Format = None, idempotency_key: Again = None, reason: Why = None
) -> HttpResponse:
    """People first, so that permissions may refer to them. What is not kept is said with each."""
    in_json(request)
    entries = _entries(_checked(request.body, "Bundle"))

    def do() -> HttpResponse:
        known: dict[str, str] = {}
        answers: dict[int, Json] = {}
        for n, entry in sorted(enumerate(entries), key=lambda e: e[1].element["resourceType"] != "Patient"):
            stored = _stored(entry.element, known, entry.seen)
            if isinstance(stored.row, m.Person) and entry.address:
                known[entry.address] = stored.row.ref
            said = {"status": str(stored.status), "location": stored.where, "etag": stored.etag}
            answers[n] = {"response": said | ({"outcome": outcome(stored.notes)} if stored.notes else {})}
        listed = [answers[n] for n in sorted(answers)]
        return _fhir({"resourceType": "Bundle", "type": "transaction-response", "entry": listed})

    return once(request, do)


class _Entry(NamedTuple):
    """A resource with the address that it has in the bundle, and its ``ifMatch``."""

    address: str
    element: Json
    seen: str


def _entries(element: Json) -> list[_Entry]:
    bundle = Taking(element, "Bundle")
    bundle.skip("resourceType", "id", "meta", "timestamp")
    bundle.must_be("type", "transaction")
    found: list[_Entry] = []
    for entry in bundle.each("entry"):
        address, resource = entry.text("fullUrl"), entry.take("resource")
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if kind not in _KINDS:
            raise refused("A bundle may hold Patient and Consent resources, and nothing else.")
        asked = entry.inside("request")
        asked.must_be("method", "POST")
        asked.must_be("url", kind)
        seen = asked.text("ifMatch")
        asked.done()
        entry.done()
        found.append(_Entry(address, resource, seen))
    bundle.done()
    if len(found) > _MOST:
        raise refused(f"A bundle may have at most {_MOST} entries.")
    return found


_KINDS = frozenset({"Patient", "Consent"})


class _Stored(NamedTuple):
    """What a resource became, and what of it was not kept."""

    resource: Resource
    row: m.Person | m.Permission
    status: int
    where: str
    notes: list[Note]

    @property
    def etag(self) -> str:
        """Of its present state."""
        return self.resource.etags([self.row.pk])[self.row.pk]


def _stored(element: Json, known: Mapping[str, str], seen: str) -> _Stored:
    notes: list[Note] = []
    if element["resourceType"] == "Patient":
        person, new = patient.put(element, seen, notes)
        return _Stored(PEOPLE, person, 201 if new else 200, f"/api/fhir/Patient/{person.ref}", notes)
    permission, new = consent.put(element, known, seen, notes)
    return _Stored(PERMISSIONS, permission, 201 if new else 200, f"/api/fhir/Consent/{permission.pk}", notes)


def _answer(request: HttpRequest, stored: _Stored) -> HttpResponse:
    """What the caller prefers; without a preference the resource as it is kept, or what was not kept of it."""
    back = wanted_back(request) or ("OperationOutcome" if stored.notes else "representation")
    element = outcome(stored.notes) if back == "OperationOutcome" else _exported(stored.row)
    response = _one(request, stored.resource, stored.row, element, stored.status, stored.where)
    if back == "minimal":
        response.content = b""
    return response


def _exported(row: m.Person | m.Permission) -> Json:
    return patient.export(row) if isinstance(row, m.Person) else consent.export(row)


def _checked(raw: bytes, kind: str) -> Json:
    """A resource of that kind, well formed by ``fhir.resources``. Raises :class:`Problem` 400 or 422."""
    try:
        element = json.loads(raw)
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not JSON.") from None
    if not isinstance(element, dict) or element.get("resourceType") != kind:
        raise refused(f"This is not a {kind}.")
    try:
        _model(kind).model_validate(element)
    except Exception:  # noqa: BLE001 - whatever a foreign reader throws at hostile input is one refusal
        raise refused(f"This is not a well-formed {kind} of FHIR R4.") from None
    return element


def _model(kind: str) -> type[BaseModel]:
    """Imported when it is first needed: a third of a second, which the relay must not pay."""
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 - slow to load, and only for who asks

    found: type[BaseModel] = get_fhir_model_class(kind)
    return found


def _one(
    request: HttpRequest, resource: Resource, row: Any, element: Json, status: int = 200, location: str = ""
) -> HttpResponse:
    response = one(request, {"etag": resource.etags([row.pk])[row.pk]}, status, location)
    if response.status_code != 304:  # noqa: PLR2004 - RFC 9110
        response.content = json.dumps(element, cls=Encoder).encode()
        response["Content-Type"] = MEDIA_TYPE
    return response


def _fhir(element: Json) -> HttpResponse:
    return HttpResponse(json.dumps(element, cls=Encoder), content_type=MEDIA_TYPE)
