"""FHIR R4 ``Patient`` and ``Consent`` for NHS partners, out and in; docs/api.md has the mapping."""
