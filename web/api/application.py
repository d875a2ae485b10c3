"""The API, put together: every resource, the reviews, the feed, the webhooks, FHIR; and its own description."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI

from web.api import feed, problems, reviews, webhooks
from web.api.docs import Page
from web.api.fhir.routes import router as fhir
from web.api.resources import routes
from web.api.resources.listed import ALL
from web.api.words import known_only


class SallyportAPI(NinjaAPI):
    """Says in its description that errors are problem details (RFC 9457)."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        """OpenAPI 3.1."""
        schema = super().get_openapi_schema(*args, **kwargs)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, said in operation["responses"].items():
                    if int(status) >= 400 and "content" in said:  # noqa: PLR2004 - RFC 9110 section 15
                        said["content"] = {problems.MEDIA_TYPE: said["content"].pop("application/json")}
        return schema


def build() -> NinjaAPI:
    """Every route, with its scope."""
    made = SallyportAPI(
        title="Sallyport", version="1", docs=Page(), docs_url="/docs", openapi_url="/openapi.json",
        urls_namespace="api",
        description="The register of a Shared Lives service, for the council's case system.",
    )  # fmt: skip
    problems.handle_in(made)
    made.add_decorator(known_only, mode="view")
    for resource in ALL:
        made.add_router(f"/{resource.path}", routes.router(resource))
    made.add_router("", reviews.router)
    made.add_router("/changes", feed.router)
    made.add_router("/webhooks", webhooks.router)
    made.add_router("/fhir", fhir)
    return made


api = build()
