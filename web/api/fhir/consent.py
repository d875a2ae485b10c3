"""``Consent``: a 'Permission to share' form, or a best-interests decision, marked so that none takes it for consent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.permission import Ground
from register import models as m
from web.api.fhir import patient, words
from web.api.fhir.taking import Note, Taking, refused, start
from web.api.fhir.words import Json
from web.api.replies import require_seen
from web.api.resources import storing
from web.api.resources.listed import PERMISSIONS

_EXTENSIONS = {
    "given_by": "Code", "how": "Code", "document": "String", "reviewed_on": "Date", "review_outcome": "String",
    "withdrawn_at": "DateTime", "withdrawn_by": "String", "decision": "String", "circumstances": "String",
    "regaining": "String", "participation": "String", "wishes": "String", "consulted": "String",
    "representative": "String", "decision_maker": "String",
}  # fmt: skip
_OF_A_LINE = {"withdrawn_at": "DateTime"}
_HARMLESS = ("organization", "sourceAttachment", "sourceReference", "contained")
"""Who keeps the form, and where it can be seen: the register has the vault's record of it."""
_MARK = [{"url": words.extension_url("ground"), "valueCode": words.BEST_INTERESTS}]


def export(row: m.Permission) -> Json:
    """As FHIR R4: everything is denied, but for what the lines permit."""
    body = PERMISSIONS.show([row])[0]
    decided = body["ground"] == Ground.BEST_INTERESTS.value
    made: Json = {"resourceType": "Consent", "id": str(row.pk)} | words.extensions(body, _EXTENSIONS)
    if decided:
        made["modifierExtension"] = _MARK
    made["identifier"] = [{"system": words.PERMISSION, "value": body["code"]}]
    made |= {"status": "active" if body["withdrawn_at"] is None else "inactive", "scope": words.SCOPE}
    made |= {"category": [words.CONSENT_DOCUMENT], "patient": {"reference": f"Patient/{body['person']}"}}
    made |= {"dateTime": words.written(body["signed_on"])}
    made["policyRule"] = words.DECIDED_FOR_THEM if decided else words.OPT_IN
    made["provision"] = {"type": "deny", "period": {"end": words.written(body["review_due"])}}
    if body["grants"]:
        made["provision"]["provision"] = [_line(g) for g in body["grants"]]
    return made


def _line(grant: Json) -> Json:
    system, code = (words.PARTY, grant["party"]) if grant["party"] else (words.ORGANISATION, grant["organisation"])
    made: Json = words.extensions(grant, _OF_A_LINE) | {"type": "permit"}
    made["actor"] = [{"role": words.RECIPIENT, "reference": {"identifier": {"system": system, "value": code}}}]
    made["class"] = [{"system": words.CATEGORY, "code": c} for c in grant["categories"]]
    if grant["purposes"]:
        made["purpose"] = [{"system": words.PURPOSE, "display": p} for p in grant["purposes"]]
    if grant["since"]:
        made["period"] = {"start": words.written(grant["since"])}
    return made


def put(element: Any, known: Mapping[str, str], seen: str, notes: list[Note]) -> tuple[m.Permission, bool]:
    """Stores it whole, and whether it is new. ``known`` are people of the same bundle, by the address used there.

    ``seen`` is an If-Match. A form that is recorded is replaced only by somebody who has seen its present state: an old
    copy would let in again whom the person has shut out since. Raises :class:`Problem` 428 or 412.
    """
    body = storing.checked(PERMISSIONS.shape, read(element, known, notes))
    row = m.Permission.objects.select_for_update().filter(code=body.code).first()  # type: ignore[attr-defined]
    if row is None:
        return storing.create(PERMISSIONS, body), True
    require_seen(seen, PERMISSIONS.etags([row.pk])[row.pk])
    storing.replace(PERMISSIONS, row, body)
    return row, False


def read(element: Any, known: Mapping[str, str], notes: list[Note]) -> Json:
    """The permission's fields; ``notes`` gets what is not kept. Nothing about who may know what is among that."""
    resource = start(element, "Consent", notes)
    said = resource.extensions(_EXTENSIONS, foreign=True)
    _by_the_person(resource)
    _verified(resource)
    resource.pass_over(*_HARMLESS)
    said |= {"code": _code(resource.each("identifier")), "person": _person(resource.inside("patient"), known)}
    resource.must_be("scope", words.SCOPE)
    resource.must_be("category", [words.CONSENT_DOCUMENT])
    decided = resource.take("modifierExtension")
    if decided not in (None, _MARK):
        raise refused("Consent.modifierExtension can only mark a best-interests decision.")
    said["ground"] = (Ground.BEST_INTERESTS if decided else Ground.FORM).value
    resource.must_be("policyRule", words.DECIDED_FOR_THEM if decided else words.OPT_IN)
    said["signed_on"] = resource.day("dateTime")
    if resource.text("status") != ("inactive" if said.get("withdrawn_at") else "active"):
        raise refused("Consent.status must be active, or inactive together with the moment of the withdrawal.")
    said |= _provision(resource.inside("provision"))
    resource.pass_over_extensions()
    resource.done()
    return said


def _by_the_person(resource: Taking) -> None:
    """Somebody else who agreed is said in the extension ``given-by``: an attorney is not the person."""
    patient_, performers = resource.peek("patient"), resource.peek("performer")
    if performers is None:
        return
    said = [_whom(p) for p in (patient_, *(performers if isinstance(performers, list) else [None]))]
    if len(set(said)) != 1:
        raise refused("Consent.performer can only be the patient; who else agreed is said in the extension given-by.")
    resource.skip("performer")


def _whom(reference: Any) -> str:
    """What a reference names, whatever it shows besides."""
    named = reference if isinstance(reference, dict) else {}
    identifier = named.get("identifier") or {}
    return f"{named.get('reference')} {identifier.get('system')} {identifier.get('value')}"


def _verified(resource: Taking) -> None:
    """With whom it was gone through is not kept; that it was not would make it another permission."""
    for item in resource.each("verification"):
        if item.take("verified") is not True:
            raise refused("Consent.verification says that nobody has gone through it with the person or their family.")
        item.notes.append(Note(item.where))


def _code(listed: list[Taking]) -> str:
    if len(listed) != 1:
        raise refused("Consent.identifier must be one, of the system urn:sallyport:permission.")
    listed[0].must_be("system", words.PERMISSION)
    code = listed[0].text("value")
    listed[0].done()
    return code


def _person(reference: Taking, known: Mapping[str, str]) -> str:
    reference.skip("type", "display")
    address, named = reference.text("reference"), reference.take("identifier")
    reference.done()
    if address in known:
        return known[address]
    if named is not None:
        row = patient.find(patient.identifiers([Taking(named, "Consent.patient.identifier")]))
        address = f"Patient/{row.ref}" if row else ""
    if not address.startswith("Patient/"):
        raise refused("Consent.patient must be somebody in the register, or in the same bundle.")
    return address.removeprefix("Patient/")


def _provision(root: Taking) -> Json:
    root.must_be("type", "deny")
    period = root.inside("period")
    due = period.day("end")
    period.done()
    lines = [_read_line(item) for item in root.each("provision")]
    root.done()
    return {"review_due": due, "grants": lines}


def _read_line(item: Taking) -> Json:
    said = item.extensions(_OF_A_LINE)
    if item.text("type") != "permit":
        raise refused(f"{item.where}.type must be permit: what is not permitted is denied.")
    actors = item.each("actor")
    if len(actors) != 1:
        raise refused(f"{item.where}.actor must be one.")
    said |= _named(actors[0])
    said["categories"] = [_coded(c, words.CATEGORY, "code") for c in item.each("class")]
    said["purposes"] = [_coded(c, words.PURPOSE, "display") for c in item.each("purpose")]
    period = item.inside("period")
    said["since"] = period.moment("start")
    period.done()
    item.done()
    return said


def _named(actor: Taking) -> Json:
    actor.must_be("role", words.RECIPIENT)
    reference = actor.inside("reference")
    reference.skip("type", "display")
    identifier = reference.inside("identifier")
    field = {words.PARTY: "party", words.ORGANISATION: "organisation"}.get(identifier.text("system"))
    if field is None:
        raise refused("Who may know is named by the code of a party or an organisation in the register.")
    said = {field: identifier.text("value")}
    for element in (identifier, reference, actor):
        element.done()
    return said


def _coded(item: Taking, system: str, name: str) -> str:
    if item.text("system") != system:
        raise refused(f"{item.where}: only codes of {system} can be kept.")
    value = item.text(name)
    item.skip("display")
    item.done()
    return value
