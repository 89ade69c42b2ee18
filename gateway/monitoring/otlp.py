"""The OpenTelemetry SDK as it is set up for a collector. Imported only where spans are recorded."""

from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

TIMEOUT_SECONDS: Final = 5.0


def provider_of(endpoint: str, service: str, ratio: float) -> TracerProvider:
    """A provider that records this share of new traces and sends their spans in batches (OTLP over HTTP).

    Headers, certificates and the sizes of batches come from the variables OTEL_... that the SDK reads.
    """
    provider = TracerProvider(
        sampler=ParentBasedTraceIdRatio(ratio),
        resource=Resource.create({SERVICE_NAME: service}),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=TIMEOUT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
