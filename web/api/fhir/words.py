"""Names of systems and extensions, and how codings are written."""

from __future__ import annotations

from typing import Any

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
COUNCIL_ID = "urn:sallyport:council-id"
PERMISSION, PARTY, ORGANISATION = "urn:sallyport:permission", "urn:sallyport:party", "urn:sallyport:organisation"
CATEGORY, PURPOSE = "urn:sallyport:category", "urn:sallyport:purpose"
GROUND = "urn:sallyport:ground"
BEST_INTERESTS = "best-interests-decision"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"

Json = dict[str, Any]


def coding(system: str, code: str) -> Json:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code}]}


SCOPE = coding(f"{_TERMINOLOGY}/consentscope", "patient-privacy")
CONSENT_DOCUMENT = coding("http://loinc.org", "59284-0")
OPT_IN = coding(f"{_TERMINOLOGY}/v3-ActCode", "OPTIN")
DECIDED_FOR_THEM = coding(GROUND, BEST_INTERESTS)
RECIPIENT = coding(f"{_TERMINOLOGY}/v3-ParticipationType", "IRCP")


def extension_url(name: str) -> str:
    """``withdrawn_at`` is ``urn:sallyport:fhir:withdrawn-at``."""
    return f"urn:sallyport:fhir:{name.replace('_', '-')}"


def extensions(values: Json, kinds: dict[str, str]) -> Json:
    """Those that say something, as an element to be merged in; ``kinds`` are fields and FHIR's types of value."""
    listed = [
        {"url": extension_url(name), f"value{kind}": written(values[name])}
        for name, kind in kinds.items()
        if values.get(name) not in {None, ""}
    ]
    return {"extension": listed} if listed else {}


def written(value: Any) -> Any:
    """Days and moments in ISO 8601."""
    return value.isoformat() if hasattr(value, "isoformat") else value
