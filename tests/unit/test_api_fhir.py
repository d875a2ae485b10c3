"""FHIR R4 out and in: nothing is lost on the way round, and nothing is passed over on the way in."""

from __future__ import annotations

from typing import Any

import pytest
from fhir.resources.R4B.consent import Consent
from fhir.resources.R4B.patient import Patient

from register import models as m
from tests.support.api import Caller, form, one_of_each
from tests.support.vaults import a_record

pytestmark = pytest.mark.usefixtures("database")

NHS = "https://fhir.nhs.uk/Id/nhs-number"
COUNCIL = "urn:sallyport:council-id"
_HL7 = "http://terminology.hl7.org/CodeSystem"
RECIPIENT = {"coding": [{"system": f"{_HL7}/v3-ParticipationType", "code": "IRCP"}]}
PRIVACY = {"coding": [{"system": f"{_HL7}/consentscope", "code": "patient-privacy"}]}
RESEARCH = {"coding": [{"system": f"{_HL7}/consentscope", "code": "research"}]}
NARRATIVE = {"status": "additional", "div": "<div xmlns='http://www.w3.org/1999/xhtml'>x</div>"}
VERIFICATION = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
_CODES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
VERIFIED, UNTRACED = (
    {"url": VERIFICATION, "valueCodeableConcept": {"coding": [{"system": _CODES, "code": code}]}}
    for code in ("01", "02")
)
PATIENT = {
    "resourceType": "Patient",
    "identifier": [{"system": NHS, "value": "999 000 0018"}, {"system": COUNCIL, "value": "SL-00001"}],
    "name": [
        {"use": "official", "family": "Lee", "given": ["Ann"]},
        {"use": "maiden", "text": "Ann Hill", "period": {"end": "2010-05-01"}},
    ],
    "birthDate": "1980-02-29",
}  # fmt: skip


@pytest.fixture
def call(database) -> Caller:
    return Caller()


def fhir(call: Caller, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return call(method, f"/fhir{path}", body, content_type="application/fhir+json", **headers)


def consent(person: str, **more: Any) -> dict[str, Any]:
    """As this service writes it."""
    line = {
        "type": "permit",
        "actor": [
            {
                "role": RECIPIENT,
                "reference": {"identifier": {"system": "urn:sallyport:organisation", "value": "ORG-1"}},
            }
        ],
        "class": [{"system": "urn:sallyport:category", "code": "medical"}],
        "purpose": [{"system": "urn:sallyport:purpose", "display": "his epilepsy"}],
    }  # fmt: skip
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": PRIVACY,
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}]}],
        "identifier": [{"system": "urn:sallyport:permission", "value": "F-9"}],
        "patient": {"reference": person},
        "dateTime": "2026-06-01",
        "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}]},
        "provision": {"type": "deny", "period": {"end": "2027-06-01"}, "provision": [line]},
    } | more  # fmt: skip


def test_a_person_goes_out_and_comes_back_the_same(call):
    """Export, import into an empty register, export: equal but for the reference; and HL7's own models read it."""
    made = one_of_each(call)["person"]
    first = fhir(call, "GET", f"/Patient/{made['ref']}")
    assert first["Content-Type"] == "application/fhir+json"
    out = first.json()
    Patient.model_validate(out)
    for row in (*m.Permission.objects.all(), *m.Person.objects.all()):
        row.delete()
    back = fhir(call, "POST", "/Patient", out)
    assert (back.status_code, back.json() | {"id": ""}) == (201, out | {"id": ""})
    assert call("GET", "/people").json()["items"][0]["names"] == made["names"]


@pytest.mark.parametrize("kind", ["form", "withdrawn form", "best interests"])
def test_a_permission_goes_out_and_comes_back_the_same(call, kind):
    """With every field; a best-interests decision is marked so that nobody takes it for consent."""
    made = one_of_each(call)
    paper = a_record("0SGF3G392SM1XRX4C4DW1WVR70", made["person"]["ref"])
    body = form(made["person"]["ref"], code="X-1", document=paper, reviewed_on="2026-07-01")
    if kind == "best interests":
        act = ("decision", "circumstances", "participation", "wishes", "consulted", "decision_maker", "regaining")
        body |= {"ground": "best-interests decision", "given_by": "decision-maker"} | {n: f"{n} said" for n in act}
    if kind == "withdrawn form":
        moment = "2026-08-01T10:11:12.131415+00:00"
        body |= {"withdrawn_at": moment, "withdrawn_by": "Ann Lee"}
        later = {"since": "2026-06-20T08:00:00+00:00"}
        body["grants"] = [g | later | {"withdrawn_at": moment, "purposes": ["a", "b"]} for g in body["grants"]]
    stored = call.made("/permissions", body)
    out = fhir(call, "GET", f"/Consent/{stored['id']}").json()
    Consent.model_validate(out)
    assert ("modifierExtension" in out) == (kind == "best interests")
    m.Permission.objects.get(pk=stored["id"]).delete()
    back = fhir(call, "POST", "/Consent", out)
    assert (back.status_code, back.json() | {"id": ""}) == (201, out | {"id": ""})
    again = call("GET", "/permissions?code=X-1").json()["items"][0]
    assert again | {"id": 0, "etag": ""} == stored | {"id": 0, "etag": ""}
    assert fhir(call, "GET", f"/Consent?patient={made['person']['ref']}").json()["total"] == 2


def test_what_is_known_is_updated_and_the_same_again_changes_nothing(call):
    """200 instead of 201; names that are not mentioned stay, since they still say whom a document is about."""
    assert fhir(call, "POST", "/Patient", PATIENT).status_code == 201
    before = m.Change.objects.count()
    assert fhir(call, "POST", "/Patient", PATIENT).status_code == 200
    assert m.Change.objects.count() == before
    married = {**PATIENT, "name": [{"use": "official", "text": "Ann Moss"}], "identifier": PATIENT["identifier"][:1]}
    tag = call("GET", "/people").json()["items"][0]["etag"]
    assert fhir(call, "POST", "/Patient", married, if_match=tag).status_code == 200
    names = {n.name: n.main for n in m.PersonName.objects.all()}
    assert names == {"Ann Moss": True, "Ann Lee": False, "Ann Hill": False}


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"modifierExtension": [{"url": "urn:x", "valueString": "b"}]}, 422, "Patient.modifierExtension"),
        ({"implicitRules": "urn:x"}, 422, "Patient.implicitRules"),
        ({"link": [{"type": "replaced-by", "other": {"reference": "Patient/1"}}]}, 422, "Patient.link"),
        ({"extension": [{"url": "urn:sallyport:fhir:left", "valueDate": "2026-01-01"}]}, 422, "extension"),
        ({"identifier": [{**PATIENT["identifier"][0], "extension": [UNTRACED]}]}, 422, "not verified"),
        ({"identifier": [{**PATIENT["identifier"][0], "use": "old"}]}, 422, "identifier.use"),
        ({"identifier": [{**PATIENT["identifier"][0], "period": {"end": "2020-01-01"}}]}, 422, "period.end"),
        ({"identifier": [PATIENT["identifier"][0], PATIENT["identifier"][0]]}, 422, "one NHS number"),
        ({"birthDate": "1980"}, 422, "whole day"),
        ({"deceasedBoolean": True}, 422, "when"),
        ({"active": False}, 422, "active"),
        ({"identifier": [{"system": "urn:x", "value": "1"}]}, 422, "must have an identifier"),
        ({"identifier": [{"system": NHS, "value": "9990000018"}]}, 422, "council ID"),
        ({"identifier": [{"system": NHS, "value": "9990000019"}, PATIENT["identifier"][1]]}, 422, "check digit"),
        ({"name": [{"use": "old", "text": "A"}]}, 422, "former name"),
        ({"name": [{"text": "Ann Lee", "family": "Hill"}]}, 422, "do not agree"),
        ({"name": [{"text": "Ann Lee", "use": "anonymous"}]}, 422, "Patient.name.use"),
        ({"text": NARRATIVE}, 422, "text.status"),
        ({"name": 3}, 422, "well-formed"),
        ({"resourceType": "Consent"}, 422, "not a Patient"),
    ],
)  # fmt: skip
def test_what_has_no_place_is_refused_and_not_dropped(call, change, status, says):
    """One sentence that names the element, never its value; nothing is stored."""
    answer = fhir(call, "POST", "/Patient", {**PATIENT, **change})
    assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.content
    assert m.Person.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"status": "draft"}, "status"),
        ({"status": "inactive"}, "withdrawal"),
        ({"patient": {"reference": "Patient/p-none"}}, "no person"),
        ({"patient": {"reference": "Group/1"}}, "in the register"),
        ({"provision": {"type": "permit"}}, "provision.type"),
        ({"provision": {"type": "deny", "period": {"end": "2027-06-01"}, "code": [{"text": "x"}]}}, "provision.code"),
        ({"verification": [{"verified": False}]}, "verification"),
        ({"performer": [{"reference": "RelatedPerson/1"}]}, "given-by"),
        ({"policy": [{"uri": "urn:x"}]}, "Consent.policy"),
        ({"policyRule": {"coding": [{"system": "urn:x", "code": "y"}]}}, "policyRule"),
        ({"scope": RESEARCH}, "scope"),
        ({"modifierExtension": [{"url": "urn:x", "valueCode": "y"}]}, "modifierExtension"),
        ({"text": NARRATIVE}, "text.status"),
        ({"implicitRules": "urn:x"}, "implicitRules"),
    ],
)  # fmt: skip
def test_a_consent_that_means_something_else_is_refused(call, change, says):
    """A permission that was misread would open somebody's life to the wrong people."""
    person = one_of_each(call)["person"]["ref"]
    answer = fhir(call, "POST", "/Consent", {**consent(f"Patient/{person}"), **change})
    assert (answer.status_code, says in answer.json()["detail"]) == (422, True), answer.content
    assert m.Permission.objects.count() == 1


def test_a_line_may_begin_on_a_whole_day(call):
    """Partners write days; an end of a line has no place: it is withdrawn, or the form's review is due."""
    person = one_of_each(call)["person"]["ref"]
    made = consent(f"Patient/{person}")
    made["provision"]["provision"][0]["period"] = {"start": "2026-07-01", "end": "2026-08-01"}
    answer = fhir(call, "POST", "/Consent", made)
    assert (answer.status_code, "provision.period.end" in answer.json()["detail"]) == (422, True)
    del made["provision"]["provision"][0]["period"]["end"]
    assert fhir(call, "POST", "/Consent", made).status_code == 201
    (line,) = call("GET", "/permissions?code=F-9").json()["items"][0]["grants"]
    assert line["since"] == "2026-07-01T00:00:00+00:00"


def test_a_person_is_not_given_another_s_number(call):
    """What identifies somebody is put right by people."""
    assert fhir(call, "POST", "/Patient", PATIENT).status_code == 201
    other = {**PATIENT, "birthDate": "1981-02-28"}
    assert fhir(call, "POST", "/Patient", other).status_code == 409
    numbered = [{"system": NHS, "value": "9990000026"}, PATIENT["identifier"][1]]
    assert fhir(call, "POST", "/Patient", {**PATIENT, "identifier": numbered}).status_code == 409
    second = {**PATIENT, "identifier": [{"system": COUNCIL, "value": "SL-2"}, {"system": NHS, "value": "9990000026"}]}
    assert fhir(call, "POST", "/Patient", second).status_code == 201
    mixed = {**PATIENT, "identifier": [PATIENT["identifier"][1], {"system": NHS, "value": "9990000026"}]}
    assert "two different" in fhir(call, "POST", "/Patient", mixed).json()["detail"]


def test_a_known_permission_is_replaced_but_never_reopened(call):
    """The same again changes nothing; a withdrawal stays; a code does not move to somebody else."""
    one_of_each(call)
    person = call("GET", "/people").json()["items"][0]["ref"]
    made = consent(f"Patient/{person}")
    assert fhir(call, "POST", "/Consent", made).status_code == 201
    before = m.Change.objects.count()
    assert fhir(call, "POST", "/Consent", made, if_match="*").status_code == 200
    assert m.Change.objects.count() == before
    withdrawn = {"url": "urn:sallyport:fhir:withdrawn-at", "valueDateTime": "2026-11-01T10:00:00Z"}
    gone = {**made, "status": "inactive", "extension": [withdrawn]}
    assert fhir(call, "POST", "/Consent", gone, if_match="*").status_code == 200
    assert "not taken back" in fhir(call, "POST", "/Consent", made, if_match="*").json()["detail"]
    other = call.made("/people", {"council_id": "SL-9", "names": [{"name": "Ben Moss", "main": True}]})
    elsewhere = {**made, "patient": {"reference": f"Patient/{other['ref']}"}}
    moved = fhir(call, "POST", "/Consent", elsewhere, if_match="*")
    assert (moved.status_code, "never changes" in moved.json()["detail"]) == (422, True)
    assert m.Permission.objects.get(code="F-9").withdrawn_at is not None


@pytest.mark.parametrize("in_a_bundle", [False, True])
def test_an_old_copy_of_a_form_does_not_widen_it_again(call, in_a_bundle):
    """428 where nobody says which state was seen, 412 for an old one; until it is the present one nothing changes."""
    made = one_of_each(call)["form"]
    old = fhir(call, "GET", f"/Consent/{made['id']}")
    narrowed = [g | {"categories": ["legal"]} for g in made["grants"]]
    now = call("PATCH", f"/permissions/{made['id']}", {"grants": narrowed}, if_match=made["etag"])
    assert now.status_code == 200, now.content

    def send(**seen: str) -> int:
        if not in_a_bundle:
            return fhir(call, "POST", "/Consent", old.json(), **seen).status_code
        sent = bundle(PATIENT, old.json())
        sent["entry"][1]["request"] |= {"ifMatch": seen["if_match"]} if seen else {}
        return fhir(call, "POST", "", sent).status_code

    assert (send(), send(if_match=old["ETag"])) == (428, 412)
    assert {tuple(g.categories) for g in m.Grant.objects.all()} == {("legal",)}
    assert send(if_match=now["ETag"]) == 200
    assert {tuple(g.categories) for g in m.Grant.objects.all()} == {("medical",)}


def test_a_known_person_is_changed_by_who_has_seen_them(call):
    """Otherwise a married name would give way to an old copy; an old ETag is refused in any case."""
    tag = fhir(call, "POST", "/Patient", PATIENT)["ETag"]
    left = {**PATIENT, "active": False, "deceasedDateTime": "2026-10-01"}
    assert fhir(call, "POST", "/Patient", left).status_code == 428
    assert m.Person.objects.get().died_on is None
    assert fhir(call, "POST", "/Patient", left, if_match='"0"').status_code == 412
    assert fhir(call, "POST", "/Patient", PATIENT, if_match='"0"').status_code == 412
    assert m.Person.objects.get().died_on is None
    assert fhir(call, "POST", "/Patient", left, if_match=tag).status_code == 200
    assert m.Person.objects.get().died_on is not None


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [
        {"fullUrl": f"urn:uuid:{n}", "resource": r, "request": {"method": "POST", "url": r["resourceType"]}}
        for n, r in enumerate(resources)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def test_a_bundle_is_all_or_nothing(call):
    """A permission may come before its person, and refers to them by their address in the bundle."""
    call.made("/organisations", {"code": "ORG-1", "name": "Surgery"})
    bad = bundle(PATIENT, consent("urn:uuid:0", status="draft"))
    assert fhir(call, "POST", "", bad).status_code == 422
    assert m.Person.objects.count() == 0
    good = fhir(call, "POST", "", bundle(consent("urn:uuid:1"), PATIENT), idempotency_key="b-1")
    assert good.status_code == 200
    assert [e["response"]["status"] for e in good.json()["entry"]] == ["201", "201"]
    assert m.Permission.objects.get().person.council_id == "SL-00001"
    again = fhir(call, "POST", "", bundle(consent("urn:uuid:1"), PATIENT), idempotency_key="b-1")
    assert (again.content, again["Content-Type"]) == (good.content, "application/fhir+json")


def test_a_patient_by_number_in_a_consent(call):
    """NHS partners know the NHS number, not our reference."""
    one_of_each(call)
    named = {"identifier": {"system": NHS, "value": "9990000018"}}
    assert fhir(call, "POST", "/Consent", {**consent(""), "patient": named}).status_code == 201


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b"[" * 100_000, b'{"resourceType": "Patient", "name": "\\ud800"}', b"\xff"]
)
def test_rubbish_is_refused(call, raw):
    assert fhir(call, "POST", "/Patient", raw).status_code in {400, 422}
