"""Spans that tests record in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

from domains.kernel.monitoring import traces


@contextmanager
def recording(ratio: float = 1.0) -> Iterator[InMemorySpanExporter]:
    """Record this share of the traces that begin in the body."""
    provider, exporter = TracerProvider(sampler=ParentBasedTraceIdRatio(ratio)), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    traces.install(provider.get_tracer("test"))
    try:
        yield exporter
    finally:
        traces.install(None)
        provider.shutdown()
