"""What is observed of an event: its trace, and its ids in every log line that is written about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry.trace import Span, SpanKind
from structlog.contextvars import bound_contextvars

from domains.kernel.events import Envelope
from domains.kernel.monitoring import traces


@contextmanager
def logged(envelope: Envelope) -> Iterator[None]:
    """Log lines of the body have the ids of the event, of its company, of who caused it, and of its trace."""
    with bound_contextvars(**_fields(envelope)), traces.continued(envelope.traceparent):
        yield


@contextmanager
def traced(envelope: Envelope, action: str, kind: SpanKind = SpanKind.CONSUMER) -> Iterator[Span]:
    """The same with a span, `process order.created`, in the trace of the request that caused the event."""
    attributes = {
        "messaging.destination.name": envelope.topic,
        "messaging.operation.name": action,
        "messaging.message.id": str(envelope.id),
    }
    span = traces.entry(envelope.traceparent, f"{action} {envelope.topic}", kind, attributes)
    with bound_contextvars(**_fields(envelope)), span as recorded:
        yield recorded


def _fields(envelope: Envelope) -> dict[str, Any]:
    return {
        "event_id": str(envelope.id),
        "topic": envelope.topic,
        "company": str(envelope.company_id) if envelope.company_id else None,
        "user": str(envelope.actor_id) if envelope.actor_id else None,
    }
