"""Sends spans to an OpenTelemetry collector when one is set."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domains.kernel.monitoring import traces
from gateway.settings import Settings


@asynccontextmanager
async def exported(settings: Settings) -> AsyncIterator[None]:
    """Record spans and send them while the body runs; nothing without OTEL_EXPORTER_OTLP_ENDPOINT.

    When the collector does not answer, spans are dropped and the failure is logged.
    """
    if settings.otel_exporter_otlp_endpoint is None:
        yield
        return
    from gateway.monitoring.otlp import provider_of  # noqa: PLC0415 - the SDK is needed only here

    endpoint = settings.otel_exporter_otlp_endpoint.get_secret_value()
    provider = provider_of(endpoint, settings.otel_service_name, settings.otel_traces_sampler_arg)
    traces.install(provider.get_tracer("commerce"))
    try:
        yield
    finally:
        traces.install(None)
        await asyncio.to_thread(provider.shutdown)  # sends what is left
