"""What an NHS partner really sends: more than the register may keep. It is taken, and what was not kept is said."""

from __future__ import annotations

from typing import Any

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from register import models as m
from tests.support.api import Caller, one_of_each
from tests.unit.test_api_fhir import COUNCIL, NHS, PATIENT, VERIFIED, bundle, consent, fhir

pytestmark = pytest.mark.usefixtures("database")
SECRET, UK_CORE = "Kirkgate", "https://fhir.hl7.org.uk/StructureDefinition"
PARTNERS = {
    "resourceType": "Patient",
    "id": "9990000018",
    "meta": {"versionId": "2", "profile": [f"{UK_CORE}/UKCore-Patient"]},
    "language": "en-GB",
    "extension": [{"url": f"{UK_CORE}/Extension-UKCore-EthnicCategory", "valueCode": "A"}],
    "identifier": [
        {"system": NHS, "value": "9990000018", "use": "official", "extension": [VERIFIED],
         "period": {"start": "2001-01-01"}},
        {"system": COUNCIL, "value": "SL-00001"},
        {"system": "https://trust.example/mrn", "value": "RXX-1", "type": {"text": "MRN"}},
    ],
    "active": True,
    "name": [
        {"id": "n1", "use": "usual", "text": "LEE, Ann (Ms)", "family": "Lee", "given": ["Ann"], "prefix": ["Ms"]},
    ],
    "telecom": [{"system": "phone", "value": "01632 960000"}],
    "gender": "female",
    "birthDate": "1980-02-29",
    "_birthDate": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
                                  "valueDateTime": "1980-02-29T06:30:00Z"}]},
    "deceasedDateTime": "2026-06-30T23:30:00Z",
    "address": [{"use": "home", "line": [SECRET]}],
    "maritalStatus": {"text": "single"},
    "multipleBirthInteger": 2,
    "photo": [{"url": "https://trust.example/p.jpg"}],
    "contact": [{"name": {"text": "May Lee"}}],
    "communication": [{"language": {"text": "English"}}],
    "generalPractitioner": [{"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A1"}}],
    "managingOrganization": {"reference": "#org"},
    "contained": [{"resourceType": "Organization", "id": "org", "name": "Trust"}],
}  # fmt: skip
NOT_KEPT = {
    "information": {
        *("Patient.identifier", "Patient.telecom", "Patient.gender", "Patient.deceasedDateTime", "Patient.address"),
        *("Patient.maritalStatus", "Patient.multipleBirthInteger", "Patient.photo", "Patient.contact"),
        *("Patient.communication", "Patient.generalPractitioner", "Patient.managingOrganization"),
        *("Patient.contained", "Patient.name.prefix"),
    },
    "warning": {"Patient.extension", "Patient._birthDate", "Patient.identifier.extension"},
}


@pytest.fixture
def call(database) -> Caller:
    return Caller()


def said(body: dict[str, Any]) -> dict[str, set[str]]:
    """By severity, the elements; and it is what HL7 calls an OperationOutcome."""
    OperationOutcome.model_validate(body)
    found: dict[str, set[str]] = {}
    for issue in body["issue"]:
        found.setdefault(issue["severity"], set()).update(issue.get("expression", ["-"]))
    return found


def test_a_partners_patient_is_taken_and_what_is_not_kept_is_said(call: Caller) -> None:
    """Each element by its name, none of its values; the resource is where Location says."""
    answer = fhir(call, "POST", "/Patient", PARTNERS)
    assert (answer.status_code, said(answer.json())) == (201, NOT_KEPT)
    assert SECRET not in answer.content.decode()
    person = m.Person.objects.get()
    assert (person.council_id, person.nhs_number, str(person.died_on)) == ("SL-00001", "9990000018", "2026-07-01")
    assert [(n.name, n.main) for n in m.PersonName.objects.all()] == [("Ann Lee", True)]
    assert call("GET", answer["Location"]).json()["birthDate"] == "1980-02-29"


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [
        ("return=representation", "Patient"),
        ("respond-async, return=OperationOutcome", "OperationOutcome"),
        ('return="minimal"', ""),
        ("return=everything", "OperationOutcome"),
    ],
)
def test_what_comes_back_is_what_the_caller_prefers(call: Caller, prefer: str, kind: str) -> None:
    """RFC 7240; Location and ETag in any case."""
    answer = fhir(call, "POST", "/Patient", PARTNERS, prefer=prefer)
    assert answer.status_code == 201
    assert (answer.json()["resourceType"] if answer.content else "") == kind
    assert answer["ETag"]
    assert answer["Location"].startswith("/api/fhir/Patient/")


def test_where_everything_was_kept_the_outcome_says_so(call: Caller) -> None:
    """Without a preference the resource itself comes back."""
    assert fhir(call, "POST", "/Patient", PATIENT).json()["resourceType"] == "Patient"
    again = fhir(call, "POST", "/Patient", PATIENT, prefer="return=OperationOutcome")
    assert (again.status_code, said(again.json())) == (200, {"information": {"-"}})


def test_each_entry_of_a_bundle_says_what_was_not_kept(call: Caller) -> None:
    """In its own outcome; an entry that was kept whole has none."""
    call.made("/organisations", {"code": "ORG-1", "name": "Surgery"})
    partners = {n: v for n, v in PARTNERS.items() if n != "deceasedDateTime"}
    answer = fhir(call, "POST", "", bundle(consent("urn:uuid:1"), partners))
    first, second = (e["response"] for e in answer.json()["entry"])
    assert "outcome" not in first
    assert said(second["outcome"])["information"] == NOT_KEPT["information"] - {"Patient.deceasedDateTime"}


def test_a_consent_from_elsewhere_may_say_who_keeps_it_and_where_it_is(call: Caller) -> None:
    """And that the patient agreed, and somebody went through it with her. Of who may know nothing is passed over."""
    person = one_of_each(call)["person"]["ref"]
    who = {"reference": f"Patient/{person}"}
    more = {
        "performer": [who | {"display": "Ann Lee"}],
        "organization": [{"display": "Trust"}],
        "sourceReference": {"reference": "DocumentReference/1"},
        "verification": [{"verified": True, "verifiedWith": who}],
        "extension": [{"url": "urn:x", "valueString": "b"}],
    }
    answer = fhir(call, "POST", "/Consent", {**consent(f"Patient/{person}"), **more})
    assert answer.status_code == 201
    kept = {"Consent.organization", "Consent.sourceReference", "Consent.verification"}
    assert said(answer.json()) == {"information": kept, "warning": {"Consent.extension"}}


@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [
        ("?_format=json", "", 200),
        ("?_format=application/json", "", 200),
        ("?_format=application/fhir%2Bjson", "application/xml", 200),
        ("?_format=application/fhir+json", "", 200),
        ("?_format=xml", "", 406),
        ("?_format=application/fhir%2Bxml", "application/json", 406),
        ("?_format=", "", 406),
        ("", "application/fhir+json; fhirVersion=4.0", 200),
        ("", "text/html, */*;q=0.1", 200),
        ("", "application/fhir+xml", 406),
        ("", "text/turtle, application/json;q=0", 406),
    ],
)
def test_fhir_is_answered_in_json_or_not_at_all(call: Caller, query: str, accept: str, status: int) -> None:
    """``_format`` stands over Accept; what nobody reads is not sent, and not stored either."""
    ref = one_of_each(call)["person"]["ref"]
    headers = {"accept": accept} if accept else {}
    assert fhir(call, "GET", f"/Patient/{ref}{query}", **headers).status_code == status
    both = f"?patient={ref}&{query[1:]}" if query else f"?patient={ref}"
    assert fhir(call, "GET", f"/Consent{both}", **headers).status_code == status
    other = {**PATIENT, "identifier": [{"system": COUNCIL, "value": "SL-7"}]}
    answer = fhir(call, "POST", f"/Patient{query}", other, **headers)
    assert answer.status_code == (201 if status == 200 else status)
    assert m.Person.objects.filter(council_id="SL-7").exists() == (status == 200)


def test_a_body_that_is_not_json_is_refused(call: Caller) -> None:
    answer = call("POST", "/fhir/Patient", b"<Patient/>", content_type="application/fhir+xml")
    assert answer.status_code == 415
