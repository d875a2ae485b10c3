"""The REST API over the register (OpenAPI 3.1 at ``/api/docs``); docs/api.md describes it for those who call it."""
