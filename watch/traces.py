"""Where spans go: to a collector by OTLP over HTTP, in the background, and nowhere unless it is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


def tracer(endpoint: str, program: str) -> Tracer | None:
    """For ``endpoint`` (``http://collector:4318/v1/traces``), or None where that is empty.

    Call it after a fork: it starts a thread. What a slow collector does not take is dropped; no mail waits for it.
    """
    if not endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource({"service.name": "sallyport", "service.component": program}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=5)))
    return provider.get_tracer("sallyport")
